/**
 * Ops in flight, counted lane by lane as they set out and land: admission asks with every op whether a lane is full, and every
 * frame tells how many there are.
 */
import { MAX_IN_FLIGHT } from '#lib/domain/admission.ts';
import { byLane, lanesIn } from '#lib/domain/by-lane.ts';
import type { ByLane, LaneId, LaneResult, LaneResults } from '#lib/domain/lane.ts';

/** An op with what its lanes have answered. */
interface Flight {
  op: string;
  lanes: LaneResults;
}

/** Ops in flight, by their ids, and how many of them each lane has not answered. */
interface Flights<F extends Flight> {
  pending: Map<string, F>;
  inFlight: ByLane<number>;
}

/** How many of some ops are in flight on each lane of a show. */
export function inFlightOn(lanes: readonly LaneId[], pending: readonly Flight[]): ByLane<number> {
  const counts = byLane(lanes, () => 0);
  for (const flight of pending) count(counts, flight);
  return counts;
}

/** True when a lane takes no more at the moment. */
export function isFull({ inFlight }: Pick<Flights<Flight>, 'inFlight'>, lane: LaneId): boolean {
  return (inFlight[lane] ?? 0) >= MAX_IN_FLIGHT;
}

/** An admitted op sets out to the lanes that answer later. */
export function setOut<F extends Flight>({ pending, inFlight }: Flights<F>, flight: F): void {
  pending.set(flight.op, flight);
  count(inFlight, flight);
}

/** A lane answers an op that is in flight on it. */
export function land(
  { inFlight }: Pick<Flights<Flight>, 'inFlight'>,
  flight: Flight,
  lane: LaneId,
  result: LaneResult,
): void {
  flight.lanes[lane] = result;
  inFlight[lane] = (inFlight[lane] ?? 1) - 1;
}

/** How many lanes have answered an op. */
export function landedOn({ lanes }: Pick<Flight, 'lanes'>): number {
  return Object.values(lanes).filter(({ status }) => status !== 'pending').length;
}

function count(counts: ByLane<number>, { lanes }: Flight): void {
  for (const [lane, { status }] of lanesIn(lanes)) {
    if (status === 'pending') counts[lane] = (counts[lane] ?? 0) + 1;
  }
}
