/**
 * Sets of lanes that a show is opened with, by what they are to show. A lane whose engine is not connected is left out; a set that
 * has nothing left to show is not offered.
 */
import { LANE_IDS } from './lane.ts';
import type { LaneId } from './lane.ts';
import { PAIR } from './lanes.ts';

/** The sets, in the order in which they are offered. */
export const PRESETS = ['pair', 'guide', 'postgres', 'exact'] as const;
/** One of {@link PRESETS}. */
export type Preset = (typeof PRESETS)[number];

const LANES_OF: Readonly<Record<Preset, readonly LaneId[]>> = {
  pair: PAIR,
  // A careless and a careful way of each approach that the guide compares; the careless one of SQL is the guide's own, on D1.
  guide: [
    ...PAIR,
    'postgres-conditional',
    'postgres-for-update',
    'dynamodb-put',
    'dynamodb-transaction',
    'redis-lock',
    'redis-script',
    'firestore-transaction',
  ],
  // One engine, one stock: only the statements differ.
  postgres: ['postgres-blind', 'postgres-conditional', 'postgres-for-update', 'postgres-serializable'],
  // What each engine does at its best.
  exact: ['safe', 'postgres-conditional', 'dynamodb-conditional', 'redis-script', 'firestore-transaction'],
};

/** Every lane of a set, in the order of the table. */
export function lanesOfPreset(preset: Preset): readonly LaneId[] {
  return LANES_OF[preset];
}

/** The lanes of a set of which `connected` can be opened here. */
export function openLanes(preset: Preset, connected: ReadonlySet<LaneId>): readonly LaneId[] {
  return LANES_OF[preset].filter((lane) => connected.has(lane));
}

/** True where a set has at least two lanes to compare, and says more than the pair alone. */
export function isOffered(preset: Preset, connected: ReadonlySet<LaneId>): boolean {
  const lanes = openLanes(preset, connected);
  return preset === 'pair' || (lanes.length > 1 && lanes.some((lane) => !PAIR.includes(lane)));
}

/** Lanes in the order of the table, in which every screen lists them. */
export function inTableOrder(lanes: ReadonlySet<LaneId>): readonly LaneId[] {
  return LANE_IDS.filter((lane) => lanes.has(lane));
}
