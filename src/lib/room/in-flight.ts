/**
 * Ops in flight, counted lane by lane as they set out and land: admission asks with every op whether a lane is full, and every
 * frame tells how many there are.
 */
import { MAX_IN_FLIGHT } from '#lib/domain/admission.ts';
import { byLane, lanesIn } from '#lib/domain/by-lane.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import type { ByLane, LaneId, LaneResult } from '#lib/domain/lane.ts';
import type { KnownOp } from '#lib/domain/op.ts';

/** An op that was admitted to a lane that answers later: what is known of it, and who waits for the rest. */
export interface PendingOp extends KnownOp {
  sim: boolean;
  /** Where its answer goes: to its owner's sockets, or to the HTTP call that sent it. */
  origin: 'socket' | 'call';
}

/** Ops in flight, by their ids, and how many of them each lane has not answered. */
interface Flights {
  pending: Map<string, PendingOp>;
  inFlight: ByLane<number>;
}

/** How many of some ops are in flight on each lane of a show. */
export function inFlightOn(lanes: readonly LaneId[], pending: readonly PendingOp[]): ByLane<number> {
  const counts = byLane(lanes, () => 0);
  for (const op of pending) count(counts, op);
  return counts;
}

/** True when a lane takes no more at the moment. */
export function isFull({ inFlight }: Pick<Flights, 'inFlight'>, lane: LaneId): boolean {
  return (inFlight[lane] ?? 0) >= MAX_IN_FLIGHT;
}

/** An admitted op sets out to the lanes that answer later. */
export function setOut({ pending, inFlight }: Flights, op: PendingOp): void {
  pending.set(op.op, op);
  count(inFlight, op);
}

/** A lane answers an op that is in flight on it. */
export function land(
  { inFlight }: Pick<Flights, 'inFlight'>,
  op: PendingOp,
  lane: LaneId,
  result: LaneResult,
): void {
  op.lanes[lane] = result;
  inFlight[lane] = (inFlight[lane] ?? 1) - 1;
}

/** How many lanes have answered an op. */
export function landedOn({ lanes }: Pick<KnownOp, 'lanes'>): number {
  return Object.values(lanes).filter(({ status }) => status !== 'pending').length;
}

/** An op in flight with what the log tells of it: a lane that has allocated it has answered, whatever its row says. */
export function answeredBy({ lanes }: RoomFacts, op: PendingOp): PendingOp {
  for (const [lane, { status, units }] of lanesIn(op.lanes)) {
    const order = status === 'pending' && lanes[lane]?.byOp.get(op.op);
    if (order) op.lanes[lane] = { status: 'allocated', units, seq: order.seq };
  }
  return op;
}

function count(counts: ByLane<number>, { lanes }: PendingOp): void {
  for (const [lane, { status }] of lanesIn(lanes)) {
    if (status === 'pending') counts[lane] = (counts[lane] ?? 0) + 1;
  }
}
