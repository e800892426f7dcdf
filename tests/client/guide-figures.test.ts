/** Figures of the guide: what they say is what the log of the show says, and nothing stands in for what was not measured. */
import { describe, expect, test } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { EVIDENCE_KEYS } from '#lib/guide/evidence.ts';
import type { EvidenceKey } from '#lib/guide/evidence.ts';
import type { Measured } from '#lib/summary/room-totals.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';
import { roomCard } from '#lib/summary/card.ts';
import { figureOf, latencyWords } from '../../src/routes/guide/figures.ts';
import { playShow } from '../domain/support/show.ts';

const NO_LATENCY = { n: 0, p50: null, p95: null, p99: null };
const NOTHING: Measured = {
  latency: { safe: NO_LATENCY, eventual: NO_LATENCY },
  mostPhones: 0,
  inFlight: 0,
  money: { realUsd: 0, limitUsd: 0, locked: false },
};
const PRICE = 90;
const played = playShow({
  seed: 11,
  steps: 1_500,
  mode: 'both',
  resetEvery: 400,
  sku: { id: 'seat', capacity: 20, unitPrice: PRICE },
});

describe('a show that was played', () => {
  const summary = summaryOf(played.events);
  const text = (key: EvidenceKey) => figureOf(key, { summary, kept: null })?.text ?? '';

  test('names the most that a run of the safe lane sold, and no oversell', () => {
    const most = Math.max(...unitsByEpoch(played.events, 'safe').values());
    expect(most).toBeGreaterThan(0);
    expect(text('safeStock')).toMatch(new RegExp(`^${most} of 20 sold at most, none oversold, `));
  });

  test('names what all runs oversold and owe', () => {
    const runs = [...unitsByEpoch(played.events, 'eventual').values()];
    const over = runs.reduce((sum, units) => sum + Math.max(0, units - 20), 0);
    const sold = runs.reduce((sum, units) => sum + units, 0);
    expect(runs.length, 'this seed resets').toBeGreaterThan(1);
    expect(over, 'this seed oversells').toBeGreaterThan(0);
    expect(text('eventualOversell')).toBe(
      `${over} too many: ${sold} sold in ${runs.length} runs, of 20 each`,
    );
    expect(text('exposure')).toBe(`$${(over * PRICE).toLocaleString('en')}.00: ${over} at $${PRICE}`);
  });

  test('says of a show what its card says', () => {
    const [room] = summary.rooms;
    const card = new Map(roomCard(room!).map((figure) => [figure.key, figure.value]));
    expect(text('eventualOversell').split(' ')[0]).toBe(card.get('eventual')?.slice(1));
    expect(text('exposure').split(':')[0]).toBe(card.get('exposure'));
    expect(text('cost').split(' ')[0]).toBe(card.get('virtual'));
    expect(text('lostUpdates').split(' ')[0]).toBe(card.get('lost-eventual'));
    expect(text('realSpend').split(',')[0]).toBe(card.get('real'));
    expect(text('load').split(' ')[0]).toBe(card.get('orders'));
  });

  test('names lost units as sold less stored', () => {
    const [, lost, sold, stored] =
      /^(\d+) units? lost: (\d+) sold, (\d+) in the counter at the ends of \d+ runs$/.exec(
        text('lostUpdates'),
      ) ?? [];
    expect(Number(lost), 'this seed loses updates').toBeGreaterThan(0);
    expect(Number(lost)).toBe(Number(sold) - Number(stored));
  });

  test('counts every answer, and sales among them as the log has them', () => {
    const sales = played.events.filter(({ kind }) => kind === 'allocated').length;
    const refusals = played.events.flatMap((event) =>
      event.kind === 'refused' ? Object.values(event.body.counts) : [],
    );
    const answers = sales + refusals.reduce((sum, times) => sum + times, 0);
    expect(text('load').replaceAll(',', '')).toBe(`${answers} answers ${sales} of them sales`);
  });

  test('says what each figure is: only the virtual cost is an estimate', () => {
    for (const key of EVIDENCE_KEYS) {
      const mark = figureOf(key, { summary, kept: null })?.mark;
      if (mark) expect(mark, key).toBe(key === 'cost' ? 'ESTIMATE' : 'MEASURED');
    }
    expect(figureOf('cost', { summary, kept: null })?.mark).toBe('ESTIMATE');
  });

  test('says how much of it simulated shoppers did', () => {
    const first = played.events.find((event) => event.kind === 'allocated');
    expect(first?.kind).toBe('allocated');
    const simulated = played.events.map((event) =>
      event.kind === 'allocated' ? { ...event, body: { ...event.body, sim: true as const } } : event,
    );
    const units = simulated.reduce(
      (sum, event) => sum + (event.kind === 'allocated' ? event.body.units : 0),
      0,
    );
    expect(figureOf('load', { summary: summaryOf(simulated), kept: null })?.simUnits).toBe(units);
    expect(figureOf('load', { summary, kept: null })?.simUnits).toBe(
      played.events.reduce(
        (sum, event) => sum + (event.kind === 'allocated' && event.body.sim ? event.body.units : 0),
        0,
      ),
    );
  });
});

