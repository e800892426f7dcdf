/** Everybody begins together: a show opens held, phones practise, and 3, 2, 1, GO is on every screen at once. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { COUNTDOWN_MS } from '#lib/domain/hold.ts';
import { clicksGo } from './support/clicker.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readLog, readState } from './support/truth.ts';
import { Venue, WITHIN_MS } from './support/venue.ts';

const SKU = 'held';
/** Phones that wait for the GO, one of them with a clock that is an hour off. */
const PHONES = 20;
const HOUR_MS = 3_600_000;
/** Most time between the first and the last phone that can buy, milliseconds. */
const MOST_APART_MS = 100;
/** An address of its own: resets are counted by address. */
const ADDRESS = '198.51.100.65';
/** Two processes may read the clock of one machine so much apart, milliseconds. */
const CLOCKS_APART_MS = 20;
const poll = { timeout: WITHIN_MS };

let venue: Venue;
let presenter: Presenter;
let stage: Page;
let phones: Phone[];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Held', capacity: 40, unitPrice: 20 };
  presenter = await Presenter.opensHeld(venue, inject('host').debugToken, [product], (context) =>
    context.setExtraHTTPHeaders({ 'cf-connecting-ip': ADDRESS }),
  );
  ({ stage } = presenter);
  const pages = await Promise.all(
    Array.from({ length: PHONES }, async (_, place) => {
      const context = await venue.phone();
      if (place === 0) await context.addInitScript(runsWrong, HOUR_MS);
      return venue.page(context, `phone ${place + 1}`);
    }),
  );
  phones = pages.map((page) => new Phone(page));
  // Four at a time: a machine has few cores, and a page waits between its requests.
  const waiting = [...phones];
  const joins = async () => {
    for (let phone = waiting.shift(); phone; phone = waiting.shift()) await phone.joinsByLink(presenter.code);
  };
  await Promise.all(Array.from({ length: 4 }, joins));
}, 120_000);
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const sold = async () => (await readState(presenter, SKU)).lanes.safe?.ops;
const countdown = () => stage.locator('.countdown');
/** How often each of these happened. */
async function told(...kinds: string[]): Promise<number[]> {
  const log = await readLog(presenter, SKU);
  return kinds.map((kind) => log.filter((event) => event.kind === kind).length);
}
/** The moment of the newest GO, by the log. */
async function goAtMs(): Promise<number> {
  const log = await readLog(presenter, SKU);
  const go = log.findLast((event) => event.kind === 'go');
  if (go?.kind !== 'go') throw new Error('No GO was given.');
  return go.body.goAtMs;
}

it('opens held: at the doors taps are practice, nothing is sold, and no virtual cost arises', async () => {
  await stage.getByText('Practice taps do not sell.').waitFor();
  await presenter.control.getByText('Held.', { exact: true }).first().waitFor();
  for (const phone of phones.slice(0, 4)) await phone.button.getByText('Wait for it').waitFor();
  const heard = phones[0]!.page.getByRole('status').filter({ hasText: 'Wait for it: practise' });
  await heard.waitFor({ state: 'attached' });
  await phones[0]!.page.getByText('Nothing is sold before the GO.').waitFor();
  for (const phone of phones.slice(0, 4)) await phone.taps(3);
  await stage.getByText('12 practice taps').waitFor();
  const { lanes, ledger, hold } = await readState(presenter, SKU);
  expect([lanes.safe?.ops, lanes.safe?.refused, ledger.virtualUsd, hold?.goAtMs]).toEqual([0, {}, 0, null]);
  expect(await told('allocated', 'refused')).toEqual([0, 0]);
  await shoot(stage, 'held-doors');
  await shoot(phones[0]!.page, 'held-phone');
  await shoot(presenter.control, 'held-control');
});

it('says of simulated shoppers that the room is held, and gives them nothing', async () => {
  await presenter.sendCrowd(10);
  await presenter.control.getByText('None of the 10 got anything: nothing is sold before the GO.').waitFor();
  expect(await sold()).toBe(0);
});

it('turns to the first start, still held: the stage says what comes, and the same key is the GO', async () => {
  await stage.bringToFront();
  await stage.keyboard.press('PageDown');
  await stage.getByText('On GO, every tap goes to the safe lane').waitFor();
  await presenter.control.getByRole('button', { name: '3, 2, 1, GO' }).first().waitFor();
  expect(await told('held')).toEqual([1]);
  await shoot(stage, 'held-stage');
});

