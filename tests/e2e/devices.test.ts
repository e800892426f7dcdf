/** Phones as they are: tabs that are thrown away, and networks that change without a word. Nobody buys twice. */
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Proxy } from '../faults/support/proxy.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { readState } from './support/truth.ts';
import { Venue } from './support/venue.ts';

const SKU = 'devices';

let venue: Venue;
let network: Proxy;
let presenter: Presenter;

beforeAll(async () => {
  network = await Proxy.to(inject('host').port);
  venue = await Venue.open({ port: Number(new URL(network.url).port) });
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Devices', capacity: 500, unitPrice: 20 },
  ]);
});
afterEach(() => {
  network.heal();
  expect(venue.complaints(), 'what pages complained of').toEqual([]);
});
afterAll(async () => {
  await venue.close();
  await network.close();
});

const sold = async () => (await readState(presenter, SKU)).lanes.safe!.acknowledged;
const confirmed = async (phone: Phone) => (await phone.tally()).confirmed;

it('asks again about a tap that had no answer when the system threw its tab away, and buys it once', async () => {
  venue.expects(/WebSocket|ERR_/);
  const context = await venue.phone();
  const tab = new Phone(await venue.page(context, 'tab'));
  await tab.joinsByLink(presenter.code);
  const [label, all] = [await tab.label(), await sold()];
  network.goDark();
  await tab.taps(1);
  await expect.poll(async () => (await tab.tally())['on their way']).toBe(1);
  // What a browser keeps of a tab that it throws away: its session storage. No handler of the page runs.
  const kept = await tab.page.evaluate(() => ({ ...sessionStorage }));
  const cdp = await context.newCDPSession(tab.page);
  const crashed = tab.page.waitForEvent('crash');
  void cdp.send('Page.crash').catch(() => undefined);
  await crashed;
  // What was sent is lost with the network it was sent by.
  network.reset();
  network.heal();
  const page = await venue.page(context, 'tab again');
  await page.addInitScript((store) => Object.assign(sessionStorage, store), kept);
  const again = new Phone(page);
  await again.joinsByLink(presenter.code);
  await expect.poll(() => confirmed(again)).toBe(1);
  expect([await again.label(), await sold()]).toEqual([label, all + 1]);
  await context.close();
});

it('finds out by itself that its network changed, with no word from the device, and buys once', async () => {
  venue.expects(/WebSocket|ERR_/);
  const context = await venue.phone();
  const phone = new Phone(await venue.page(context, 'walking phone'));
  await phone.joinsByLink(presenter.code);
  await phone.page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    for (const word of ['online', 'offline']) addEventListener(word, () => said.push(word));
  });
  const all = await sold();
  network.stall();
  await phone.taps(1);
  // Up to the next ping and the wait for its answer, and then a connection that meets no stalled one.
  await expect.poll(() => confirmed(phone), { timeout: 40_000 }).toBe(1);
  expect(await sold()).toBe(all + 1);
  expect(await phone.page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([]);
  await context.close();
});
