/** Next stands still: in the same place on every page of the script, on control and notes, whatever appears above it. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectationOf, STEPS } from '#lib/domain/script.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { SCREENS, Venue } from './support/venue.ts';

const PRODUCTS = [
  { name: 'Front row', capacity: 10, unitPrice: 5 },
  { name: 'Back row', capacity: 20, unitPrice: 3 },
];
const SIZES = {
  1280: { width: 1280, height: 720 },
  1024: { width: 1024, height: 768 },
  390: SCREENS.phone,
  320: SCREENS.smallPhone,
};

let venue: Venue;
let presenter: Presenter;
let notes: Page;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  presenter = await Presenter.opens(venue, inject('host').debugToken, PRODUCTS);
  notes = await venue.window(presenter.control, 'notes');
  await notes.goto(`/control/${presenter.code}/notes`);
  await notes.locator('.next').waitFor();
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

/** Turns both rooms to a step and its lane, past all keys. */
async function turnTo(step: number): Promise<void> {
  const { mode } = expectationOf(step);
  await presenter.control.evaluate(
    async (change) => {
      const headers = { 'content-type': 'application/json', 'x-session-role': 'presenter' };
      for (const skuId of ['front-row', 'back-row']) {
        const body = JSON.stringify({ skuId, ...change });
        await fetch('/api/demo/control', { method: 'POST', headers, body });
      }
    },
    { step, ...(mode ? { mode } : {}) },
  );
}

const onStep = (page: Page, step: number) =>
  page.getByRole('heading', { name: new RegExp(`^${step} of ${STEPS} · `) }).waitFor();

/** The window's own place of something, in whole pixels. */
const placeOf = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(' ');
  });

describe.each([
  { screen: 'control', page: () => presenter.control, next: 'nav[aria-label="Script"] .next' },
  { screen: 'notes', page: () => notes, next: '.notes .next' },
])('on $screen', ({ screen, page, next }) => {
  it('has one place on all six steps, at every size', async () => {
    for (const [name, size] of Object.entries(SIZES)) {
      await page().setViewportSize(size);
      const places = new Set<string>();
      for (let step = 1; step <= STEPS; step += 1) {
        await turnTo(step);
        await onStep(page(), step);
        await page().evaluate(() => window.scrollTo(0, 0));
        places.add(await placeOf(page(), next));
        if (screen === 'control' || name === '1280') await shoot(page(), `${screen}-${step}-${name}`);
      }
      expect([...places], `places at ${name}`).toHaveLength(1);
    }
    await turnTo(1);
    await page().setViewportSize(SIZES[1280]);
  });

  it('keeps it beneath all that can appear above: a prompt, a guess, a warning', async () => {
    const place = await placeOf(page(), next);
    const { control, stage } = presenter;
    await turnTo(3);
    await onStep(page(), 3);
    await presenter.switchTo('safe');
    await page().getByText('This step is told on the eventual lane.').waitFor();
    expect(await placeOf(page(), next)).toBe(place);
    await stage.keyboard.press('g');
    await control.getByRole('button', { name: 'Drop it' }).waitFor();
    await control.getByRole('button', { name: 'Trip by hand' }).click();
    await control.getByText('▲ Tripped by hand.').waitFor();
    expect(await placeOf(page(), next)).toBe(place);
    await shoot(page(), `${screen}-next-with-all`);
    await control.getByRole('button', { name: 'Clear it' }).click();
    await control.getByRole('button', { name: 'Drop it' }).click();
    await turnTo(1);
  });

  it('leaves the whole card to be read: what to say, and every moment of the step', async () => {
    for (let step = 1; step <= STEPS; step += 1) {
      await turnTo(step);
      await onStep(page(), step);
      await page().evaluate(() => window.scrollTo(0, 0));
      const over = await page().evaluate((next) => {
        const foot = document.querySelector(next)!.closest('nav, .next')!.getBoundingClientRect().top;
        return document.querySelector('.card .two')!.getBoundingClientRect().bottom - foot;
      }, next);
      expect(over, `pixels of the card beneath Next on step ${step}`).toBeLessThanOrEqual(0);
    }
    await turnTo(1);
  });
});
