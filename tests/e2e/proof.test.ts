/**
 * The proof, end to end: a show is played in front of a stage, its log is taken home, and a stranger re-derives the stage's
 * last frame from it, by command and by page; every receipt of every phone is in it, and whatever is done to the file is named.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { rechain } from '../domain/support/audits.ts';
import { firstAllocated, firstOf } from '../domain/support/tamper.ts';
import { lineOf } from '../verify/support/export.ts';
import { Phone } from './support/phone.ts';
import { Presenter } from './support/presenter.ts';
import { shoot } from './support/shots.ts';
import { fileFrom, keep, resetFrom, verifyByCommand } from './support/take-home.ts';
import { expectOneTruth, figuresOf, readState } from './support/truth.ts';
import type { Figures } from './support/truth.ts';
import { SCREENS, Venue } from './support/venue.ts';

const SKU = 'first-edition';
const CAPACITY = 30;

const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-show-'));
const file = (name: string) => join(folder, name);
const LOG = file('show.ndjson');

let venue: Venue;
let presenter: Presenter;
let phones: Phone[];
/** The stage's last frame, of the newest epoch; and what the safe lane sold in the first. */
let last: Figures;
let safe: Figures;

beforeAll(async () => {
  venue = await Venue.open(inject('host'));
  const product = { name: 'First edition', capacity: CAPACITY, unitPrice: 40 };
  presenter = await Presenter.opens(venue, inject('host').debugToken, [product]);
  const names = ['first phone', 'second phone', 'third phone'];
  phones = await Promise.all(names.map(async (who) => new Phone(await venue.page(await venue.phone(), who))));
  for (const phone of phones) await phone.joinsByLink(presenter.code);
});
afterEach(() => expect(venue.complaints(), 'what pages complained of').toEqual([]));
afterAll(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a show is played: safe, eventual, reset, eventual again', { timeout: 180_000 }, async () => {
  venue.expects(/control: .*status of 429/);
  await tapAll(5);
  await presenter.rush(50);
  await expect
    .poll(async () => figuresOf(await readState(presenter, SKU), 'safe').acknowledged)
    .toBe(CAPACITY);
  safe = figuresOf(await readState(presenter, SKU), 'safe');
  expect(safe).toEqual({ acknowledged: CAPACITY, stored: CAPACITY, oversold: 0, lost: 0 });
  await eventually();
  await Promise.all([presenter.rush(50), tapAll(6)]);
  expect((await expectOneTruth(presenter, SKU, 'eventual')).lost).toBeGreaterThan(0);
  await resetFrom('198.51.100.79', presenter, SKU);
  await Promise.all(phones.map(({ page }) => page.getByText('Nothing yet. Tap the button.').waitFor()));
  await Promise.all([presenter.rush(50), tapAll(6)]);
  for (const phone of phones) await expect.poll(async () => (await phone.tally())['on their way']).toBe(0);
  last = await expectOneTruth(presenter, SKU, 'eventual');
  expect(last.lost).toBeGreaterThan(0);
  expect(last.oversold).toBeGreaterThan(0);
  await shoot(presenter.stage, 'proof-stage');
});

it('its summary says what the stage said, and hands over the log', { timeout: 90_000 }, async () => {
  // Phones keep the newest hash: the log is taken home when nothing more is told, which a cost is within a second.
  const tellsMore = async () => {
    const { seq } = await readState(presenter, SKU);
    await presenter.stage.waitForTimeout(1_500);
    return (await readState(presenter, SKU)).seq - seq;
  };
  await expect.poll(tellsMore, { interval: 0 }).toBe(0);
  const page = await venue.window(presenter.control, 'summary');
  await page.setViewportSize(SCREENS.control);
  await page.goto(`/show/${presenter.code}`);
  await page.getByText('Still running.').waitFor();
  expect(await rowOf(page, 2, 'eventual')).toEqual(last);
  expect(await rowOf(page, 1, 'safe')).toEqual(safe);
  await shoot(page, 'proof-summary', true);
  const { name, bytes } = await fileFrom(page, page.getByRole('button', { name: 'The whole log' }));
  expect(name).toBe(`${presenter.code}-${SKU}.ndjson`);
  writeFileSync(LOG, bytes);
  keep(bytes, 'proof-show.ndjson');
  await page.getByRole('link', { name: /^Check it.*Eventual lane: sold too many/ }).click();
  await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
  expect(await tableOf(page)).toEqual(last);
  await shoot(page, 'proof-page', true);
  await page.close();
});

