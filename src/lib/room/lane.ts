/**
 * The lane port: what the room needs of a lane, and all it knows of one. A lane decides an op here and now, or carries
 * it out elsewhere and reports. What a lane is otherwise stands in its row of the domain's table (lanes.ts).
 */
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { NamedEngine } from '#lib/domain/engines.ts';
import type { LaneFacts } from '#lib/domain/facts.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Work } from '#lib/domain/work.ts';
import type { Write, WriteTimes } from '#lib/domain/write.ts';
import type { Buyer } from '#lib/domain/settle.ts';

/** What a lane that answers later did with an order. */
export type Outcome =
  /** It has its units, on a lane without a lineage. */
  | { kind: 'granted' }
  | { kind: 'written'; write: Write; times: WriteTimes }
  | { kind: 'refused'; code: ErrorCode }
  /** It may have been written or not: the database has to be asked. */
  | { kind: 'unknown' };

/** An order for a lane that answers later. */
export interface Order {
  lane: LaneId;
  show: string;
  sku: string;
  epoch: number;
  buyer: Buyer;
  /** How far away the lane's engine is to be: one of the lane's {@link DeferredLane.distances}, milliseconds. */
  distanceMs: number;
}

/** An outcome and what it cost. */
export interface Report {
  outcome: Outcome;
  spent: MeterCounts;
  /** What the op took on the engine; missing where that is not known, as of an outcome that was looked up. */
  work?: Work;
}

/** A lane that decides inside the room, in one synchronous step. */
export interface ImmediateLane {
  readonly id: LaneId;
  readonly answers: 'now';
  /** Null when the op gets its units; else why not. */
  refusal(lane: LaneFacts, capacity: number, units: number): ErrorCode | null;
}

/** Which epoch of which room, and the units that one epoch has. */
export interface LaneRoom {
  show: string;
  sku: string;
  epoch: number;
  capacity: number;
}

/** What became of a request for a fence: what it cost, or why it is not certain. */
export type Fenced = { spent: MeterCounts } | { error: unknown };

/** A lane whose decision is made elsewhere. The room admits, and learns the outcome from the report. */
export interface DeferredLane {
  readonly id: LaneId;
  readonly answers: 'later';
  /** Missing where it is the platform's own. The log tells it with the opening, and every screen shows it. */
  readonly engine?: NamedEngine;
  /** How far away its engine can be set here, milliseconds; missing where it cannot be. */
  readonly distances?: readonly number[];
  /**
   * Carries out an order once, however often it is asked: an order that was written reports the same write again. Calls `report`
   * once, now or later.
   * @param again true when an earlier call may have gone out: its outcome is looked up, or made impossible, first.
   */
  carryOut(order: Order, again: boolean, report: (report: Report) => void): void;
  /** Fences an epoch, so that no write of it can follow, and stores the next epoch's stock. Idempotent. Calls `done` once. */
  fence(room: LaneRoom, done: (fenced: Fenced) => void): void;
  /** Every write of an epoch after a version, oldest first; none on a lane without a lineage. */
  writesAfter(
    room: Omit<LaneRoom, 'capacity'>,
    version: number,
  ): Promise<{ writes: { write: Write; times: WriteTimes }[]; spent: MeterCounts }>;
}

/** See {@link ImmediateLane} and {@link DeferredLane}. */
export type Lane = ImmediateLane | DeferredLane;
