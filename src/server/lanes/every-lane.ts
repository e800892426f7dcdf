/** Every lane that a room sells on. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Lane } from '#lib/room/lane.ts';
import { safeLane } from '#lib/room/safe-lane.ts';
import { eventualLane } from './eventual.ts';
import type { Shopper } from './shopper.ts';
import { deferred } from './stored-lane.ts';
import type { StoredLane } from './stored-lane.ts';

/** The lanes of a room: all by their ids, and those that keep their rows elsewhere. */
export interface BoundLanes {
  lanes: ReadonlyMap<LaneId, Lane>;
  stored: readonly StoredLane[];
}

/** Every lane of a deployment. `exports` are the Worker's own entrypoints. */
export function everyLane(db: D1Database, exports: unknown, raceWindowMs: number): BoundLanes {
  const shopper = (exports as { Shopper: Pick<Shopper, 'shop'> }).Shopper;
  return boundLanes([eventualLane(db, shopper, raceWindowMs)]);
}

/** The safe lane and lanes over engines, as a room takes them. */
export function boundLanes(stored: readonly StoredLane[]): BoundLanes {
  const lanes: Lane[] = [safeLane, ...stored.map((lane) => deferred(lane))];
  return { lanes: new Map(lanes.map((lane) => [lane.id, lane])), stored };
}
