/** How each lane is bound in this deployment. */
import type { LaneId } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { ImmediateLane, Lane } from '#lib/room/lane.ts';
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

/** What a lane is bound to. */
export interface LaneHost {
  db: D1Database;
  /** The Worker's own entrypoints. */
  exports: unknown;
  raceWindowMs: number;
}

/** The lanes that there are here, and what makes each. */
export const BINDINGS: { readonly [L in LaneId]?: (host: LaneHost) => ImmediateLane | StoredLane } = {
  safe: () => safeLane,
  eventual: ({ db, exports, raceWindowMs }) =>
    eventualLane(db, (exports as { Shopper: Pick<Shopper, 'shop'> }).Shopper, raceWindowMs),
};

/** The lanes of a show, in its order. One that is not bound here any more is left out: ops on it fail and change nothing. */
export function everyLane(lanes: readonly LaneId[] = PAIR, host: LaneHost): BoundLanes {
  return boundLanes(lanes.flatMap((lane) => BINDINGS[lane]?.(host) ?? []));
}

/** Lanes as a room takes them. */
export function boundLanes(bound: readonly (ImmediateLane | StoredLane)[]): BoundLanes {
  const lanes = bound.map((lane): Lane => ('answers' in lane ? lane : deferred(lane)));
  return {
    lanes: new Map(lanes.map((lane) => [lane.id, lane])),
    stored: bound.flatMap((lane) => ('answers' in lane ? [] : lane)),
  };
}
