/** What a contest says of its lanes: each in its place, by its counters alone, and in words. */
import { describe, expect, test } from 'vitest';
import { contestRows, laneVerdict } from '#lib/components/contest/contest-rows.ts';
import type { ContestRow } from '#lib/components/contest/contest-rows.ts';
import { contestSummary, timesWords, timeWords, verdictWord } from '#lib/components/contest/contest-words.ts';
import {
  distanceWords,
  enginesWords,
  engineWords,
  labelWords,
  laneWords,
  strategyWords,
  wayWords,
} from '#lib/components/strategy-words.ts';
import { ENGINE_LABELS, ENGINE_OF } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { ALTERNATIVE_OF } from '#lib/guide/alternative-lanes.ts';
import { alternatives } from '#lib/guide/alternatives.ts';
import { tallyOf } from '../../src/routes/stage/[code]/scenes/results.ts';
import { stageSummary } from '../../src/routes/stage/[code]/stage-summary.ts';
import { laneState, roomState } from './support/fake-room.ts';
import { madeLanes } from './support/made-lanes.ts';

const CAPACITY = 100;
const sku = { id: 'ticket', name: 'Ticket', capacity: CAPACITY, unitPrice: 150 };
const all = contestRows({ lanes: madeLanes(CAPACITY), sku });
const rowOf = (lane: LaneId) => all.rows.find((row) => row.lane === lane)!;

describe('the rows of a contest', () => {
  test('stand in the order of the table, whatever order the show has and however long answers took', () => {
    const backwards = contestRows({ lanes: madeLanes(CAPACITY, [...LANE_IDS].reverse()), sku });
    expect(backwards.rows.map(({ lane }) => lane)).toEqual(LANE_IDS);
    const two = contestRows({ lanes: madeLanes(CAPACITY, ['redis-script', 'postgres-for-update']), sku });
    expect(two.rows.map(({ lane }) => lane)).toEqual(['postgres-for-update', 'redis-script']);
  });

  test('have one line of what exists, and bars to one scale', () => {
    expect(all.line).toBeCloseTo(100 / 187);
    for (const { bar, acknowledged } of all.rows) {
      expect((bar.within + bar.beyond) / all.line).toBeCloseTo(acknowledged / CAPACITY);
      expect(bar.within).toBeLessThanOrEqual(all.line);
    }
    expect(rowOf('safe').bar).toEqual({ within: all.line, beyond: 0 });
    // While nobody has crossed the line, it is seen as one that can be crossed.
    expect(contestRows({ lanes: madeLanes(CAPACITY, ['safe']), sku }).line).toBeLessThan(1);
  });

  test('say how many kept their word, how many did not, and of how many it is not known', () => {
    expect([all.kept, all.broke, all.open]).toEqual([6, 4, 2]);
    expect(all.kept + all.broke + all.open).toBe(LANE_IDS.length);
  });

  test('show times as they were measured, and no p95 that would be the slowest sample', () => {
    expect(rowOf('safe').latency).toEqual({ n: 312, medianMs: 12, p95Ms: 38 });
    expect(rowOf('redis-lock').latency).toEqual({ n: 7, medianMs: 41, p95Ms: null });
    expect(rowOf('redis-script').latency).toEqual({ n: 0, medianMs: null, p95Ms: null });
  });

  test('average tries over the sales that told theirs', () => {
    const perSale = (counters: Parameters<typeof laneState>[0]): ContestRow['perSale'] =>
      contestRows({ lanes: { safe: laneState(counters) }, sku }).rows[0]!.perSale;
    expect(perSale({ ops: 10, worked: 10, attempts: 34, retries: { conflict: 20, lock: 4 } })).toEqual({
      attempts: 3.4,
      retries: 2.4,
    });
    // Two of ten were looked up later: what they took is not known, and is not taken for nothing.
    expect(perSale({ ops: 10, worked: 8, attempts: 32, retries: { conflict: 24 } })).toEqual({
      attempts: 4,
      retries: 3,
    });
    expect(perSale({ ops: 10 })).toEqual({ attempts: null, retries: null });
  });
});

