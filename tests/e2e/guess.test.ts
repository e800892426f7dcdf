/** Predict, then prove: the room says a figure on its phones, the stage hides it until it is closed, and then measures. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readLog, readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'encore';

let venue: Venue;
let presenter: Presenter;
let phone: Phone;
let small: Phone;

const slider = (page: Page) => page.getByRole('slider', { name: /^Your guess/ });
const field = (page: Page) => page.getByRole('textbox', { name: 'Your guess as a number' });
const say = (page: Page) => page.getByRole('button', { name: 'Send my guess' });
const panel = () => presenter.control.locator('section[aria-labelledby="guess-title"]');
const result = () => presenter.stage.getByRole('region', { name: 'What the room guessed' });

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Encore', capacity: 20, unitPrice: 40 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  small = new Phone(await venue.page(await venue.phone({ viewport: SCREENS.smallPhone }), 'small phone'));
  await Promise.all([phone, small].map((each) => each.joinsByLink(presenter.code)));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('asks on every screen with one key, and shows how many answered but not what', async () => {
  const { stage } = presenter;
  await stage.keyboard.press('g');
  await stage.getByRole('heading', { name: 'How many will be sold of 20?' }).waitFor();
  await panel().getByText('0 answers so far').first().waitFor();
  for (const { page } of [phone, small]) await slider(page).waitFor();
  await shoot(stage, 'stage-guess-open');
  await shoot(phone.page, 'phone-guess');
  await shoot(small.page, 'small-phone-guess');
  await expectNoSidewaysScroll(small.page);
  await slider(phone.page).fill('31');
  await say(phone.page).tap();
  await phone.page.getByText('You said 31').waitFor();
  await stage.locator('.answered').getByText('1', { exact: true }).waitFor();
  await panel().getByText('1 answer so far').first().waitFor();
  expect(await stage.getByText('31', { exact: true }).count(), 'what was said, on stage').toBe(0);
  expect(await presenter.control.getByText('31', { exact: true }).count(), 'what was said, on control').toBe(
    0,
  );
});

it('keeps the button for buying in reach beside the question', async () => {
  for (const { page, button } of [phone, small]) {
    const box = (await button.boundingBox())!;
    expect(box.height).toBeGreaterThanOrEqual(96);
    expect(box.y + box.height).toBeLessThanOrEqual(page.viewportSize()!.height);
  }
});

it('takes a number by keyboard, says what is allowed, and lets it be changed', async () => {
  const { page } = small;
  await field(page).fill('61');
  await page.getByText('A whole number from 0 to 60.').waitFor();
  expect(await say(page).isDisabled()).toBe(true);
  await field(page).fill('10');
  await field(page).press('Enter');
  await page.getByText('You said 10').waitFor();
  await page.getByRole('button', { name: 'Change it' }).press('Enter');
  await slider(page).focus();
  await slider(page).press('ArrowRight');
  await expect.poll(() => field(page).inputValue()).toBe('11');
  await field(page).press('Enter');
  await page.getByText('You said 11').waitFor();
  await expect.poll(async () => (await readState(presenter, SKU)).guess?.n).toBe(2);
});

it('knows what somebody said when their page is loaded again', async () => {
  await small.page.reload();
  await small.ready();
  await small.page.getByText('You said 11').waitFor();
});

it('shows the spread once it is closed, and lays it over what the room measures as that moves', async () => {
  const { stage, control } = presenter;
  await panel().getByRole('button', { name: 'Close and show the answers' }).click();
  await result().getByText('median of 2').waitFor();
  expect(await figures(stage)).toEqual(['11', '0']);
  expect(await stage.getByRole('img', { name: /1 said 10 to 11, 1 said 30 to 31/ }).count()).toBe(1);
  await phone.page.locator('.guess').getByText('Median of 2 answers').waitFor();
  await phone.taps(3);
  await expect.poll(() => figures(stage)).toEqual(['11', '3']);
  await result().getByText('settled').waitFor();
  await expect.poll(() => phone.page.locator('.guess dd').allInnerTexts()).toEqual(['31', '11', '3']);
  await panel().getByText('Measured: 3').waitFor();
  expect(await presenter.rush(50)).toContain('17 of 50 got');
  await expect.poll(() => figures(stage)).toEqual(['11', '20']);
  await result().getByText('17 SIMULATED').waitFor();
  await shoot(stage, 'stage-guess-result');
  await shoot(phone.page, 'phone-guess-result');
  await shoot(small.page, 'small-phone-guess-result');
  await shoot(control, 'control-guess-result', true);
  await control.setViewportSize(SCREENS.phone);
  await expectNoSidewaysScroll(control);
  await panel().scrollIntoViewIfNeeded();
  await shoot(control, 'control-phone-guess-result');
  await control.setViewportSize(SCREENS.control);
});

it('is put away by the same key, and asks again where the script is by then', async () => {
  const { stage } = presenter;
  await stage.keyboard.press('g');
  await result().waitFor({ state: 'detached' });
  await phone.page.locator('.guess').waitFor({ state: 'detached' });
  await panel().getByRole('button', { name: 'lost on the eventual lane' }).click();
  await stage.getByRole('heading', { name: 'How many of the units sold will be lost?' }).waitFor();
  await panel().getByRole('button', { name: 'Drop it' }).click();
  await stage.locator('main.ask').waitFor({ state: 'detached' });
  const log = await readLog(presenter, SKU);
  const told = log.flatMap((event) => (event.kind === 'guess' ? [event.body.state] : []));
  expect(told).toEqual(['opened', 'closed', 'dropped', 'opened', 'dropped']);
  expect(await brokenChecks(presenter.control)).toEqual([]);
});

/** What the room said, and what it measured, as the stage has them. */
function figures(stage: Page): Promise<string[]> {
  return stage.locator('.result .value').allInnerTexts();
}

/** Checks of the room's own audit that do not hold, asked with the presenter's cookie. */
function brokenChecks(control: Page): Promise<string[]> {
  return control.evaluate(async (sku) => {
    const answer = await fetch(`/api/demo/audit?skuId=${sku}`);
    const { data } = (await answer.json()) as { data: { checks: { name: string; ok: boolean }[] } };
    return data.checks.filter(({ ok }) => !ok).map(({ name }) => name);
  }, SKU);
}
