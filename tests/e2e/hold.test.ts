/** Everybody begins together: a room is held by a key, phones practise, and 3, 2, 1, GO is on every screen at once. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { readState } from './support/truth.ts';
import { Venue, WITHIN_MS } from './support/venue.ts';

const SKU = 'held';
const PHONES = 4;
/** Most time between the first and the last phone that can buy, milliseconds. */
const MOST_APART_MS = 100;
const poll = { timeout: WITHIN_MS };

let venue: Venue;
let presenter: Presenter;
let stage: Page;
let phones: Phone[];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Held', capacity: 40, unitPrice: 20 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  ({ stage } = presenter);
  phones = [];
  for (let place = 1; place <= PHONES; place++) {
    const phone = new Phone(await venue.page(await venue.phone(), `phone ${place}`));
    await phone.joinsByLink(presenter.code);
    phones.push(phone);
  }
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

const sold = async () => (await readState(presenter, SKU)).lanes.safe?.ops;

it('holds the room by one key: every phone waits, practises, and buys nothing', async () => {
  await stage.bringToFront();
  await stage.keyboard.press('h');
  for (const phone of phones) await phone.page.getByText('Wait for it').waitFor();
  const heard = phones[0]!.page.getByRole('status').filter({ hasText: 'Wait for it: practise' });
  await heard.waitFor({ state: 'attached' });
  for (const phone of phones) await phone.taps(3);
  await stage.getByText(`${3 * PHONES} practice taps`).waitFor();
  await presenter.control.getByText('Held.').waitFor();
  expect(await sold()).toBe(0);
  await shoot(stage, 'held-stage');
  await shoot(phones[0]!.page, 'held-phone');
  await shoot(presenter.control, 'held-control');
});

it('counts down on stage and phones, and lets every phone buy at the same moment', async () => {
  for (const { page } of phones) await page.evaluate(noteGo);
  await presenter.control.getByRole('button', { name: '3, 2, 1, GO' }).click();
  await stage.locator('.count').waitFor();
  await shoot(stage, 'held-countdown');
  const go = stage.getByText('GO', { exact: true });
  await go.waitFor();
  for (const phone of phones) await phone.page.getByText('Get one').waitFor();
  const wentAtMs = await Promise.all(phones.map(({ page }) => page.evaluate(goneAtMs)));
  const apartMs = Math.max(...wentAtMs) - Math.min(...wentAtMs);
  console.log(`GO on ${PHONES} phones: ${apartMs.toFixed(1)} ms apart`);
  expect(apartMs).toBeLessThanOrEqual(MOST_APART_MS);
  for (const phone of phones) await phone.taps(1);
  await expect.poll(sold, poll).toBe(PHONES);
  for (const phone of phones) await expect.poll(async () => (await phone.tally()).confirmed, poll).toBe(1);
  await go.waitFor({ state: 'detached' });
});

it('holds a running room, and calls the countdown off by the same key', async () => {
  await stage.bringToFront();
  await stage.keyboard.press('h');
  await stage.getByText('Practise now').waitFor();
  await stage.keyboard.press('h');
  await stage.locator('.count').waitFor();
  await stage.keyboard.press('h');
  await stage.locator('.count').waitFor({ state: 'detached' });
  await phones[0]!.page.getByText('Wait for it').waitFor();
  await phones[0]!.taps(1);
  expect(await sold()).toBe(PHONES);
  await stage.getByText('Practise now').waitFor();
  await stage.keyboard.press('h');
  await phones[0]!.page.getByText('Get one').waitFor();
});

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
}

function goneAtMs(): number {
  return (window as unknown as { wentAtMs: number }).wentAtMs;
}