it('every receipt of every phone stands in it, and it holds by the command, with the same numbers', async () => {
  for (const [place, { page }] of phones.entries()) {
    await page.getByRole('link', { name: 'Check my receipts' }).tap();
    await page.getByRole('heading', { name: 'The log holds.' }).waitFor();
    const { bytes } = await fileFrom(page, page.getByRole('button', { name: 'Save as a file' }));
    writeFileSync(file(`receipts-${place}.json`), bytes);
  }
  // Phones keep the newest hash, and what they measured may have been told since the log was taken home.
  const path = `/api/demo/log?skuId=${SKU}`;
  const log = await presenter.control.evaluate(async (from) => (await fetch(from)).text(), path);
  writeFileSync(file('with-receipts.ndjson'), log);
  const receipts = phones.flatMap((_, place) => ['--receipts', file(`receipts-${place}.json`)]);
  const { status, stdout } = verifyByCommand(file('with-receipts.ndjson'), ...receipts);
  expect(stdout).toMatch(/✓ All \d+ checks hold/);
  expect(status).toBe(0);
  const [, found, told] = /receipts: (\d+) of (\d+) found/.exec(stdout) ?? [];
  // Each of three phones tapped seventeen times; who was refused was told no number.
  expect(Number(told)).toBeGreaterThan(2 * phones.length * 6);
  expect(found).toBe(told);
  const { epoch } = await readState(presenter, SKU);
  expect(stdout.replace(/ +/g, ' ')).toContain(
    ` ${epoch} eventual ${last.acknowledged} ${last.stored} ${last.lost} ${last.oversold} `,
  );
  keep(Buffer.from(stdout), 'proof-command.txt');
});

/** What somebody does to the lines of the file, and the check that has to name it at which line. */
const TAMPERINGS: [name: string, check: string, tamper: (lines: string[]) => number][] = [
  ['a flipped byte', 'Hash chain intact', (lines) => edit(lines, saleAt(lines), '"units":1', '"units":3')],
  ['a missing line', 'Event numbers dense', (lines) => splice(lines, saleAt(lines), 1)],
  [
    'a doubled line',
    'Event numbers dense',
    (lines) => splice(lines, saleAt(lines) + 1, 0, lines[saleAt(lines)] ?? ''),
  ],
  [
    'two lines in each other’s place',
    'Event numbers dense',
    (lines) => splice(lines, saleAt(lines), 2, lines[saleAt(lines) + 1] ?? '', lines[saleAt(lines)] ?? ''),
  ],
  [
    'a changed price',
    'Header and opening event agree',
    (lines) => edit(lines, 0, '"unitPrice":40', '"unitPrice":4'),
  ],
  ['a cut tail', 'Head line agrees with the last event', (lines) => lines.splice(-3).length && lines.length],
  [
    'a forged head',
    'Head line agrees with the last event',
    (lines) => edit(lines, lines.length - 1, '{"head":"', '{"head":"0'),
  ],
];

it.each(TAMPERINGS)('names %s', (_name, check, tamper) => {
  const lines = readFileSync(LOG, 'utf8').trimEnd().split('\n');
  const at = tamper(lines);
  const { status, stdout } = verifyTampered(lines);
  expect(status).toBe(1);
  expect(stdout).toMatch(new RegExp(`✗ Line ${at + 1}\\b.* is the first that is wrong: ${check}`));
});

