/** What a lane is: one way of allocating the same stock, with its own counters and history. */
import type { ErrorCode } from './codes.ts';

/** Every lane, in the order in which screens and answers list them. */
export const LANE_IDS = ['safe', 'eventual'] as const;
/** The name of a lane. */
export type LaneId = (typeof LANE_IDS)[number];

/** Which lanes a tap goes to: one of them, or all side by side. */
export const MODES = [...LANE_IDS, 'both'] as const;
/** See {@link MODES}. */
export type Mode = (typeof MODES)[number];

/** The lanes that a tap goes to in a mode. */
export function lanesOf(mode: Mode): readonly LaneId[] {
  return mode === 'both' ? LANE_IDS : [mode];
}

/** Counters of a lane, in units unless said otherwise (see domain rules, "Lanes"). */
export interface LaneCounters {
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

/** What became of an op on one lane. */
export interface LaneResult {
  status: 'allocated' | 'refused' | 'pending';
  code?: ErrorCode;
  units: number;
  /** `seq` of the event that made it so. */
  seq?: number;
}

/** What became of an op on every lane it went to. */
export type LaneResults = Partial<Record<LaneId, LaneResult>>;