test('a show in which nothing happened has no figures but its account', () => {
  const summary = summaryOf(played.events.slice(0, 1));
  const there = EVIDENCE_KEYS.filter((key) => figureOf(key, { summary, kept: null }) !== null);
  expect(there).toEqual(['realSpend']);
});

test('of several products each figure is that of the one that fared worst', () => {
  const quiet = summaryOf(played.events.slice(0, 1));
  const summary = summaryOf(played.events);
  const [first, second] = [quiet.rooms[0]!, summary.rooms[0]!];
  const both: ShowSummary = { ...summary, rooms: [{ ...first, sku: { ...first.sku, id: 'quiet' } }, second] };
  const figure = figureOf('eventualOversell', { summary: both, kept: null });
  expect(figure).toEqual(figureOf('eventualOversell', { summary, kept: null }));
  expect(figure?.skuId).toBe('seat');
});

test('what is kept is told by its fields, of this browser’s session alone', () => {
  const summary = summaryOf(played.events);
  expect(figureOf('kept', { summary, kept: null })).toBeNull();
  expect(figureOf('kept', { summary, kept: ['sessionId', 'role'] })?.text).toBe('2 fields: sessionId, role');
});

test('latency comes with its samples, and hides what so few cannot tell', () => {
  expect(latencyWords(NO_LATENCY)).toBeNull();
  expect(latencyWords({ n: 19, p50: 12, p95: 40, p99: 80 })).toBe('p50 12 ms, n = 19');
  expect(latencyWords({ n: 99, p50: 12, p95: 40, p99: 80 })).toBe('p50 12 ms, p95 40 ms, n = 99');
  expect(latencyWords({ n: 100, p50: 12, p95: 40, p99: 80 })).toBe(
    'p50 12 ms, p95 40 ms, p99 80 ms, n = 100',
  );
});

test('ways back of a few clients are told by the slowest, of many by the slowest twentieth', () => {
  const of = (reports: number) => {
    const summary = summaryOf(played.events);
    const room = summary.rooms[0]!;
    const recovery = { drills: 1, sockets: 30, reports, p50Ms: 100, p95Ms: 300, maxMs: 700, missing: 0 };
    return figureOf('recovery', { summary: { ...summary, rooms: [{ ...room, recovery }] }, kept: null })
      ?.text;
  };
  expect(of(19)).toBe('slowest 700 ms, 0 events missed, n = 19');
  expect(of(20)).toBe('p95 300 ms, 0 events missed, n = 20');
});

function summaryOf(events: readonly RoomEvent[]): ShowSummary {
  const totals = new RoomTotals();
  for (const event of events) totals.take(event);
  return {
    format: 'revenue-guard-summary',
    formatVersion: 1,
    show: 'K7QM2P',
    status: 'live',
    asOfMs: 0,
    endedAtMs: null,
    readableUntilMs: null,
    joined: 0,
    rooms: [totals.summary(NOTHING)],
  };
}

function unitsByEpoch(events: readonly RoomEvent[], lane: string): Map<number, number> {
  const units = new Map<number, number>();
  for (const event of events) {
    if (event.kind !== 'allocated' || event.body.lane !== lane) continue;
    units.set(event.epoch, (units.get(event.epoch) ?? 0) + event.body.units);
  }
  return units;
}
