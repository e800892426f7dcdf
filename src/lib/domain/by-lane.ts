/** The lanes of a show: making and reading what stands for each, and its modes. Apart from lane.ts: a phone needs none of it. */
import type { Refusal } from './codes.ts';
import { lanesOf, MODES, ofLane } from './lane.ts';
import type { ByLane, LaneCounters, LaneId, Mode } from './lane.ts';
import { LANES } from './lanes.ts';

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

/** What several lanes come to together. */
export type Sums = Pick<LaneCounters, 'oversellDelta' | 'lostUnits' | 'inFlight'>;

/** The sums of some lanes. */
export function sumsOf(lanes: readonly LaneId[], all: Readonly<ByLane<Sums>>): Sums {
  const sums = { oversellDelta: 0, lostUnits: 0, inFlight: 0 };
  for (const { oversellDelta, lostUnits, inFlight } of lanes.map((lane) => ofLane(all, lane))) {
    sums.oversellDelta += oversellDelta;
    sums.lostUnits += lostUnits;
    sums.inFlight += inFlight;
  }
  return sums;
}

/** True for a mode in which a tap goes to one lane. */
export function isLane(mode: Mode): mode is LaneId {
  return mode in LANES;
}

/** The modes that a show with these lanes can be in, the widest last: `contest` only where no other means all of them. */
export function modesOf(lanes: readonly LaneId[]): readonly Mode[] {
  const others = MODES.filter((mode) => mode !== 'contest').filter((mode) =>
    lanesOf(mode, lanes).every((lane) => lanes.includes(lane)),
  );
  const widest = Math.max(...others.map((mode) => lanesOf(mode, lanes).length), 1);
  return widest < lanes.length ? [...others, 'contest'] : others;
}

/** Why a show with these lanes cannot be in a mode; null when it can. */
export function modeRefusal(mode: Mode, lanes: readonly LaneId[]): Refusal | null {
  const modes = modesOf(lanes);
  if (modes.includes(mode)) return null;
  return { code: 'INVALID_MODE', message: `mode: this show has ${modes.join(', ')}. Nothing was changed.` };
}
