/** Lanes: ways of allocating the same stock, each with its own counters and history. lanes.ts has their differences. */
import type { ErrorCode } from './codes.ts';
import { LANES, PAIR } from './lanes.ts';
import type { LaneId } from './lanes.ts';
import type { WorkFigures } from './work.ts';

export type { LaneId } from './lanes.ts';

/** Every lane that there is, in the order of the table. A show has some of them, in an order of its own. */
export const LANE_IDS = Object.keys(LANES) as readonly LaneId[];

/** Which lanes a tap goes to: one of them, the pair side by side, or all that its show has. modesOf (by-lane.ts): those of a show. */
export const MODES: readonly Mode[] = [...LANE_IDS, 'both', 'contest'];
/** One of {@link MODES}. */
export type Mode = LaneId | 'both' | 'contest';

/** The lanes that a tap goes to in a mode of a show with these `lanes`. */
export function lanesOf(mode: Mode, lanes: readonly LaneId[]): readonly LaneId[] {
  if (mode === 'contest') return lanes;
  return mode === 'both' ? PAIR : [mode];
}

/** Where the taps of a room go: its mode, and the lanes of its show. Facts and states of a room say both. */
export interface Tapped {
  readonly mode: Mode;
  readonly lanes: Readonly<ByLane<unknown>>;
}

/** The lanes that a tap goes to in a room as it stands. */
export function tappedLanes({ mode, lanes }: Tapped): readonly LaneId[] {
  return lanesOf(mode, Object.keys(lanes) as LaneId[]);
}

/** Something for each lane of a show, in the show's order; nothing stands for a lane that it does not have. */
export type ByLane<T> = { [L in LaneId]?: T };

/** What stands for a lane. Throws when there is nothing: to ask for a lane that the show does not have is a bug. */
export function ofLane<T>(all: Readonly<ByLane<T>>, lane: LaneId): T {
  const found = all[lane];
  if (found === undefined) throw new Error(`Broken invariant: the show has no ${lane} lane`);
  return found;
}

/**
 * Counters of a lane, in units unless said otherwise (see domain rules, "Lanes"). Those of its ops' work stand only where ops
 * have told some.
 */
export interface LaneCounters extends Partial<WorkFigures> {
  /** What exists. */
  capacity: number;
  /** Sum of units of ops answered `allocated` in this epoch. */
  acknowledged: number;
  /** What the lane's own counter says is allocated. */
  stored: number;
  /** `acknowledged − stored`; exact once `inFlight` is 0; never negative. */
  lostUnits: number;
  /** `max(0, acknowledged − capacity)`. */
  oversellDelta: number;
  /** Operations allocated. */
  ops: number;
  /** Operations refused, by code. */
  refused: Partial<Record<ErrorCode, number>>;
  /** Operations admitted and not yet answered. */
  inFlight: number;
  /** Blind writes that found the version moved since they read it. Not the lost ops. */
  conflicts: number;
}

/** Result of an op on one lane. */
export interface LaneResult {
  status: 'allocated' | 'refused' | 'pending';
  code?: ErrorCode;
  units: number;
  /** `seq` of the event that made it so. */
  seq?: number;
}

/** Result of an op on every lane that it went to. */
export type LaneResults = ByLane<LaneResult>;
