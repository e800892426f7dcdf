/** The drills: everything is cut, or the room falls asleep, and clients measure before everybody what it cost. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { millis } from '#lib/components/format.ts';
import type { Mark } from '#lib/components/recovery-scale.ts';
import { seconds } from '#lib/components/recovery-words.ts';
import type { EventOf } from '#lib/domain/events.ts';
import { PROMISED_MS } from '#lib/domain/recovery.ts';
import { atMost } from '../faults/support/run.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readLog, readState } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'encore';
/** Stage, control, two phones. */
const CONNECTIONS = 4;
/** A silence, and what comes before and after it, milliseconds. */
const SLEEP_MS = 40_000;

let venue: Venue;
let presenter: Presenter;
let phones: Phone[];
const sockets = new Map<Page, number>();

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Encore', capacity: 30, unitPrice: 40 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  const pages = await Promise.all(
    ['first phone', 'second phone'].map(async (who) => venue.page(await venue.phone(), who)),
  );
  phones = pages.map((page) => new Phone(page));
  for (const page of [...pages, presenter.stage]) {
    page.on('websocket', () => sockets.set(page, (sockets.get(page) ?? 0) + 1));
  }
  await Promise.all(phones.map((phone) => phone.joinsByLink(presenter.code)));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('brings everybody back after all connections were cut, and nobody missed anything', async () => {
  const { stage, control } = presenter;
  await expect
    .poll(async () => (await readState(presenter, SKU)).people)
    .toMatchObject({ phones: 2, stages: 2 });
  const labels = await Promise.all(phones.map((phone) => phone.label()));
  await control.getByRole('button', { name: 'Drill: cut all connections' }).click();
  const plot = stage.getByRole('img', { name: /^Drill: 4 connections cut/ });
  await plot.waitFor();
  await stage.getByText(`of ${CONNECTIONS} back`).waitFor();
  await expect
    .poll(async () => (await measured()).map(({ who }) => who).sort())
    .toEqual([...labels, 'presenter', 'presenter'].sort());
  const clients = await measured();
  const away = clients.map(({ waitedMs, ms }) => waitedMs + ms);
  const slowest = Math.max(...away);
  console.log(`cut: back after ${away.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  expect(slowest, 'slowest way back, ms from the cut').toBeLessThan(atMost(1_000));
  expect(clients.map(({ missing }) => missing)).toEqual([0, 0, 0, 0]);
  // What the room reads is measured from the cut, and says which part of it was waiting on purpose.
  const within = away.filter((ms) => ms <= PROMISED_MS);
  await expect.poll(() => dots(stage, 'kept')).toBe(within.length);
  expect(await dots(stage, 'late'), 'open rings').toBe(clients.length - within.length);
  expect(await stage.locator('.recovery .first').innerText()).toBe(String(within.length));
  expect(await stage.locator('.recovery .second').innerText(), 'events missed').toBe('0');
  await stage.getByText(seconds(slowest)).first().waitFor();
  await stage.getByText(/ms until the first retry, [\d.]+\sms from there/).waitFor();
  const late = stage.getByText(/came later/);
  expect(await late.count()).toBe(within.length < clients.length ? 1 : 0);
  await control.getByText(/^✓ 4 of 4 back,/).waitFor();
  await Promise.all(phones.map((phone) => phone.ready()));
  expect(await stage.getByText('by each screen’s own clock').count()).toBe(1);
  await shoot(stage, 'stage-drill-cut');
});

it('makes way on stage when the presenter goes on', async () => {
  await presenter.turnsTo(2);
  await presenter.stage.locator('main.recovery').waitFor({ state: 'detached' });
});

it(
  'lets the room sleep once nobody taps, and shows how it woke: a new life, the same connections, the same log',
  { timeout: 2 * SLEEP_MS },
  async () => {
    const { stage, control } = presenter;
    const before = new Map(sockets);
    await control.getByRole('button', { name: 'Drill: let the room sleep' }).click();
    await control.getByText('Nobody tap: the room falls asleep.').waitFor();
    await phones[0]!.taps(1);
    await control.getByText('Somebody tapped.').waitFor();
    await control.setViewportSize(SCREENS.phone);
    await control.getByRole('button', { name: 'Call the sleep drill off' }).scrollIntoViewIfNeeded();
    await shoot(control, 'control-drill-silence');
    await control.getByText(/^✓ Woke in/).waitFor({ timeout: SLEEP_MS });
    await stage.getByText('The room slept. One question woke it.').waitFor();

    const log = await readLog(presenter, SKU);
    const drill = log.findLast((event): event is EventOf<'drill'> => event.kind === 'drill')!;
    const [told] = (await measured()) as [Awaited<ReturnType<typeof measured>>[number]];
    console.log(`sleep: woke in ${told.ms.toFixed(1)} ms after ${(told.waitedMs / 1_000).toFixed(1)} s`);
    expect(drill.body).toMatchObject({ kind: 'sleep', sockets: CONNECTIONS });
    expect(told).toMatchObject({ who: 'presenter', missing: 0 });
    expect(told.ms).toBeLessThan(atMost(1_000));
    await stage.getByText(`${CONNECTIONS} connections survived it.`).waitFor();
    const lives = `${drill.body.wakes - 1} → ${drill.body.wakes}`;
    // Exactly one more life.
    await stage.getByText(`Life ${drill.body.wakes - 1} → life ${drill.body.wakes}`).waitFor();
    expect(await stage.locator('.recovery .first').innerText()).toBe(millis(told.ms));
    // The control had asked for the lives before the silence: its own count, not a sum.
    await control.getByText(`life ${lives}, all 4 connections survived, same state`).waitFor();
    expect(sockets, 'no phone and no stage had to connect again').toEqual(before);
    await expectNoSidewaysScroll(control);
    await shoot(stage, 'stage-drill-slept');
    await shoot(control, 'control-drills');
    await control.setViewportSize(SCREENS.control);
    await phones[1]!.taps(1);
    await expect.poll(async () => (await phones[1]!.tally()).confirmed).toBe(1);
    expect((await presenter.audit()).broken).toEqual([]);
  },
);

/** What clients told of the newest drill, by the log. */
async function measured() {
  const log = await readLog(presenter, SKU);
  const newest = log.findLast(({ kind }) => kind === 'drill')?.seq;
  return log.flatMap((event) =>
    event.kind === 'recovered' && event.body.drill === newest ? event.body.clients : [],
  );
}

/** Dots of a kind that the picture shows. */
function dots(stage: Page, mark: Mark): Promise<number> {
  return stage
    .locator(`.recovery path.${mark}:not(.way)`)
    .evaluate((path) => (path.getAttribute('d')?.match(/M/g) ?? []).length);
}
