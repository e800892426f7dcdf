/** The guide's figures of a lane are those of its newest run, with what answered for its engine; what was not counted has no figure. */
import { expect, test } from 'vitest';
import { yearlyCost } from '#lib/domain/engine-prices.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { alternatives } from '#lib/guide/alternatives.ts';
import { ALTERNATIVE_OF } from '#lib/guide/alternative-lanes.ts';
import type { EpochSummary, LaneSummary, RoomSummary } from '#lib/summary/show-summary.ts';
import {
  answerWords,
  costWords,
  engineWordsOf,
  newestRunOn,
  resultWords,
} from '../../src/routes/guide/lane-figures.ts';

const UNSOLD: LaneSummary = {
  acknowledged: 0,
  stored: 0,
  lostUnits: 0,
  oversellDelta: 0,
  ops: 0,
  refused: 0,
  refusedByCode: {},
  conflicts: 0,
  simUnits: 0,
  losses: 0,
  returns: 0,
};
const sold = (change: Partial<LaneSummary>): LaneSummary => ({
  ...UNSOLD,
  acknowledged: 100,
  stored: 100,
  ops: 100,
  ...change,
});
const epoch = (number: number, lanes: EpochSummary['lanes']) =>
  ({ epoch: number, startedAtMs: 1_000 * number, lanes }) as EpochSummary;

/** A room with these epochs. */
function room(epochs: EpochSummary[], change: Partial<RoomSummary> = {}): RoomSummary {
  const latency = { 'postgres-for-update': { n: 200, p50: 7_900, p95: 9_100, p99: 9_900 } };
  const sku = { id: 'ticket', name: 'Ticket', capacity: 100, unitPrice: 150 };
  return { sku, latency, engines: {}, epochs, ...change } as RoomSummary;
}

const LOCKED = sold({
  distancesMs: [80],
  work: { worked: 100, attempts: 125, retries: { connection: 25 }, roundTrips: 5 },
});
const SHOW = {
  rooms: [
    room(
      [
        epoch(1, { 'postgres-for-update': sold({ oversellDelta: 7 }), 'dynamodb-put': sold({}) }),
        epoch(2, {
          'postgres-for-update': LOCKED,
          'dynamodb-put': sold({ acknowledged: 140, oversellDelta: 40, lostUnits: 90 }),
        }),
        epoch(3, { 'postgres-for-update': UNSOLD, 'dynamodb-put': UNSOLD }),
      ],
      {
        engines: {
          'dynamodb-put': { name: 'DynamoDB', label: 'EMULATOR' },
          'postgres-for-update': { name: 'PostgreSQL', label: 'REAL ENGINE' },
        },
      },
    ),
  ],
};

test('is of the newest run in which the lane sold, whatever came after it', () => {
  const run = newestRunOn(SHOW, 'postgres-for-update')!;
  expect(resultWords(run)).toBe('100 of 100 sold, exact');
  expect(answerWords(run)).toBe('p50 7,900 ms, p95 9,100 ms, p99 9,900 ms, n = 200');
  expect(engineWordsOf(run)).toBe('REAL ENGINE · EMULATED +80 ms');
});

test('says what was oversold and lost, and by what it was measured', () => {
  const run = newestRunOn(SHOW, 'dynamodb-put')!;
  expect(resultWords(run)).toBe('140 of 100 sold, 40 too many, 90 lost');
  expect(engineWordsOf(run)).toBe('EMULATOR');
  expect(answerWords(run), 'nobody timed it').toBeNull();
});

test('has no figure for a lane that never sold, and no cost where no attempts were counted', () => {
  expect(newestRunOn(SHOW, 'redis-script')).toBeNull();
  expect(costWords(newestRunOn(SHOW, 'dynamodb-put')!, 'dynamodb-put')).toBeNull();
});

test('estimates a year from the attempts that were counted', () => {
  const usd = Math.round(yearlyCost('postgres-for-update', 1.25).usd);
  const words = costWords(newestRunOn(SHOW, 'postgres-for-update')!, 'postgres-for-update');
  expect(words).toBe(`$${usd.toLocaleString('en')} a year, at 1.3 attempts a sale`);
  const own = { rooms: [room([epoch(1, { safe: sold({}) })])] };
  expect(costWords(newestRunOn(own, 'safe')!, 'safe')).toContain('at 1 attempt a sale');
});

test('a run at several distances names each of them', () => {
  const mixed = { rooms: [room([epoch(1, { 'postgres-for-update': sold({ distancesMs: [0, 80] }) })])] };
  expect(engineWordsOf(newestRunOn(mixed, 'postgres-for-update')!)).toBe(
    'REAL ENGINE · no distance · EMULATED +80 ms',
  );
});

test('every lane stands for an alternative of the guide', () => {
  const ids = alternatives().map(({ id }) => id);
  for (const lane of LANE_IDS) expect(ids, lane).toContain(ALTERNATIVE_OF[lane]);
});