it(`lets ${PHONES} phones buy at the same moment, one of them with a clock that is an hour off`, async () => {
  for (const { page } of phones) await page.evaluate(noteGo);
  await presenter.control.getByRole('navigation').getByRole('button', { name: '3, 2, 1, GO' }).click();
  await countdown().waitFor();
  // In the countdown the key does nothing, and says so.
  await presenter.control.getByRole('button', { name: /^GO in/ }).click();
  await presenter.control.getByText('Counting down: the page turns after the GO').waitFor();
  await shoot(stage, 'held-countdown');
  for (const phone of phones) await phone.page.getByText('Get one').waitFor();
  const wentAtMs = await Promise.all(phones.map(({ page }) => page.evaluate(goneAtMs)));
  const apartMs = Math.max(...wentAtMs) - Math.min(...wentAtMs);
  const [first = 0] = wentAtMs;
  console.log(
    `GO on ${PHONES} phones: ${apartMs.toFixed(1)} ms apart, the wrong clock at ${first.toFixed(0)}`,
  );
  expect(apartMs).toBeLessThanOrEqual(MOST_APART_MS);
  const goAt = await goAtMs();
  for (const wentAt of wentAtMs)
    expect(wentAt, 'before the GO').toBeGreaterThanOrEqual(goAt - CLOCKS_APART_MS);
  for (const phone of phones.slice(0, 4)) await phone.taps(1);
  await expect.poll(sold, poll).toBe(4);
  for (const phone of phones.slice(0, 4))
    await expect.poll(async () => (await phone.tally()).confirmed, poll).toBe(1);
  await countdown().waitFor({ state: 'detached' });
  expect((await readState(presenter, SKU)).step).toBe(2);
});

it('holds a running room, and calls the countdown off by the same key', async () => {
  await stage.bringToFront();
  await stage.keyboard.press('h');
  await stage.getByText('Held: nothing is sold before the GO.', { exact: true }).waitFor();
  await stage.keyboard.press('h');
  await countdown().waitFor();
  await stage.keyboard.press('h');
  await countdown().waitFor({ state: 'detached' });
  await phones[0]!.button.getByText('Wait for it').waitFor();
  await phones[0]!.taps(1);
  expect(await sold()).toBe(4);
  await stage.getByText('Held: nothing is sold before the GO.', { exact: true }).waitFor();
  await clicksGo(stage);
  await phones[0]!.page.getByText('Get one').waitFor();
});

it('goes back without a hold, and forward to the next start with one', async () => {
  await stage.keyboard.press('PageUp');
  await expect.poll(async () => (await readState(presenter, SKU)).step).toBe(1);
  expect((await readState(presenter, SKU)).hold).toBe(null);
  await stage.keyboard.press('PageDown');
  await stage.getByText('Held: nothing is sold before the GO.', { exact: true }).waitFor();
  await clicksGo(stage);
  await stage.keyboard.press('PageDown');
  await stage.getByText('On GO, every tap goes to the eventual lane').waitFor();
});

describe('at the GO of two presenters', () => {
  it('counts down once, whoever pressed first', async () => {
    const goes = (await told('go'))[0]!;
    const other = await venue.window(presenter.control, 'second stage');
    await other.goto(`/stage/${presenter.code}`);
    await other.getByText('On GO, every tap goes to the eventual lane').waitFor();
    await Promise.all([
      stage.keyboard.press('PageDown'),
      other.keyboard.press('PageDown'),
      presenter.control.getByRole('navigation').getByRole('button', { name: '3, 2, 1, GO' }).click(),
    ]);
    await countdown().waitFor();
    await other.locator('.countdown').waitFor();
    await countdown().waitFor({ state: 'detached' });
    expect(await told('go')).toEqual([goes + 1]);
    expect((await readState(presenter, SKU)).step).toBe(3);
    await other.close();
  });
});

