/**
 * A lane that keeps its stock in an engine elsewhere: what the Worker needs of it. To the room's core it is a lane that answers
 * later ({@link deferred}).
 */
import type { CountedRow, InventoryRow } from '#lib/domain/auditor-rows.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { DeferredLane, LaneRoom, Order, Report } from '#lib/room/lane.ts';

/** A lane over an engine's rows. Its promises may fail: then the room asks again. */
export interface StoredLane extends Pick<DeferredLane, 'engine' | 'distances'> {
  readonly id: LaneId;
  /** Like {@link DeferredLane.carryOut}; a promise that fails is an outcome that is not known. */
  carryOut(order: Order, again: boolean): Promise<Report>;
  /** Stores the stock of the first epoch. */
  open(room: LaneRoom): Promise<MeterCounts>;
  /** Like {@link DeferredLane.fence}. */
  fence(room: LaneRoom): Promise<MeterCounts>;
  /** Every write of an epoch after a version, oldest first; none on a lane without a lineage. */
  writesAfter: DeferredLane['writesAfter'];
  /** Order rows of all epochs in the order of their keys, some at a time, for a recount: those after op `op`, '' to begin. */
  rowsBehind(
    room: Pick<LaneRoom, 'show' | 'sku'>,
    op: string,
  ): Promise<{ rows: CountedRow[]; isLast: boolean; spent: MeterCounts }>;
  /** Deletes everything of a room. Missing where that goes with the show's own rows. May fail: then it is tried again. */
  forget?(room: Pick<LaneRoom, 'show' | 'sku'>): Promise<void>;
  /** The counter of an epoch as it stands; null when there is none. */
  counter(room: Omit<LaneRoom, 'capacity'>): Promise<{ inventory: InventoryRow | null; spent: MeterCounts }>;
}

/** The lane as the room's core takes it. */
export function deferred(lane: StoredLane): DeferredLane {
  const { id, engine, distances } = lane;
  return {
    id,
    answers: 'later',
    ...(engine ? { engine } : {}),
    ...(distances ? { distances } : {}),
    carryOut: (order, again, report) => {
      // An invocation that failed as a whole may have written before.
      lane.carryOut(order, again).then(report, () => report({ outcome: { kind: 'unknown' }, spent: {} }));
    },
    fence: (room, done) => {
      lane.fence(room).then(
        (spent) => done({ spent }),
        (error: unknown) => done({ error }),
      );
    },
    writesAfter: (room, version) => lane.writesAfter(room, version),
  };
}
