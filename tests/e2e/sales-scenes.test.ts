/** The scenes of sales: what fills the stage, the moment in which a lane sells what does not exist, and where lanes are split. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { hearCanvases, misplaced } from './support/boxes.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectOneTruth, readLog, readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const CAPACITY = 20;
const SKU = 'balcony';
/** Windows of a projector, of a laptop, and of an old projector. */
const STAGES = [{ width: 1280, height: 720 }, { width: 1024, height: 768 }, SCREENS.stage];

let venue: Venue;
let presenter: Presenter;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Balcony', capacity: CAPACITY, unitPrice: 150 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product], hearCanvases);
  phone = new Phone(await venue.page(await venue.phone(), 'phone'));
  await phone.joinsByLink(presenter.code);
  await presenter.turnsTo(2);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('shows a lane that keeps its word: it stops, who came too late was told so, and how long an answer takes', async () => {
  const { stage } = presenter;
  await presenter.switchTo('safe');
  await stage.getByText('No phone has measured an answer yet.').waitFor();
  await expectStage('sales-safe-nothing');
  await phone.taps(3);
  const latency = stage.getByRole('region', { name: 'Tap to answer' });
  await latency.getByText('median, felt on the phones').waitFor();
  await latency.getByText('the guide: 12–25 ms CLAIM').waitFor();
  await expectStage('sales-safe-climbs');
  await presenter.rush(50);
  const { lanes } = await readState(presenter, SKU);
  const turnedAway = lanes.safe?.refused.OUT_OF_STOCK ?? 0;
  expect(turnedAway).toBeGreaterThan(0);
  await stage.getByText('of 20. It stopped.').waitFor();
  await stage.getByText(`${turnedAway} turned away, each told so`).waitFor();
  expect(inOneLine(await latency.innerText())).toMatch(/95 % within [\d.]+ ms · n [1-3] /);
  await expectStage('sales-safe-stopped');
});

it('gives the race most of the stage: at least 55 % of its height is the plot', async () => {
  await presenter.switchTo('eventual');
  await expect.poll(() => plotShare(presenter.stage)).toBeGreaterThanOrEqual(0.55);
  await presenter.stage.getByText('Nothing lost yet.').waitFor();
  await expectStage('sales-race-nothing');
});

it('stands still when the first unit is sold that does not exist, and says who got it', async () => {
  const { stage } = presenter;
  const seen = firstStillness(stage);
  await presenter.rush(50);
  const { number, who } = crossingOf(await readLog(presenter, SKU));
  const { words, lastedMs, isCovered } = await seen;
  expect(inOneLine(words)).toContain(`${number} of ${CAPACITY} just went to ${who}.`);
  expect(lastedMs).toBeGreaterThan(900);
  // The same sale trips the guardrail, whose moment takes the place of this one.
  expect(isCovered, 'by the guardrail’s moment').toBe(false);
  await stage.locator('section.moment').getByText('Guardrail: past $100.').waitFor();
  const line = stage.getByRole('status').filter({ hasText: 'just went to' });
  expect(inOneLine(await line.innerText())).toContain(`${number} of ${CAPACITY} just went to ${who}.`);
  await expectOneTruth(presenter, SKU, 'eventual');
});

it('says what is owed, to how many people, from the log', async () => {
  const log = await readLog(presenter, SKU);
  const { people, units } = owedIn(log);
  await presenter.stage
    .getByText(`You owe ${people} people $${(units * 150).toLocaleString('en-US')}`)
    .waitFor();
  await expectStage('sales-race');
});

it('knows after a reload who got it, and does not stand still again', async () => {
  const { stage } = presenter;
  const { number, who } = crossingOf(await readLog(presenter, SKU));
  await stage.reload();
  const line = stage.getByRole('status').filter({ hasText: 'went to' });
  await line.waitFor();
  expect(inOneLine(await line.innerText())).toContain(`${number} of ${CAPACITY} went to ${who}.`);
  expect(await stage.locator('.crossing').count()).toBe(0);
});

it('keeps 38 % of the height for the plot under the guardrail’s banner and the answer to a guess', async () => {
  const { control, stage } = presenter;
  await control.getByRole('button', { name: /^Ask: sold on the eventual lane/ }).click();
  await control.getByRole('button', { name: 'Close and show the answers' }).click();
  await stage.locator('.banner').waitFor();
  await expectStage('sales-race-under');
  await expect.poll(() => plotShare(stage)).toBeGreaterThanOrEqual(0.38);
  await presenter.switchTo('both');
  await expectStage('sales-split-under');
});

