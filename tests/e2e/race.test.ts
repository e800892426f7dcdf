/** A lost update in words and pictures: on the stage, on the phone that it happened to, and any race of the log in slow motion. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { raceSteps } from '#lib/domain/race-steps.ts';
import { racesOf } from '#lib/domain/race.ts';
import type { Race } from '#lib/domain/race.ts';
import { misplaced } from './support/boxes.ts';
import { endOfMotion, lostOnStage } from './support/lost.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { expectNoSidewaysScroll } from './support/sideways.ts';
import { readLog } from './support/truth.ts';
import { SCREENS, Venue, WITHIN_MS } from './support/venue.ts';

const SKU = 'opening-night';

let venue: Venue;
let presenter: Presenter;
let phones: Phone[];
let races: Race[];

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'Opening night', capacity: 20, unitPrice: 90 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  phones = [];
  for (const viewport of [SCREENS.phone, SCREENS.smallPhone]) {
    const phone = new Phone(await venue.page(await venue.phone({ viewport }), `phone ${phones.length + 1}`));
    await phone.joinsByLink(presenter.code);
    phones.push(phone);
  }
  await presenter.switchTo('eventual');
  for (const phone of phones) await phone.shows('eventual');
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(() => venue.close());

it('shows nothing on the stage that was not lost: before the first race it says so', async () => {
  await phones[0]!.taps(1);
  await expect.poll(async () => (await phones[0]!.tally()).confirmed).toBe(1);
  await presenter.stage.keyboard.press('m');
  await presenter.stage.getByRole('heading', { name: 'Nothing lost yet.' }).waitFor();
  await shoot(presenter.stage, 'stage-lost-none');
  await presenter.stage.keyboard.press('Escape');
  await expect.poll(() => presenter.stage.locator('dialog[open]').count()).toBe(0);
});

it('tells a lost update on the stage with M, in the names and numbers of the log', async () => {
  const { stage } = presenter;
  await raceUntilLost();
  races = await racesNow();
  await stage.bringToFront();
  await stage.keyboard.press('m');
  await endOfMotion(stage);
  await lostOnStage(stage, await readLog(presenter, SKU));
  await shoot(stage, 'stage-lost');
  await stage.keyboard.press('m');
  await expect.poll(() => stage.locator('dialog[open]').count()).toBe(0);
});

it('tells a phone what became of its unit: who, which numbers, and that it is gone', async () => {
  const [phone, small] = phones as [Phone, Phone];
  for (const each of [phone, small]) {
    const row = each.page.locator('li button.note', { hasText: 'overwritten by' }).first();
    await row.focus();
    await each.page.keyboard.press('Enter');
    await each.page.getByRole('heading', { name: 'Your unit was overwritten' }).waitFor();
    const sheet = each.page.locator('dialog[open]');
    const words = await sheet.innerText();
    const log = await readLog(presenter, SKU);
    const sentences = lossesOf(log, await each.label());
    expect(sentences.filter((sentence) => words.includes(sentence))).not.toEqual([]);
    expect(words).toMatch(/The counter (stayed at|went from \d+ to) \d+: yours is not in it any more\./);
    await expectNoSidewaysScroll(each.page);
    await shoot(each.page, each === phone ? 'phone-race' : 'small-phone-race');
    await each.page.getByRole('button', { name: 'Back to the show' }).tap();
    await expect.poll(() => sheet.count()).toBe(0);
    expect(await row.evaluate((button) => button === document.activeElement)).toBe(true);
  }
});

it('remembers the numbers over a reload, because the room does', async () => {
  const { page } = phones[0]!;
  await page.reload();
  await phones[0]!.ready();
  await page.locator('li button.note', { hasText: 'overwritten by' }).first().tap();
  await page.locator('dialog[open] figure.picture').waitFor();
  await page.getByRole('button', { name: 'Back to the show' }).tap();
});

it('turns to every race by a clicker while M has it open, and each is told truly', async () => {
  const { stage } = presenter;
  await stage.bringToFront();
  await stage.keyboard.press('m');
  const log = await readLog(presenter, SKU);
  await stage.locator('dialog[open] .sum').waitFor();
  // To the newest, and from there back, a race at a time.
  for (const _ of races) await stage.keyboard.press('PageDown');
  for (let number = races.length; number >= Math.max(1, races.length - 4); number -= 1) {
    const of = number === races.length ? 'the newest' : `race ${number} of ${races.length}`;
    await stage.locator('dialog[open] .sum').getByText(of).waitFor();
    await endOfMotion(stage);
    await lostOnStage(stage, log);
    await stage.keyboard.press('PageUp');
  }
  await stage.getByRole('button', { name: 'Back to the stage' }).click();
  await expect.poll(() => stage.locator('dialog[open]').count()).toBe(0);
  await stage.getByText('● live').waitFor();
});

it('says SIMULATED where simulated shoppers raced, and is whole on every screen', async () => {
  const { stage } = presenter;
  await presenter.rush(50);
  races = await racesNow();
  await stage.keyboard.press('m');
  await endOfMotion(stage);
  await lostOnStage(stage, await readLog(presenter, SKU));
  await stage.locator('dialog[open] h2').getByText('SIMULATED').waitFor();
  await shoot(stage, 'stage-lost-crowd');
  for (const size of [
    SCREENS.stage,
    { width: 1280, height: 720 },
    { width: 1024, height: 768 },
    SCREENS.phone,
  ]) {
    await stage.setViewportSize(size);
    // The foot of the stage is measured with its own scenes.
    const inScene = async () => (await misplaced(stage)).filter((each) => !each.includes('cut by div.stage'));
    await expect.poll(inScene, { message: `${size.width} px` }).toEqual([]);
    await expectNoSidewaysScroll(stage);
    await shoot(stage, `stage-lost-${size.width}`);
  }
  await stage.setViewportSize(SCREENS.stage);
  await stage.keyboard.press('m');
});

it('opens every witness of a file in slow motion, with its recorded steps, without a network', async () => {
  const page = await openVerify();
  await page.context().setOffline(true);
  await page
    .getByRole('button', { name: /^Slow motion of event/ })
    .first()
    .click();
  const race = races.at(-1)!;
  await page.getByRole('heading', { name: `Race ${race.number} ` }).waitFor();
  await page.getByText('The same steps as a table').click();
  const rows = page.locator('dialog table tbody tr');
  const shown = await rows.locator('td:first-child').allInnerTexts();
  expect(shown.map(Number)).toEqual(raceSteps(race).map(({ atMs }) => atMs));
  expect(await page.getByText('on its own clock and in whole milliseconds').isVisible()).toBe(true);
  await shoot(page, 'verify-slow-motion');
  await page.setViewportSize(SCREENS.phone);
  await expectNoSidewaysScroll(page);
  await shoot(page, 'verify-slow-motion-phone');
  await page.setViewportSize(SCREENS.smallPhone);
  await expectNoSidewaysScroll(page);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
  await shoot(page, 'verify-witnesses-phone', true);
  await page.context().close();
});

it('plays, pauses, steps and is scrubbed by keyboard; the moment is said as a recorded one', async () => {
  const page = await openVerify();
  await page
    .getByRole('button', { name: /^Slow motion of event/ })
    .first()
    .click();
  const slider = page.getByRole('slider');
  const steps = raceSteps(races.at(-1)!);
  const endMs = steps.at(-1)!.atMs;
  const atMs = async () => Number(await slider.inputValue());
  expect(await atMs()).toBe(endMs);
  await slider.press('Home');
  await expect.poll(atMs).toBe(0);
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^0 ms: .* read \d+/);
  await slider.press('ArrowRight');
  await expect.poll(atMs).toBe(1);
  await page.getByRole('button', { name: 'Step →' }).press('Enter');
  await expect.poll(atMs).toBe(steps.find((step) => step.atMs > 1)!.atMs);
  await page.getByLabel('Speed').selectOption('2×');
  await page.getByRole('button', { name: 'Play' }).press('Space');
  await expect.poll(atMs).toBe(endMs);
  await page.getByRole('button', { name: 'Play' }).waitFor();
  await page.getByLabel('Speed').selectOption('12 s');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect.poll(atMs).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Pause' }).click();
  const paused = await atMs();
  await page.getByRole('button', { name: 'Play' }).waitFor();
  expect(await atMs()).toBe(paused);
  await page.context().close();
});

it('goes from moment to moment, and never between two, for people who asked for no motion', async () => {
  const page = await openVerify('reduce');
  await page
    .getByRole('button', { name: /^Slow motion of event/ })
    .first()
    .click();
  const moments = new Set(raceSteps(races.at(-1)!).map(({ atMs }) => atMs));
  // A worker fetches the race: the slider comes after the press.
  await page.getByRole('slider').waitFor();
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    const slider = document.querySelector<HTMLInputElement>('input[type="range"]')!;
    const note = () => {
      if (seen.at(-1) !== slider.valueAsNumber) seen.push(slider.valueAsNumber);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  await page.getByRole('button', { name: 'Play' }).click();
  const seen = () => page.evaluate(() => (window as unknown as { seen: number[] }).seen);
  await expect.poll(async () => (await seen()).length).toBeGreaterThan(2);
  expect((await seen()).filter((ms) => !moments.has(ms))).toEqual([]);
  await page.context().close();
});

/** Both phones tap at once, again and again, until each of them has lost something. */
async function raceUntilLost(): Promise<void> {
  const overwritten = async () => Promise.all(phones.map(async (phone) => (await phone.tally()).overwritten));
  await expect
    .poll(
      async () => {
        await Promise.all(phones.map((phone) => phone.taps(4)));
        return Math.min(...(await overwritten()));
      },
      { timeout: 3 * WITHIN_MS, interval: 500 },
    )
    .toBeGreaterThan(0);
  await expect
    .poll(async () =>
      Math.max(...(await Promise.all(phones.map(async (phone) => (await phone.tally())['on their way'])))),
    )
    .toBe(0);
}

