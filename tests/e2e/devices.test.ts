/**
 * Phones as they are: tabs out of sight, frozen, kept and thrown away, networks that change without a word, browsers that keep
 * nothing or are part of another app. Nobody buys twice, nobody flickers in the count, and what is wrong is said.
 * Longer than other files: one thing that happens to phones after the other, in one show.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Proxy } from '../faults/support/proxy.ts';
import { Handset } from './support/handset.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'devices';
/**
 * Longer than a client that falls silent is counted (8 s), and that the room waits until it looks (5 s); and longer than a client
 * may leave events unconfirmed (10 s) beside the `seen` that it is on its way with (4 s).
 */
const AWAY_MS = 15_000;
/** An iPhone's browser inside an app, as it names itself. */
const INSTAGRAM =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22F76 Instagram 384.0.0.28.87 (iPhone17,1; iOS 18_5; de_DE; de; scale=3.00; 1206x2622; 747093562)';

let venue: Venue;
let network: Proxy;
let presenter: Presenter;
let handset: Handset;

beforeAll(async () => {
  network = await Proxy.to(inject('host').port);
  venue = await Venue.open({ port: Number(new URL(network.url).port) });
  presenter = await Presenter.opens(venue, inject('host').debugToken, [
    { name: 'Devices', capacity: 500, unitPrice: 20 },
  ]);
  handset = await Handset.on();
});
afterEach(() => {
  network.heal();
  expect(venue.complaints(), 'what pages complained of').toEqual([]);
});
afterAll(async () => {
  await handset.off();
  await venue.close();
  await network.close();
});

const people = async () => (await readState(presenter, SKU)).people.phones;
const sold = async () => (await readState(presenter, SKU)).lanes.safe!.acknowledged;
const confirmed = async (phone: Phone) => (await phone.tally()).confirmed;

/** The device is in the show, with one unit bought. */
async function inTheShow({ page, phone }: Handset): Promise<string> {
  await page.goto(`${network.url}/j/${presenter.code}`);
  await phone.ready();
  const before = await confirmed(phone);
  await phone.button.click();
  await expect.poll(() => confirmed(phone)).toBe(before + 1);
  return phone.label();
}

/** Resolves when the page has told a room how far it is. */
function saysSeen(page: Page): Promise<void> {
  return new Promise((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (String(payload).includes('"t":"seen"')) resolve();
      }),
    );
  });
}

/**
 * Gives a page what it has out of sight: it is told that it is hidden, and its timers wait for their next whole minute, as
 * Chromium's do after five (developer.chrome.com/blog/timer-throttling-in-chrome-88).
 */
async function canBeHidden(page: Page): Promise<{ hides: () => Promise<void>; shows: () => Promise<void> }> {
  await page.addInitScript(() => {
    let isHidden = false;
    const waiting: (() => void)[] = [];
    const start = window.setTimeout.bind(window);
    const late = (run: () => void, ms?: number) => start(() => (isHidden ? waiting.push(run) : run()), ms);
    Object.assign(window, {
      setTimeout: late,
      hide: (hidden: boolean) => {
        isHidden = hidden;
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        for (const run of hidden ? [] : waiting.splice(0)) run();
      },
    });
    Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
  });
  const hide = (hidden: boolean) =>
    page.evaluate((is) => (window as unknown as { hide: (is: boolean) => void }).hide(is), hidden);
  return { hides: () => hide(true), shows: () => hide(false) };
}

