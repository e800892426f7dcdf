/** Sets of lanes: what each shows, and that a set whose engines are not there is not offered under a name that it does not deserve. */
import { expect, test } from 'vitest';
import { ENGINE_OF } from '#lib/domain/engines.ts';
import { modesOf } from '#lib/domain/by-lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { inTableOrder, isOffered, lanesOfPreset, openLanes, PRESETS } from '#lib/domain/lane-presets.ts';
import { LANES, PAIR } from '#lib/domain/lanes.ts';
import { MAX_LANES } from '#lib/protocol/limits.ts';

const EVERY: ReadonlySet<LaneId> = new Set(LANE_IDS);
const NONE: ReadonlySet<LaneId> = new Set(PAIR);
const engines = (lanes: readonly LaneId[]) => new Set(lanes.map((lane) => ENGINE_OF[lane]));
const without = (engine: string) => new Set(LANE_IDS.filter((lane) => ENGINE_OF[lane] !== engine));

test('every set is a show that can be opened: lanes of the table, in its order, each once', () => {
  for (const preset of PRESETS) {
    const lanes = lanesOfPreset(preset);
    expect(lanes, preset).toEqual(inTableOrder(new Set(lanes)));
    expect(lanes.length, preset).toBeLessThanOrEqual(MAX_LANES);
    expect(modesOf(lanes).at(-1), preset).toBe(preset === 'pair' ? 'both' : 'contest');
  }
});

test('the pair is what a show has that asks for no lanes', () => {
  expect(lanesOfPreset('pair')).toEqual(PAIR);
});

test('the guide’s table has a careless and a careful way on each engine that can be had on one machine', () => {
  const here = openLanes('guide', without('firestore'));
  expect(here).toHaveLength(8);
  const careful = here.filter((lane) => !LANES[lane].canOversell);
  const careless = here.filter((lane) => LANES[lane].canOversell);
  for (const engine of ['dynamodb', 'redis'] as const) {
    expect(engines(careful)).toContain(engine);
    expect(engines(careless)).toContain(engine);
  }
  expect(engines(careful)).toContain('objects');
  expect(engines(careful)).toContain('postgres');
});

test('PostgreSQL four ways is every way of one engine', () => {
  expect(lanesOfPreset('postgres')).toEqual(LANE_IDS.filter((lane) => ENGINE_OF[lane] === 'postgres'));
});

test('one exact lane per engine has no lane that can oversell, and no engine twice', () => {
  const lanes = lanesOfPreset('exact');
  for (const lane of lanes) expect(LANES[lane].canOversell, lane).toBe(false);
  expect(engines(lanes).size).toBe(lanes.length);
  // D1 has no exact lane here.
  expect(engines(lanes)).toEqual(
    new Set(LANE_IDS.map((lane) => ENGINE_OF[lane]).filter((each) => each !== 'd1')),
  );
});

test('without an engine its lanes are left out; a set that then says no more than the pair is not offered', () => {
  for (const preset of PRESETS) {
    expect(isOffered(preset, EVERY), preset).toBe(true);
    expect(openLanes(preset, EVERY), preset).toEqual(lanesOfPreset(preset));
    expect(isOffered(preset, NONE), preset).toBe(preset === 'pair');
  }
  expect(isOffered('postgres', without('postgres'))).toBe(false);
  expect(isOffered('guide', without('postgres'))).toBe(true);
  expect(openLanes('exact', without('dynamodb'))).toEqual([
    'safe',
    'postgres-conditional',
    'redis-script',
    'firestore-transaction',
  ]);
});
