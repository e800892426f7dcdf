/** The machine that runs the show dies in the middle of it, and is started again on the same folder. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { Host } from '../faults/support/host.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectOneTruth, readLog, readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'last-seats';
/** How soon a phone has to say that the connection is gone, milliseconds. */
const SAID_WITHIN_MS = 5_000;

let host: Host;
let venue: Venue;
let presenter: Presenter;
let phones: [Phone, Phone];
/** What the phones had been promised, and the log held, when the server died. */
let confirmedBefore: number[];
let logBefore: RoomEvent[];

beforeAll(async () => {
  host = await Host.open();
  venue = await Venue.open(host);
  const product = { name: 'Last seats', capacity: 50, unitPrice: 80 };
  presenter = await Presenter.opens(venue, host.debugToken, [product]);
  phones = [
    new Phone(await venue.page(await venue.phone(), 'first phone')),
    new Phone(await venue.page(await venue.phone(), 'second phone')),
  ];
  await Promise.all(phones.map((phone) => phone.joinsByLink(presenter.code)));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  await host.end();
});

it('says on every phone, in words, that the room is gone, and takes no taps', async () => {
  venue.expects(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/);
  await presenter.switchTo('eventual');
  await Promise.all(phones.map((phone) => phone.shows('eventual')));
  await Promise.all(phones.map((phone) => phone.taps(5)));
  await expect.poll(() => waiting()).toBe(0);
  confirmedBefore = await Promise.all(phones.map(granted));
  expect(confirmedBefore).toEqual([5, 5]);
  logBefore = await readLog(presenter, SKU);

  // Dies with a crowd in flight: some of it is written, some is not, and nobody was told.
  await presenter.sendCrowd(50);
  await host.kill();
  for (const phone of phones) {
    const sign = phone.page.getByRole('button', { name: /No connection|No network/ });
    await sign.waitFor({ timeout: SAID_WITHIN_MS });
    expect(await sign.innerText()).toContain('taps do not count');
    expect(await phone.connection()).toMatch(/reconnecting|no network/);
    await phone.taps(3);
    expect(await granted(phone), 'tickets after taps that do not count').toBe(5);
  }
  expect(await waiting(), 'taps kept for later').toBe(0);
  await presenter.stage.getByText(/reconnecting/).waitFor();
  await shoot(phones[0].page, 'phone-no-connection');
  await shoot(presenter.stage, 'stage-reconnecting');
  await shoot(presenter.control, 'control-reconnecting');
});

it('brings phones and stage back by themselves, with nothing lost and nothing done twice', async () => {
  await host.start();
  for (const phone of phones) await phone.ready();
  await presenter.stage.getByText('● live').waitFor();
  await expectOneTruth(presenter, SKU, 'eventual');
  expect(await Promise.all(phones.map(granted))).toEqual(confirmedBefore);

  const log = await readLog(presenter, SKU);
  expect(log.slice(0, logBefore.length), 'the log goes on where it was').toEqual(logBefore);
  const ops = log.filter((event): event is EventOf<'allocated'> => event.kind === 'allocated');
  expect(new Set(ops.map(({ body }) => body.op)).size, 'each op once').toBe(ops.length);
  const people = new Set(await Promise.all(phones.map((phone) => phone.label())));
  expect(ops.filter(({ body }) => people.has(body.who)).length).toBe(10);
});

it('goes on: a tap buys, and the audit of the whole show holds', async () => {
  const before = await readState(presenter, SKU);
  await phones[0].taps(1);
  await expect
    .poll(async () => (await readState(presenter, SKU)).lanes.eventual?.acknowledged)
    .toBe(ofLane(before.lanes, 'eventual').acknowledged + 1);
  await expectOneTruth(presenter, SKU, 'eventual');
  expect((await presenter.audit()).broken).toEqual([]);
});

/** Ops that a phone was told it has, overwritten later or not. */
async function granted(phone: Phone): Promise<number> {
  const { confirmed, overwritten } = await phone.tally();
  return confirmed + overwritten;
}

async function waiting(): Promise<number> {
  const tallies = await Promise.all(phones.map((phone) => phone.tally()));
  return tallies.reduce((sum, tally) => sum + tally['on their way'], 0);
}