describe('in the countdown', () => {
  it('lets a phone in, which begins with the others', async () => {
    await stage.bringToFront();
    await stage.keyboard.press('h');
    await stage.getByText('Wait for it.').waitFor();
    const late = new Phone(await venue.page(await venue.phone(), 'late phone'));
    await late.page.goto('/');
    await stage.keyboard.press('h');
    await countdown().waitFor();
    await late.joinsByLink(presenter.code);
    for (const { page } of [late, phones[1]!]) await page.evaluate(noteGo);
    const wentAtMs = async () => Promise.all([late, phones[1]!].map(({ page }) => page.evaluate(goneAtMs)));
    await late.page.getByText('Get one').waitFor();
    await expect.poll(async () => (await wentAtMs()).every(Number.isFinite), poll).toBe(true);
    const [lateAtMs = NaN, otherAtMs = NaN] = await wentAtMs();
    const goAt = await goAtMs();
    console.log(`a phone that came in the countdown: ${(lateAtMs - otherAtMs).toFixed(1)} ms after another`);
    // On a slow machine it may come in after the GO: then it begins at once, and never before.
    expect(lateAtMs).toBeGreaterThanOrEqual(goAt - CLOCKS_APART_MS);
    expect(otherAtMs).toBeGreaterThanOrEqual(goAt - CLOCKS_APART_MS);
    await late.page.context().close();
    await countdown().waitFor({ state: 'detached' });
  });

  it('goes on through a reload of the stage and of the control screen, and ends once', async () => {
    await stage.keyboard.press('h');
    await stage.getByText('Wait for it.').waitFor();
    const goes = (await told('go'))[0]!;
    await stage.keyboard.press('h');
    await countdown().waitFor();
    await Promise.all([stage.reload(), presenter.control.reload()]);
    await presenter.control.getByText('Running.').waitFor();
    await countdown().waitFor({ state: 'detached' });
    await phones[0]!.page.getByText('Get one').waitFor();
    expect(await told('go')).toEqual([goes + 1]);
    expect((await readState(presenter, SKU)).hold).toBe(null);
  });

  it('goes on through a reset: the hold is the show’s, and the GO is kept', async () => {
    await phones[0]!.taps(2);
    await stage.bringToFront();
    await stage.keyboard.press('r');
    const question = stage.getByRole('dialog', { name: 'Reset the show?' });
    await question.waitFor();
    await presenter.control.getByRole('button', { name: 'Hold', exact: true }).click();
    await presenter.control.getByText('Held.', { exact: true }).first().waitFor();
    await presenter.control.locator('section[aria-labelledby="hold-title"]').getByRole('button').click();
    await phones[0]!.button.getByText(/^[123]$/).waitFor();
    const [, epoch] = [await goAtMs(), (await readState(presenter, SKU)).epoch];
    await question.getByRole('button', { name: 'Reset' }).click();
    await question.waitFor({ state: 'hidden' });
    await phones[0]!.page.getByText('Get one').waitFor();
    const state = await readState(presenter, SKU);
    expect([state.epoch, state.hold, state.lanes.eventual?.ops]).toEqual([epoch + 1, null, 0]);
    await phones[0]!.taps(1);
    await expect.poll(async () => (await readState(presenter, SKU)).lanes.eventual?.ops, poll).toBe(1);
    expect((await presenter.audit()).broken).toEqual([]);
  });
});

it('gives no GO later by a key that was pressed without a network', async () => {
  await stage.keyboard.press('h');
  await stage.getByText('Held').first().waitFor();
  const goes = (await told('go'))[0]!;
  venue.expects(/(stage|control): .*ERR_INTERNET_DISCONNECTED/);
  await presenter.context.setOffline(true);
  await stage.getByText('no network').first().waitFor();
  for (const key of ['PageDown', 'h']) {
    await stage.keyboard.press(key);
    await stage.getByText('Not connected: nothing was changed.').waitFor();
  }
  await presenter.context.setOffline(false);
  await stage.getByText('● live').waitFor();
  await new Promise((resolve) => setTimeout(resolve, COUNTDOWN_MS));
  expect(await told('go')).toEqual([goes]);
  expect((await readState(presenter, SKU)).hold?.goAtMs).toBe(null);
  await phones[0]!.button.getByText('Wait for it').waitFor();
});

/** Before anything of a page runs: a device whose clock is wrong by so much, and whose time passes as everywhere. */
function runsWrong(ms: number): void {
  const right = Date.now.bind(Date);
  Date.now = () => right() + ms;
}

/** In the page: notes when the button says that it buys, on the clock that all pages of this machine share. */
function noteGo(): void {
  const button = document.querySelector('button.tap');
  const look = () => {
    if (!button?.textContent?.includes('Get one')) return;
    Object.assign(window, { wentAtMs: performance.timeOrigin + performance.now() });
    watcher.disconnect();
  };
  const watcher = new MutationObserver(look);
  if (button) watcher.observe(button, { childList: true, subtree: true, characterData: true });
  look();
}

function goneAtMs(): number {
  return (window as unknown as { wentAtMs?: number }).wentAtMs ?? NaN;
}
