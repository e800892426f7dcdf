/** How each lane is bound in this deployment. */
import { isOwn } from '#lib/domain/engines.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { ImmediateLane, Lane } from '#lib/room/lane.ts';
import { safeLane } from '#lib/room/safe-lane.ts';
import type { EnginesConfig } from '../engines/engine-config.ts';
import { engineLaneName } from '../engines/engine-rpc.ts';
import type { EngineRpc } from '../engines/engine-rpc.ts';
import { siteLane } from '../engines/site-lanes.ts';
import { eventualLane } from './eventual.ts';
import { remoteLane } from './remote-lane.ts';
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
  /** The objects that hold engines' connections, and which engines this deployment is connected with. */
  engineLanes: { getByName(name: string): EngineRpc };
  engines: EnginesConfig;
}

/** Makes a lane. */
type Binding = (host: LaneHost) => ImmediateLane | StoredLane;

/** Every lane over an engine that is not the platform's own: bound the same way, connected or not. */
const REMOTE = LANE_IDS.filter((lane) => !isOwn(lane)).map((lane): [LaneId, Binding] => [
  lane,
  ({ engineLanes, engines, raceWindowMs }) => {
    const { engine, distances } = siteLane(engines, lane);
    const at = (distanceMs: number) => engineLanes.getByName(engineLaneName(lane, distanceMs));
    return { ...remoteLane(lane, at, raceWindowMs), engine, distances };
  },
]);

/** The lanes that there are here, and what makes each. */
export const BINDINGS: { readonly [L in LaneId]?: Binding } = {
  safe: () => safeLane,
  eventual: ({ db, exports, raceWindowMs }) =>
    eventualLane(db, (exports as { Shopper: Pick<Shopper, 'shop'> }).Shopper, raceWindowMs),
  ...Object.fromEntries(REMOTE),
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
