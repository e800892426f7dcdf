/** A show behind a tunnel: its stage, open on the server's own machine, sends phones to the public address of the moment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Host } from '../faults/support/host.ts';
import { placeStandIn, processOf } from '../scripts/support/tunnel.ts';
import { misplaced } from './support/boxes.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { LOOPBACK, Venue } from './support/venue.ts';

let folder: string;
let host: Host;
let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tunnel-'));
  host = await Host.open({ tunnel: placeStandIn(join(folder, 'bin')) });
  venue = await Venue.open(host, LOOPBACK);
  const product = { name: 'Last seats', capacity: 50, unitPrice: 80 };
  presenter = await Presenter.opens(venue, host.debugToken, [product]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await host.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The address that the code on the stage says, in full size. */
async function shownAddress(): Promise<string> {
  const code = presenter.stage.getByRole('region', { name: 'Join, in large' }).getByRole('img');
  await code.and(presenter.stage.getByLabel(/^QR code that opens https:/)).waitFor();
  const label = await code.getAttribute('aria-label');
  return new URL(label?.replace(/^.* opens /, '') ?? '').origin;
}

it('sends phones to the public address, and to the next one when that changes, and says so', async () => {
  const { stage, control } = presenter;
  await stage.bringToFront();
  await stage.keyboard.press('q');
  const first = await shownAddress();
  expect(await stage.getByText('Works on this computer only').count()).toBe(0);
  await shoot(stage, 'stage-public-address');

  process.kill(processOf(first), 'SIGKILL');
  await expect.poll(shownAddress).not.toBe(first);
  const second = await shownAddress();
  await stage.keyboard.press('q');
  const notice = stage.getByRole('alert').filter({ hasText: 'The public address has changed:' });
  await expect.poll(() => notice.innerText()).toContain(new URL(second).host);
  expect(await misplaced(stage)).toEqual([]);
  await shoot(stage, 'stage-public-address-changed');

  await control.bringToFront();
  await control.getByRole('link', { name: /Pre-flight/ }).click();
  await control.getByRole('img', { name: `QR code that opens ${second}/j/${presenter.code}` }).waitFor();
  await shoot(control, 'preflight-public-address');
});
