/** A presenter's presses: what a key may do, what it must not do later, and what stays where it was pressed. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Proxy } from '../faults/support/proxy.ts';
import { turnsGuardrail } from './support/keyboard.ts';
import { Presenter } from './support/presenter.ts';
import { readLog, readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'clicker';

let venue: Venue;
let network: Proxy;
let presenter: Presenter;
let stage: Page;

beforeAll(async () => {
  network = await Proxy.to(inject('host').port);
  venue = await Venue.open({ port: Number(new URL(network.url).port) });
  const product = { name: 'Clicker', capacity: 10, unitPrice: 20 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  ({ stage } = presenter);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await network.close();
});

const step = async () => (await readState(presenter, SKU)).step;

it('keeps the sign-in of a link when the page is loaded again', async () => {
  const context = await venue.device({});
  const door = await venue.page(context, 'door');
  await door.goto(`/#signin=${inject('host').debugToken}`);
  await door.getByText('Signed in by link').waitFor();
  await door.reload();
  await door.getByText('Signed in by link').waitFor();
  expect(door.url(), 'the token is not in the address').not.toContain('signin');
  await context.close();
});

it('trips the guardrail by two presses of T, without a dialog, and by no single or held one', async () => {
  const tripped = async () => (await readState(presenter, SKU)).guardrail.tripped;
  const words = stage.getByText('again trips the guardrail by hand.');
  await stage.bringToFront();
  await stage.keyboard.press('t');
  await words.waitFor();
  expect(await stage.getByRole('dialog').count()).toBe(0);
  await stage.dispatchEvent('body', 'keydown', { key: 't', code: 'KeyT', repeat: true, bubbles: true });
  // A slip is forgotten, and says so by going.
  await words.waitFor({ state: 'detached' });
  expect(await tripped()).toBe(false);
  await turnsGuardrail(stage, 'trips');
  await expect.poll(tripped).toBe(true);
  await turnsGuardrail(stage, 'clears');
  await expect.poll(tripped).toBe(false);
});

it('trips nothing later by two presses while the network was gone, and says so', async () => {
  network.stall();
  await turnsGuardrail(stage, 'trips');
  await stage.getByText('Not connected: nothing was changed.').waitFor();
  network.heal();
  await stage.getByText('● live').waitFor();
  // The room has heard everything that the old link still carried before it hears this.
  await turnsGuardrail(stage, 'trips');
  await expect.poll(async () => (await readState(presenter, SKU)).guardrail.tripped).toBe(true);
  await turnsGuardrail(stage, 'clears');
  await expect.poll(async () => (await readState(presenter, SKU)).guardrail.tripped).toBe(false);
  const trips = (await presenter.control.locator('.feed').innerText()).match(/Guardrail tripped/g);
  expect(trips, 'the one of the test before, and the one after the network was back').toHaveLength(2);
});

it('takes the large code away when the page is turned', async () => {
  await stage.keyboard.press('q');
  await stage.locator('.over').waitFor();
  await stage.keyboard.press('PageDown');
  await stage.locator('.over').waitFor({ state: 'detached' });
  await expect.poll(step).toBe(2);
});

it('turns no page later by a key that was pressed while the network was gone and nobody had noticed', async () => {
  network.stall();
  // Step 2 waits for its GO: that is what the key would give.
  await stage.keyboard.press('PageDown');
  await stage.getByText('Not connected: nothing was changed.').waitFor();
  network.heal();
  await stage.getByText('● live').waitFor();
  // The room has heard everything that the old link still carried before it hears this.
  await stage.keyboard.press('PageUp');
  await expect.poll(step).toBe(1);
  const log = await readLog(presenter, SKU);
  const after = log.slice(log.findLastIndex(({ kind }) => kind === 'held') + 1);
  const turns = after.filter(({ kind }) => ['step', 'go', 'mode'].includes(kind));
  expect(turns, 'the lost press').toMatchObject([{ kind: 'step', body: { step: 1 } }]);
});

it('offers no renewal, and no change, of a show that has ended', async () => {
  const second = await venue.page(presenter.context, 'second control');
  await second.goto(`/control/${presenter.code}`);
  await second.getByRole('button', { name: 'Renew' }).waitFor();
  await presenter.control.getByRole('button', { name: 'End the show…' }).click();
  await presenter.control.getByRole('button', { name: 'End it for everybody' }).click();
  await second.getByText('this show has ended').waitFor();
  expect(await second.getByRole('button', { name: 'Renew' }).count()).toBe(0);
  await stage.getByText('This show has ended.').first().waitFor();
  for (const [name, page] of Object.entries({ stage, control: second })) {
    for (const key of ['t', 'r', 'g']) await page.keyboard.press(key);
    expect(await page.getByRole('dialog').count(), name).toBe(0);
  }
});