async function racesNow(): Promise<Race[]> {
  return racesOf(await readLog(presenter, SKU));
}

/** What a person has to be told of their losses, put together from the log alone. */
function lossesOf(log: readonly RoomEvent[], label: string): string[] {
  const writes = new Map(
    log.flatMap((event) => (event.kind === 'allocated' ? [[event.body.op, event.body] as const] : [])),
  );
  return log.flatMap((event) => {
    if (event.kind !== 'lost' || event.body.who !== label) return [];
    const [mine, theirs] = [writes.get(event.body.op)!, writes.get(event.body.by)!];
    const by = event.body.byWho === label ? 'your own next tap' : event.body.byWho;
    const { readAllocated, wroteAllocated } = mine;
    return mine.parentVersion === theirs.parentVersion
      ? `You and ${by} both read ${readAllocated}. You wrote ${wroteAllocated}, then ${by} wrote ${theirs.wroteAllocated} over it.`
      : `You read ${readAllocated} and wrote ${wroteAllocated}. Without having seen that, ${by} read ${theirs.readAllocated} and wrote ${theirs.wroteAllocated} over it.`;
  });
}

async function openVerify(reducedMotion: 'reduce' | 'no-preference' = 'no-preference'): Promise<Page> {
  const device = await venue.device({ viewport: SCREENS.control, reducedMotion });
  const page = await venue.page(device, 'verify');
  await page.goto('/verify');
  await page.getByRole('heading', { name: 'Check it yourself' }).waitFor();
  await page.waitForLoadState('networkidle');
  const download = await presenter.control.evaluate(
    async (skuId) =>
      (await fetch(`/api/demo/log?skuId=${skuId}`, { headers: { 'x-session-role': 'presenter' } })).text(),
    SKU,
  );
  await page
    .getByLabel('Choose a log file')
    .setInputFiles({ name: 'show.ndjson', mimeType: 'application/x-ndjson', buffer: Buffer.from(download) });
  await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
  return page;
}
