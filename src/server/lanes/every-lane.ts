/** Every lane that a room sells on. */
import type { LaneId } from '#lib/domain/lane.ts';
import { eventualLane } from './eventual.ts';
import type { Lane } from './lane.ts';
import { safeLane } from './safe.ts';
import type { Shopper } from './shopper.ts';

/** The lanes by their ids. `exports` are the Worker's own entrypoints. */
export function everyLane(db: D1Database, exports: unknown, raceWindowMs: number): ReadonlyMap<LaneId, Lane> {
  const shopper = (exports as { Shopper: Pick<Shopper, 'shop'> }).Shopper;
  const lanes: Lane[] = [safeLane, eventualLane(db, shopper, raceWindowMs)];
  return new Map(lanes.map((lane) => [lane.id, lane]));
}
