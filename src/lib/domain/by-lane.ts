/** The lanes of a show: making and reading what stands for each, and its modes. Apart from lane.ts: a phone needs none of it. */
import { lanesOf, MODES } from './lane.ts';
import type { ByLane, LaneId, Mode } from './lane.ts';

/** Makes something for each of some lanes. */
export function byLane<T>(lanes: readonly LaneId[], make: (lane: LaneId) => T): ByLane<T> {
  return Object.fromEntries(lanes.map((lane) => [lane, make(lane)]));
}

/** The lanes for which something stands, in their order. */
export function idsIn(all: Readonly<ByLane<unknown>>): LaneId[] {
  return Object.keys(all) as LaneId[];
}

/** The same lanes, each with what stands for it. */
export function lanesIn<T>(all: Readonly<ByLane<T>>): [lane: LaneId, of: T][] {
  return Object.entries(all) as [LaneId, T][];
}

/** The modes that a show with these lanes can be in, the widest last. */
export function modesOf(lanes: readonly LaneId[]): readonly Mode[] {
  return MODES.filter((mode) => lanesOf(mode).every((lane) => lanes.includes(lane)));
}