it('puts several lanes side by side on one scale', async () => {
  const { stage } = presenter;
  const panels = stage.locator('main.split > section');
  await expect.poll(() => panels.count()).toBe(2);
  const heights = await stage
    .locator('main.split .u-over')
    .evaluateAll((plots) => plots.map((plot) => plot.getBoundingClientRect().height));
  expect(heights[0]).toBe(heights[1]);
  expect(heights[0]).toBeGreaterThan(0);
});

it('does not stand still for people who asked for no motion, and tells them the same', async () => {
  const other = await Presenter.opens(
    venue,
    inject('host').debugToken,
    [{ name: 'Balcony', capacity: 1, unitPrice: 150 }],
    hearCanvases,
  );
  const { stage } = other;
  // Without anybody in, the stage shows the doors until something was sold.
  const phone = new Phone(await venue.page(await venue.phone(), 'reduced'));
  await phone.joinsByLink(other.code);
  await stage.emulateMedia({ reducedMotion: 'reduce' });
  await other.turnsTo(2);
  await other.switchTo('eventual');
  const stillness = stage.evaluate(
    () =>
      new Promise<boolean>((resolve) => {
        const watch = new MutationObserver(() => {
          if (document.querySelector('.crossing')) resolve(true);
          else if (document.querySelector('.news')) resolve(false);
        });
        watch.observe(document.body, { childList: true, subtree: true });
      }),
  );
  await other.rush(10);
  expect(await stillness).toBe(false);
  const { number, who } = crossingOf(await readLog(other, SKU));
  const line = stage.getByRole('status').filter({ hasText: 'just went to' });
  expect(inOneLine(await line.innerText())).toContain(`${number} of 1 just went to ${who}.`);
  for (const size of STAGES) {
    await stage.setViewportSize(size);
    await expect.poll(() => misplaced(stage), { message: `${size.width} px` }).toEqual([]);
    await shoot(stage, `sales-race-1-${size.width}`);
  }
});

/** Nothing on the stage is misplaced, at every size. */
async function expectStage(name: string): Promise<void> {
  const { stage } = presenter;
  await stage.locator('section.moment').waitFor({ state: 'detached' });
  for (const size of STAGES) {
    await stage.setViewportSize(size);
    await expect.poll(() => misplaced(stage), { message: `${name}, ${size.width} px` }).toEqual([]);
    await shoot(stage, `${name}-${size.width}`);
  }
}

/** What the stage says while it stands still, for how long, and whether the guardrail covers it; heard of in the page itself, which may be slow. */
function firstStillness(stage: Page): Promise<{ words: string; lastedMs: number; isCovered: boolean }> {
  return stage.evaluate(
    () =>
      new Promise((resolve) => {
        let words: string | null = null;
        let sinceMs = 0;
        let isCovered = false;
        const watch = new MutationObserver(() => {
          const still = document.querySelector<HTMLElement>('.crossing h2');
          if (still && words === null) [words, sinceMs] = [still.innerText, performance.now()];
          const isOver = words !== null && performance.now() - sinceMs > 900;
          isCovered ||= still !== null && !isOver && document.querySelector('section.moment') !== null;
          if (still || words === null) return;
          watch.disconnect();
          resolve({ words, lastedMs: performance.now() - sinceMs, isCovered });
        });
        watch.observe(document.body, { childList: true, subtree: true });
      }),
  );
}

/** Height of the chart's plotting area, as a share of the stage's. */
function plotShare(stage: Page): Promise<number> {
  return stage.evaluate(
    () => (document.querySelector('.u-over')?.getBoundingClientRect().height ?? 0) / innerHeight,
  );
}

/** The crossing of the eventual lane, put together from the log alone. */
function crossingOf(log: readonly RoomEvent[]): { number: string; who: string } {
  const capacity = log.flatMap((event) => (event.kind === 'opened' ? [event.body.sku.capacity] : []))[0]!;
  let sold = 0;
  for (const event of log) {
    if (event.kind !== 'allocated' || event.body.lane !== 'eventual') continue;
    sold += event.body.units;
    if (sold <= capacity) continue;
    const first = capacity + 1;
    return { number: first === sold ? String(first) : `${first}–${sold}`, who: event.body.who };
  }
  throw new Error('nothing crossed the line');
}

/** Who holds units that do not exist, and how many those are. */
function owedIn(log: readonly RoomEvent[]): { people: number; units: number } {
  const people = new Set<string>();
  let sold = 0;
  for (const event of log) {
    if (event.kind !== 'allocated' || event.body.lane !== 'eventual') continue;
    sold += event.body.units;
    if (sold > CAPACITY) people.add(event.body.who);
  }
  return { people: people.size, units: sold - CAPACITY };
}

/** Words with single spaces. */
function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
