/** The calls of a lane's object: those of a stored lane, and whether its engine serves it. Apart from the object, as a room's are. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { LaneRoom, Order, Report } from '#lib/room/lane.ts';
import type { StoredLane } from '../lanes/stored-lane.ts';

/** Whether a lane's engine serves it: how long an empty request took, or why it failed, in words without secrets. */
export type EngineHealth = { ok: true; ms: number } | { ok: false; problem: string };

/** What a room and the Worker call on a lane's object. */
export interface EngineRpc extends Pick<
  StoredLane,
  'open' | 'fence' | 'writesAfter' | 'rowsBehind' | 'counter'
> {
  /**
   * Like {@link StoredLane.carryOut}.
   * @param pauseMs the race window of the room that asks
   */
  carryOut(order: Order, again: boolean, pauseMs: number): Promise<Report>;
  /** Deletes everything that the engine keeps of a room's lane. Idempotent. */
  forget(room: Pick<LaneRoom, 'show' | 'sku'>): Promise<void>;
  /**
   * Asks the engine for something that changes nothing.
   * @param prepare true to make what it misses first: a show is about to be opened
   */
  health(prepare: boolean): Promise<EngineHealth>;
}

/** The name of a lane's object at a distance, a round trip in milliseconds. */
export function engineLaneName(lane: LaneId, distanceMs: number): string {
  return `${lane}@${distanceMs}`;
}
