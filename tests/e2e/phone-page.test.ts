/** What a phone has to carry, and that everybody can use it: small screens, keyboards, people whom motion makes ill. */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { SCREENS, Venue } from './support/venue.ts';

/** Most JavaScript that joining may load, bytes after gzip. */
const MOST_BYTES = 60 * 1024;

let venue: Venue;
let presenter: Presenter;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = {
    name: 'Standing ticket for the late show on Saturday night',
    capacity: 40,
    unitPrice: 35,
  };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('loads at most 60 kB of JavaScript to join and to buy', async () => {
  const page = await venue.page(await venue.phone(), 'phone');
  const scripts = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    const type = response.headers()['content-type'] ?? '';
    if (/javascript/.test(type)) scripts.set(response.url(), response.body());
  });
  const phone = new Phone(page);
  await phone.joinsByLink(presenter.code);
  await phone.taps(1);
  await expect.poll(async () => (await phone.tally()).confirmed).toBe(1);
  const sizes = await Promise.all([...scripts.values()].map(async (body) => gzipSync(await body).length));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`phone page: ${sizes.length} scripts, ${(bytes / 1024).toFixed(1)} kB after gzip`);
  expect(sizes.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});

it('fits a screen of 320 by 568 without scrolling sideways, with tickets in the list', async () => {
  const context = await venue.phone({ viewport: SCREENS.smallPhone });
  const phone = new Phone(await venue.page(context, 'small phone'));
  await phone.page.goto('/');
  await expectNoSidewaysScroll(phone.page);
  await shoot(phone.page, 'small-phone-door');
  await phone.joinsAtTheDoor(presenter.code);
  await phone.taps(3);
  await presenter.switchTo('both');
  await phone.shows('both');
  await phone.taps(3);
  await expect.poll(async () => (await phone.tally()).confirmed).toBeGreaterThanOrEqual(6);
  await expectNoSidewaysScroll(phone.page);
  const box = await phone.button.boundingBox();
  expect(box?.height, 'the button').toBeGreaterThanOrEqual(96);
  expect((box?.y ?? 0) + (box?.height ?? 0), 'bottom of the button').toBeLessThanOrEqual(
    SCREENS.smallPhone.height,
  );
  await shoot(phone.page, 'small-phone');
});

it('buys with Enter and with Space, one unit for each press', async () => {
  await presenter.switchTo('safe');
  const context = await venue.device({ viewport: SCREENS.phone });
  const phone = new Phone(await venue.page(context, 'keyboard'));
  await phone.joinsByLink(presenter.code);
  await phone.shows('safe');
  const { keyboard } = phone.page;
  for (let tabs = 0; !(await isFocused(phone)) && tabs < 10; tabs += 1) await keyboard.press('Tab');
  expect(await isFocused(phone), 'the button is reached by Tab').toBe(true);
  await keyboard.press('Enter');
  await expect.poll(async () => (await phone.tally()).confirmed).toBe(1);
  await keyboard.press('Space');
  await expect.poll(async () => (await phone.tally()).confirmed).toBe(2);
  await shoot(phone.page, 'phone-keyboard');
});

it('moves nothing for people who asked for no motion, where the button gives way for others', async () => {
  const seen = await Promise.all(
    (['no-preference', 'reduce'] as const).map(async (reducedMotion) => {
      const context = await venue.device({ viewport: SCREENS.phone, reducedMotion });
      const page = await venue.page(context, `phone with ${reducedMotion}`);
      await noteMotions(page);
      const phone = new Phone(page);
      await phone.joinsByLink(presenter.code);
      await phone.button.hover();
      await page.mouse.down();
      const pressed = await phone.button.evaluate((button) => getComputedStyle(button).transform);
      await page.mouse.up();
      await expect.poll(async () => (await phone.tally()).confirmed).toBe(1);
      return { pressed, motions: await motions(page) };
    }),
  );
  expect(seen[0]?.pressed).toMatch(/^matrix\(0\.9/);
  expect(seen[1]).toEqual({ pressed: 'none', motions: [] });
});

it('moves nothing on a stage that asked for no motion, whatever the room does', async () => {
  const { stage } = presenter;
  await stage.emulateMedia({ reducedMotion: 'reduce' });
  await noteMotions(stage);
  await stage.reload();
  await stage.getByText('● live').waitFor();
  await presenter.rush(10);
  expect(await motions(stage)).toEqual([]);
});

/** Has a page note every transition and animation that starts, from its next load on. */
function noteMotions(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    const noted: number[] = [];
    Object.assign(window, { motions: noted });
    const note = ({ target }: Event) => {
      if (!(target instanceof Element)) return;
      for (const { effect } of target.getAnimations())
        noted.push(Number(effect?.getComputedTiming().duration));
    };
    for (const kind of ['transitionrun', 'animationstart']) document.addEventListener(kind, note, true);
  });
}

/** Durations of what moved, milliseconds. Under the wish for no motion a hundredth of one stands for none. */
async function motions(page: Page): Promise<number[]> {
  const noted = await page.evaluate(() => (window as unknown as { motions: number[] }).motions);
  return noted.filter((ms) => ms > 1);
}

function isFocused({ button }: Phone): Promise<boolean> {
  return button.evaluate((element) => element === document.activeElement);
}