/** What the operator could do, who can chain every event anew; and the check that names it. */
const FORGERIES: [name: string, check: string, forge: (events: RoomEvent[]) => void][] = [
  [
    'a forged total',
    'Virtual cost = cost of taps × load factor',
    (events) => void (firstOf(events, 'cost').body.virtualUsd += 1),
  ],
  [
    'a forged reading',
    'Eventual lane: every reading is real',
    (events) =>
      void (firstAllocated(events, 'eventual', ({ version }) => version === 3).body.readAllocated = 7),
  ],
  [
    'a loss that was hushed up',
    'Lost and restored name exactly the ops that left and came back',
    (events) => void events.splice(events.indexOf(firstOf(events, 'lost')), 1),
  ],
];

it.each(FORGERIES)('names %s, though every hash was made anew', (_name, check, forge) => {
  const { header, events } = parts();
  forge(events);
  const { status, stdout } = verifyTampered([header, ...chained(events)]);
  expect(status).toBe(1);
  expect(stdout).toContain(check);
});

it('names a history that was written anew, by the receipts of the phones alone', () => {
  const { header, events } = parts();
  firstAllocated(events, 'safe').body.who = 'somebody-else';
  const lines = [header, ...chained(events)];
  expect(verifyTampered(lines).status).toBe(0);
  const { status, stdout } = verifyTampered(lines, '--receipts', file('receipts-0.json'));
  expect(status).toBe(1);
  expect(stdout).toContain('Hashes that clients were told stand in the chain');
});

function verifyTampered(lines: readonly string[], ...options: string[]) {
  const tampered = file('tampered.ndjson');
  writeFileSync(tampered, `${lines.join('\n')}\n`);
  return verifyByCommand(tampered, ...options);
}

function parts(): { header: string; events: RoomEvent[] } {
  const [header = '', ...lines] = readFileSync(LOG, 'utf8').trimEnd().split('\n');
  return { header, events: lines.slice(0, -1).map((line) => JSON.parse(line) as RoomEvent) };
}

/** The lines of events that were chained anew, with their head. */
function chained(events: readonly RoomEvent[]): string[] {
  const anew = rechain(events);
  const { hash = '', seq = 0 } = anew.at(-1) ?? {};
  return [...anew.map(lineOf), JSON.stringify({ head: hash, seq })];
}

function saleAt(lines: readonly string[]): number {
  return lines.findIndex((line) => line.includes('"kind":"allocated"') && line.includes('"units":1'));
}

function edit(lines: string[], at: number, from: string, to: string): number {
  const line = lines[at] ?? '';
  if (!line.includes(from)) throw new Error(`line ${at + 1} has no ${from}`);
  lines[at] = line.replace(from, to);
  return at;
}

function splice(lines: string[], at: number, remove: number, ...insert: string[]): number {
  lines.splice(at, remove, ...insert);
  return at;
}

/** Figures of a lane in the table of epochs. */
async function rowOf(page: Page, epoch: number, lane: string): Promise<Figures> {
  const [acknowledged, stored, oversold, lost] = await Promise.all(
    ['acknowledged', 'stored', 'oversold', 'lost'].map((column) =>
      figureAt(page, `tr[data-epoch="${epoch}"][data-lane="${lane}"] td[data-column="${column}"]`),
    ),
  );
  return { acknowledged: acknowledged!, stored: stored!, oversold: oversold!, lost: lost! };
}

/** Figures of the eventual lane in the verifier's table of the newest epoch. */
async function tableOf(page: Page): Promise<Figures> {
  const [acknowledged, stored, oversold, lost] = await Promise.all(
    ['Acknowledged', 'Stored by the counter', 'Oversold', 'Lost'].map((row) =>
      figureAt(page, `td[data-lane="eventual"][data-row="${row}"]`),
    ),
  );
  return { acknowledged: acknowledged!, stored: stored!, oversold: oversold!, lost: lost! };
}

async function figureAt(page: Page, selector: string): Promise<number> {
  return Number((await page.locator(selector).innerText()).replaceAll(',', ''));
}

async function eventually(): Promise<void> {
  await presenter.switchTo('eventual');
  await Promise.all(phones.map((phone) => phone.shows('eventual')));
}

async function tapAll(times: number): Promise<void> {
  await Promise.all(phones.map((phone) => phone.taps(times)));
}
