/** Whatever is done to a file: it is found, with the line and the name of the check. */
import { describe, expect, test } from 'vitest';
import type { EventBodies, RoomEvent } from '#lib/domain/events.ts';
import { lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { rechain } from '../domain/support/audits.ts';
import type { Forgery } from '../domain/support/tamper.ts';
import { behind, firstAllocated, firstOf, forged, without } from '../domain/support/tamper.ts';
import { exportLines, fileOf, headerOf, lineOf } from './support/export.ts';
import { SHOW } from './support/shows.ts';
import { firstWrong, verified } from './support/verified.ts';

const LOG = SHOW.events;
const LINES = exportLines(LOG);
const LAST = LINES.length;

const CHAIN = 'Hash chain intact';
const DENSE = 'Event numbers dense';
const WRITTEN = 'Every line is what a room writes';
const HEAD = 'Head line agrees with the last event';
const HEADER = 'Header and opening event agree';
const FORM = 'Every event is one that a room can write';

test('an honest log holds, with every figure of the show', () => {
  const result = verified(LINES);
  expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(firstWrong(result)).toBe('holds');
  expect(result.head).toEqual({ seq: LOG.length, hash: LOG.at(-1)?.hash });
  expect(result.epochs.at(-1)?.totals.epoch).toBe(SHOW.state.epoch);
  for (const lane of ['safe', 'eventual'] as const) {
    const { latency: _latency, engine: _engine, ...counters } = ofLane(SHOW.state.lanes, lane);
    expect(result.epochs.at(-1)?.totals.lanes[lane]).toEqual(counters);
  }
});

test('totals are those of every epoch, not of the last alone', () => {
  const { epochs } = verified(LINES);
  expect(epochs.map(({ totals }) => totals.epoch)).toEqual(
    Array.from({ length: SHOW.state.epoch }, (_, i) => i + 1),
  );
  for (const { totals, witnesses, series } of epochs) {
    const own = LOG.filter(({ seq }) => seq >= totals.firstSeq && seq <= totals.lastSeq);
    const units = own.reduce((sum, { kind, body }) => (kind === 'allocated' ? sum + body.units : sum), 0);
    expect(lanesIn(totals.lanes).reduce((sum, [, lane]) => sum + lane.acknowledged, 0)).toBe(units);
    expect(witnesses).toHaveLength(own.filter(({ kind }) => kind === 'lost').length);
    const { curves } = series.get('both')!;
    expect(curves.eventual?.acknowledged.at(-1) ?? 0).toBe(totals.lanes.eventual?.acknowledged);
    expect(curves.eventual?.stored.at(-1) ?? 0).toBe(totals.lanes.eventual?.stored);
  }
});

/** What is done to lines by somebody who has the file and an editor. */
const EDITS: [name: string, expected: string, edit: (lines: string[]) => string[] | void][] = [
  ['a flipped byte in a label', `line 11: ${CHAIN}`, (lines) => replaceAt(lines, 11, /"who":"./, '"who":"X')],
  ['a flipped byte in a hash', `line 11: ${CHAIN}`, (lines) => flipHash(lines, 11)],
  [
    'a flipped byte in a time',
    `line 11: ${CHAIN}`,
    (lines) => replaceAt(lines, 11, /"atMs":18/, '"atMs":19'),
  ],
  ['a control character', `line 11: ${WRITTEN}`, (lines) => replaceAt(lines, 11, /"epoch"/, '"epo\u0000h"')],
  ['a brace less', `line 11: ${WRITTEN}`, (lines) => replaceAt(lines, 11, /\}$/, '')],
  ['a space more', `line 11: ${WRITTEN}`, (lines) => replaceAt(lines, 11, /,"epoch"/, ', "epoch"')],
  [
    'members in another order',
    `line 11: ${WRITTEN}`,
    (lines) => replaceAt(lines, 11, /^(\{)("atMs":\d+),(.*?)(,"hash")/, '$1$3,$2$4'),
  ],
  ['a member twice', `line 11: ${WRITTEN}`, (lines) => replaceAt(lines, 11, /^\{/, '{"atMs":1,')],
  [
    'another kind of event',
    `line 11: ${CHAIN}`,
    (lines) => replaceAt(lines, 11, /"kind":"[a-z]+"/, '"kind":"gift"'),
  ],
  ['a missing line', `line 12: ${DENSE}`, (lines) => void lines.splice(11, 1)],
  ['several missing lines', `line 12: ${DENSE}`, (lines) => void lines.splice(11, 5)],
  ['a doubled line', `line 13: ${DENSE}`, (lines) => void lines.splice(12, 0, lines[11]!)],
  [
    'two lines in each other’s place',
    `line 12: ${DENSE}`,
    (lines) => void lines.splice(11, 2, lines[12]!, lines[11]!),
  ],
  ['an empty line', `line 12: ${WRITTEN}`, (lines) => void lines.splice(11, 0, '')],
  ['a missing first event', `line 2: ${DENSE}`, (lines) => void lines.splice(1, 1)],
  ['a cut tail', `line ${LAST - 3}: ${HEAD}`, (lines) => lines.slice(0, -4)],
  ['a tail cut out before the head', `line ${LAST - 3}: ${HEAD}`, (lines) => void lines.splice(-4, 3)],
  ['no head line', `line ${LAST}: ${HEAD}`, (lines) => void lines.pop()],
  ['a forged head', `line ${LAST}: ${HEAD}`, (lines) => replaceAt(lines, LAST, /"head":"./, '"head":"g')],
  ['a forged count', `line ${LAST}: ${HEAD}`, (lines) => replaceAt(lines, LAST, /"seq":\d+/, '"seq":1')],
  ['a line behind the head', `line ${LAST + 1}: ${HEAD}`, (lines) => void lines.push(lines[4]!)],
  [
    'another price in the header',
    `line 1: ${HEADER}`,
    (lines) => replaceAt(lines, 1, /"unitPrice":\d+/, '"unitPrice":1'),
  ],
  [
    'another list price in the header',
    `line 1: ${HEADER}`,
    (lines) => replaceAt(lines, 1, /"kv.read":[^,]+/, '"kv.read":0'),
  ],
  [
    'another configuration in the header',
    `line 1: ${HEADER}`,
    (lines) => replaceAt(lines, 1, /"raceWindowMs":100/, '"raceWindowMs":1'),
  ],
  [
    'another product in the header',
    `line 1: ${HEADER}`,
    (lines) => replaceAt(lines, 1, /"id":"[a-z]+"/, '"id":"other"'),
  ],
  [
    'another show in the header',
    `line 1: ${HEADER}`,
    (lines) => replaceAt(lines, 1, /"show":"A/, '"show":"B'),
  ],
  [
    'another price in the opening event',
    `line 2: ${CHAIN}`,
    (lines) => replaceAt(lines, 2, /"unitPrice":\d+/, '"unitPrice":1'),
  ],
];

test.each(EDITS)('%s: %s', (_name, expected, edit) => {
  const lines = [...LINES];
  const edited = edit(lines) ?? lines;
  expect(edited).not.toEqual(LINES);
  expect(firstWrong(verified(edited))).toBe(expected);
});

test('a byte that no text has is named by its line, and the rest is read', () => {
  const file = fileOf(LINES);
  const at = LINES.slice(0, 30).join('\n').length - 100;
  file[at] = 0xff;
  const result = verified(file);
  expect(firstWrong(result)).toBe(`line 30: ${WRITTEN}`);
  expect(result.events).toBe(LOG.length - 1);
});

const set = <T extends object>(target: T, change: Partial<T>) => void Object.assign(target, change);
const cost = (log: RoomEvent[]) => firstOf(log, 'cost', ({ body }) => body.exposureUsd > 0).body;
const blind = (log: RoomEvent[]) =>
  firstAllocated(log, 'eventual', (body) => (body.readAllocated ?? 0) > 2).body;

/** What is done by somebody who can compute every hash anew: only what the log says can give it away. */
const FORGERIES: [name: string, check: string, forgery: Forgery][] = [
  [
    'a forged virtual total',
    'Virtual cost = cost of taps × load factor + exposure',
    (log) => set(cost(log), { virtualUsd: 1 }),
  ],
  [
    'a forged exposure',
    'Exposure = oversold units × unit price',
    (log) => set(cost(log), { exposureUsd: 1 }),
  ],
  [
    'a forged real total',
    'Real cost = whole cents of virtual × billing scale, held at the limit',
    (log) => set(cost(log), { realUsd: 0.01 }),
  ],
  [
    'a hidden loss',
    'Lost and restored name exactly the ops that left and came back',
    (log) => without(log, firstOf(log, 'lost')),
  ],
  [
    'a loss of another op',
    'Lost and restored name exactly the ops that left and came back',
    (log) => set(firstOf(log, 'lost').body, { units: 7 }),
  ],
  [
    'a write that adds',
    'Eventual lane: every write is its reading plus its units',
    (log) => set(blind(log), { wroteAllocated: 19 }),
  ],
  ['a reading that nobody wrote', 'Eventual lane: every reading is real', (log) => shift(blind(log))],
  [
    'an op sold twice',
    'Each op allocated at most once per lane',
    (log) => behind(log, firstAllocated(log, 'safe'), structuredClone(firstAllocated(log, 'safe'))),
  ],
  ['another kind of event', FORM, (log) => set(log[10] as { kind: string }, { kind: 'gift' })],
  ['a field more', FORM, (log) => set(firstAllocated(log, 'safe').body, { price: 1 } as object)],
];

describe('a log whose every hash was computed anew', () => {
  test.each(FORGERIES)('%s is found by “%s”, at or right behind its line', (_name, check, forgery) => {
    const events = rechain(forged(LOG, forgery));
    const touched = events.findIndex((event, index) => lineOf(event) !== lineOf(LOG[index]!));
    const result = verified([headerOf(LOG), ...events.map(lineOf), headOf(events)]);
    const found = result.checks.find(({ name }) => name === check);
    expect(found).toMatchObject({ ok: false });
    expect(result.checks.find(({ key }) => key === 'chain')).toMatchObject({ ok: true });
    // Line 1 is the header: event n stands on line n + 1. What is missing is seen where it should have been told by.
    expect(result.first?.line).toBeGreaterThanOrEqual(touched + 2);
    expect(result.first?.line).toBeLessThan(touched + 40);
  });

  test('two counts that share no code disagree where a loss was hidden', () => {
    const events = rechain(forged(LOG, (log) => without(log, firstOf(log, 'lost'))));
    const result = verified([headerOf(LOG), ...events.map(lineOf), headOf(events)]);
    const agree = result.checks.find(({ key }) => key === 'agree');
    expect(agree).toMatchObject({ ok: false, found: expect.stringContaining('lost units by lineage') });
  });

  test('a changed price is found by the header that still tells the old one', () => {
    const opened = forged(LOG, (log) => set(firstOf(log, 'opened').body.sku, { unitPrice: 1 }));
    const events = rechain(opened);
    expect(firstWrong(verified([headerOf(LOG), ...events.map(lineOf), headOf(events)]))).toBe(
      `line 1: ${HEADER}`,
    );
    const both = verified([headerOf(events), ...events.map(lineOf), headOf(events)]);
    expect(both.first?.check).toBe('Exposure = oversold units × unit price');
  });
});

function headOf(events: readonly RoomEvent[]): string {
  const last = events.at(-1);
  return JSON.stringify({ head: last?.hash, seq: last?.seq });
}

function replaceAt(lines: string[], line: number, pattern: RegExp, by: string): void {
  lines[line - 1] = lines[line - 1]!.replace(pattern, by);
}

function flipHash(lines: string[], line: number): void {
  replaceAt(lines, line, /"hash":"(.)/, lines[line - 1]!.includes('"hash":"0') ? '"hash":"1' : '"hash":"0');
}

function shift(body: EventBodies['allocated']): void {
  set(body, { readAllocated: body.readAllocated! - 1, wroteAllocated: body.wroteAllocated! - 1 });
}