describe('phones that nobody looks at for a while, in a busy room', () => {
  let inPocket: Phone;
  /** Sockets of the phone in the pocket, at the end. */
  let sockets = 0;
  const before = { handset: '', handsetHeld: 0, inPocket: '' };
  let show: () => Promise<void>;

  it('are counted all the while, whether their timers are held back or their tab is frozen', async () => {
    venue.expects(/WebSocket|ERR_/);
    const seen = [saysSeen(handset.page)];
    before.handset = await inTheShow(handset);
    before.handsetHeld = await confirmed(handset.phone);
    const page = await venue.page(await venue.phone(), 'phone in a pocket');
    page.on('websocket', () => (sockets += 1));
    seen.push(saysSeen(page));
    const { hides, shows } = await canBeHidden(page);
    show = shows;
    inPocket = new Phone(page);
    await inPocket.joinsByLink(presenter.code);
    before.inPocket = await inPocket.label();
    const busy = new Phone(await venue.page(await venue.phone(), 'busy phone'));
    await busy.joinsByLink(presenter.code);
    // From then on the room knows how far they are, and could find them too far behind.
    await busy.taps(1);
    await Promise.all(seen);
    await handset.goesAway();
    await hides();
    await handset.freezes();
    /** Each number of people that the room told meanwhile. */
    const counted = new Set<number>();
    const until = performance.now() + AWAY_MS;
    const isOver = async () => {
      await busy.taps(1);
      counted.add(await people());
      return performance.now() > until;
    };
    await expect.poll(isOver, { timeout: 3 * AWAY_MS, interval: 500 }).toBe(true);
    await busy.page.context().close();
    expect([...counted]).toEqual([3]);
  });

  it('are not cut off as too far behind, and know the truth as soon as their timers run again', async () => {
    expect(sockets).toBe(1);
    await show();
    await inPocket.ready();
    await expect.poll(async () => (await inPocket.totals())[0]).toBe(await sold());
    expect([await inPocket.label(), sockets]).toEqual([before.inPocket, 1]);
    await inPocket.page.context().close();
  });

  it('have their name, their tickets and the truth again when the tab is not frozen any more', async () => {
    await handset.comesBack();
    const { phone } = handset;
    await phone.ready();
    await expect.poll(async () => (await phone.totals())[0]).toBe(await sold());
    expect([await phone.label(), await confirmed(phone)]).toEqual([before.handset, before.handsetHeld]);
    await phone.button.click();
    await expect.poll(() => confirmed(phone)).toBe(before.handsetHeld + 1);
  });
});

it('comes back out of the back-forward cache with its name, and a tap that was on its way is bought once', async () => {
  const label = await inTheShow(handset);
  const { phone } = handset;
  const [mine, all] = [await confirmed(phone), await sold()];
  network.muffle();
  await phone.button.click();
  await expect.poll(async () => (await phone.tally())['on their way']).toBe(1);
  const wasKept = await handset.goesOnAndBack(async () => {
    network.reset();
    network.heal();
    // The room has sold it, and the phone has not heard of it.
    await expect.poll(sold).toBe(all + 1);
  });
  expect(wasKept, 'the page was kept as it was').toBe(true);
  await phone.ready();
  await expect.poll(() => confirmed(phone)).toBe(mine + 1);
  await phone.button.click();
  await expect.poll(() => confirmed(phone)).toBe(mine + 2);
  expect([await phone.label(), await sold()]).toEqual([label, all + 2]);
});

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

it('buys in a browser that lets pages store nothing, and says what that means', async () => {
  const context = await venue.phone({ viewport: SCREENS.smallPhone });
  await context.addInitScript(() => {
    const refuse = {
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    };
    for (const store of ['localStorage', 'sessionStorage']) Object.defineProperty(window, store, refuse);
  });
  const phone = new Phone(await venue.page(context, 'phone without a store'));
  await phone.joinsByLink(presenter.code);
  const all = await sold();
  await phone.taps(1);
  await expect.poll(() => confirmed(phone)).toBe(1);
  await phone.page.getByText('This browser keeps nothing for this page').tap();
  await phone.page.getByText('what was bought stays bought under the old name').waitFor();
  await shoot(phone.page, 'phone-keeps-nothing');
  const label = await phone.label();
  await phone.page.reload();
  await phone.ready();
  expect(await phone.label(), 'as it was said').not.toBe(label);
  expect([await confirmed(phone), await sold()]).toEqual([0, all + 1]);
  await context.close();
});

it('says in the browser of another app what it cannot do, and gives the link to a better one', async () => {
  const context = await venue.phone({ userAgent: INSTAGRAM, viewport: SCREENS.smallPhone });
  const phone = new Phone(await venue.page(context, 'phone in an app'));
  await phone.joinsByLink(presenter.code);
  await phone.page.getByText('You are in the browser of another app').tap();
  await phone.page.getByText('open this page in Safari or Chrome').waitFor();
  await phone.page.getByRole('button', { name: 'Copy the link' }).tap();
  // Plain http: no page may copy, and the link is there to be held.
  const link = phone.page.getByRole('textbox', { name: 'Link of this page' });
  expect(await link.inputValue()).toBe(`${venue.url}/j/${presenter.code}`);
  await shoot(phone.page, 'phone-in-an-app');
  await phone.taps(1);
  await expect.poll(() => confirmed(phone)).toBe(1);
  await context.close();
});