describe('the verdict on a lane', () => {
  test.each([
    ['nothing', {}],
    ['unsettled', { inFlight: 1 }],
    ['unsettled', { acknowledged: 100, stored: 100, inFlight: 1 }],
    ['exact', { acknowledged: 100, stored: 100 }],
    ['inexact', { acknowledged: 40, stored: 31 }],
    ['unsettled', { acknowledged: 40, stored: 31, inFlight: 2 }],
    ['oversold', { acknowledged: 123, stored: 100, oversellDelta: 23 }],
    ['oversold', { acknowledged: 101, stored: 101, oversellDelta: 1, inFlight: 64 }],
  ] as const)('is %s by %j', (verdict, counters) => {
    expect(laneVerdict(laneState(counters))).toBe(verdict);
  });

  test('over several rounds is that of the worst of them', () => {
    const result = { rounds: 2, acknowledged: 200, existed: 200, oversold: 0, lost: 0, simUnits: 5 };
    const tally = tallyOf({
      safe: result,
      eventual: { ...result, oversold: 23, lost: 40 },
      'postgres-blind': { ...result, lost: 1 },
      'redis-script': { ...result, rounds: 0, acknowledged: 0, existed: 0, simUnits: 0 },
    });
    expect(tally).toEqual({
      kept: ['safe'],
      broke: ['eventual', 'postgres-blind'],
      idle: ['redis-script'],
      oversold: 23,
      lost: 41,
      simUnits: 15,
    });
  });
});

describe('in words', () => {
  test('every lane names its engine and what is done there, and no two go by the same name', () => {
    const names = LANE_IDS.map((lane) => laneWords(lane));
    expect(new Set(names).size).toBe(LANE_IDS.length);
    expect(names.slice(0, 3)).toEqual(['safe lane', 'eventual lane', 'PostgreSQL, read, write back']);
    for (const lane of LANE_IDS) {
      expect(ENGINE_OF[lane]).toBeDefined();
      expect(strategyWords(lane).length).toBeLessThan(20);
      expect(wayWords(lane)).not.toBe('');
    }
    expect([laneWords('both'), laneWords('contest')]).toEqual(['both lanes', 'all lanes']);
  });

  test('lanes of one engine are named together', () => {
    expect(enginesWords(LANE_IDS)).toBe(
      'Durable Objects, D1, PostgreSQL ×4, DynamoDB ×3, Redis ×2, Firestore',
    );
    expect(engineWords('redis-lock')).toBe('Redis');
  });

  test('every label is said, and a distance is said to be emulated', () => {
    expect(ENGINE_LABELS.map(labelWords)).toEqual([...ENGINE_LABELS]);
    expect([distanceWords(0), distanceWords(80)]).toEqual(['', 'EMULATED +80 ms']);
  });

  test('times are seconds once they are long, and tries have one decimal', () => {
    expect([timeWords(8.94), timeWords(38), timeWords(999), timeWords(7_912)]).toEqual([
      '8.9 ms',
      '38 ms',
      '999 ms',
      '7.9 s',
    ]);
    expect([timesWords(1), timesWords(14.94)]).toEqual(['1.0', '14.9']);
  });

  test('whoever hears the stage is told how many kept their word, and which lanes did not', () => {
    const words = contestSummary(all);
    expect(words).toMatch(/^12 lanes\. 6 kept their word\. 4 did not\. /);
    expect(words).toContain('eventual lane: oversold +87.');
    expect(words).toContain(`PostgreSQL, FOR UPDATE: ${verdictWord('unsettled')}.`);
    expect(words).not.toContain('safe lane');
    const state = roomState({ mode: 'contest', lanes: madeLanes(CAPACITY), sku });
    expect(stageSummary(state, true)).toContain(words);
  });

  test('every lane stands for an alternative of the guide', () => {
    const ids = alternatives().map(({ id }) => id);
    for (const lane of LANE_IDS) expect(ids).toContain(ALTERNATIVE_OF[lane]);
  });
});
