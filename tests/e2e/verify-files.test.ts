/** Files that are dropped on the verify page and are not what a room wrote: a rehearsal's log, and what is no log. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { begin, play, room } from '../client/support/rehearsal.ts';
import { rechain } from '../domain/support/audits.ts';
import { Log } from '../domain/support/room-facts.ts';
import { exportLines, fileOf } from '../verify/support/export.ts';
import { SHOW } from '../verify/support/shows.ts';
import { shoot } from './support/shots.ts';
import { SCREENS, Venue } from './support/venue.ts';

/** Longer than this a page does not answer a finger; parsing 200 MB on its own thread would take seconds. */
const MOST_BLOCKED_MS = 400;
/** Elements of the page, whatever the file is. */
const MOST_NODES = 1_000;

const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-files-'));
const file = (name: string) => join(folder, name);
const LINES = exportLines(SHOW.events);
const ROOM = file('room.ndjson');

let venue: Venue;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  writeFileSync(ROOM, fileOf(LINES));
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

it('says SIMULATED of a rehearsal’s log before anything else, and as long as it is looked at', async () => {
  const simulated = file('rehearsal.ndjson');
  const show = begin();
  play(show, 'both', { shoppers: 20, seconds: 5 });
  writeFileSync(simulated, room(show).exportLog());

  const page = await openPage();
  const mark = page.getByRole('complementary', { name: 'Simulated' });
  await logFile(page).setInputFiles(simulated);
  await page.getByRole('heading', { name: 'Simulated: the rehearsal’s log holds.' }).waitFor();
  expect(await page.title()).toMatch(/^SIMULATED/);
  expect(await page.getByRole('status').first().innerText()).toMatch(
    /^Simulated: a rehearsal wrote this log/,
  );
  await page.getByRole('heading', { name: 'What this cannot show' }).scrollIntoViewIfNeeded();
  expect((await mark.boundingBox())?.y).toBe(0);
  await page.getByRole('heading', { name: 'Check it yourself' }).scrollIntoViewIfNeeded();
  await shoot(page, 'verify-simulated', true);
  await page.getByRole('button', { name: 'Slow motion' }).first().click();
  await page.getByRole('dialog').getByText('SIMULATED: a race of a rehearsal.').waitFor();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await logFile(page).setInputFiles(ROOM);
  await page.getByRole('heading', { name: 'The log holds.', exact: true }).waitFor();
  expect(await mark.count()).toBe(0);
  await page.context().close();
});

it(
  'names the line of what is no log, also of 200 MB, and the page stays free',
  { timeout: 90_000 },
  async () => {
    const begun = `${LINES.slice(0, 10).join('\n')}\n`;
    const other = file('other.ndjson');
    writeFileSync(other, `${LINES[0]}\n${'{"some":"other log"}\n'.repeat(10_000_000)}`);
    const long = file('long-lines.ndjson');
    writeFileSync(long, begun + 'x'.repeat(1_200_000));
    const cut = file('cut.ndjson');
    writeFileSync(cut, LINES.slice(0, 10).join('\n').slice(0, -5));
    const none = file('empty.ndjson');
    writeFileSync(none, '');

    const page = await openPage();
    await watchTasks(page);
    const answers: [file: string, sentence: string][] = [
      [other, 'Reading stopped at line 1,001: 1000 lines by now are no events'],
      [long, 'Reading stopped at line 11: the line is 1 MB or longer'],
      [cut, 'Line 10 is wrong.'],
      [none, 'Line 1: the file is empty.'],
    ];
    for (const [name, sentence] of answers) {
      await logFile(page).setInputFiles(name);
      await page.locator('.answer').getByText(sentence).waitFor();
    }
    expect(await longestTask(page), 'longest task of the page, ms').toBeLessThan(MOST_BLOCKED_MS);
    await page.context().close();
  },
);

it(
  'draws one epoch of a log of 20,000, whichever is asked for, and the page stays free',
  { timeout: 90_000 },
  async () => {
    const epochs = 20_000;
    const { events } = new Log();
    for (let epoch = 2; epoch <= epochs; epoch++) {
      const body = { by: 'presenter', fromEpoch: epoch - 1, toEpoch: epoch, realCarriedUsd: 0 };
      events.push({ ...events[0]!, epoch, kind: 'reset', body });
    }
    const resets = file('resets.ndjson');
    writeFileSync(resets, fileOf(exportLines(rechain(events))));

    const page = await openPage();
    await watchTasks(page);
    await logFile(page).setInputFiles(resets);
    await page.getByRole('heading', { name: 'The log holds.' }).waitFor({ timeout: 60_000 });
    const shown = page.locator('caption');
    await shown.getByText(`Epoch ${epochs}: events 20,000 to 20,000`).waitFor();
    await page.getByLabel('Epoch', { exact: true }).fill('7');
    await page.getByLabel('Epoch', { exact: true }).press('Enter');
    await shown.getByText('Epoch 7: events 7 to 7').waitFor();
    expect(await page.locator('*').count()).toBeLessThan(MOST_NODES);
    expect(await longestTask(page), 'longest task of the page, ms').toBeLessThan(MOST_BLOCKED_MS);
    await page.context().close();
  },
);

async function openPage(): Promise<Page> {
  const page = await venue.page(await venue.device({ viewport: SCREENS.control }), 'verify');
  await page.goto('/verify');
  await page.getByRole('heading', { name: 'Check it yourself' }).waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: 'longtask',
    });
  });
}

function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: number[] }).tasks));
}

function logFile(page: Page): Locator {
  return page.getByLabel('Choose a log file');
}
