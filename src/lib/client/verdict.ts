/** What became of a person's taps, lane by lane: counted from the tickets, and from nothing else. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Ticket, TicketStatus } from './ticket.ts';

/** One lane's. A refused tap counts the units that it asked for. */
export interface Verdict {
  lane: LaneId;
  /** Units by what became of them; a kind that is missing has none. */
  units: Partial<Record<TicketStatus['kind'], number>>;
  /** Tickets that are held, and of which another order was promised a unit as well. */
  shared: number;
}

/** Counts `tickets`: for each of `lanes`, in their order, also where nothing was tapped; then for other lanes that have tickets. */
export function verdictsOf(tickets: readonly Ticket[], lanes: readonly LaneId[]): Verdict[] {
  const found = new Map<LaneId, Verdict>();
  const of = (lane: LaneId) => {
    const verdict = found.get(lane) ?? { lane, units: {}, shared: 0 };
    found.set(lane, verdict);
    return verdict;
  };
  lanes.forEach(of);
  for (const { lane, status, units: n, holders } of tickets) {
    const verdict = of(lane);
    verdict.units[status.kind] = (verdict.units[status.kind] ?? 0) + n;
    if (holders > 1 && isHeld(status.kind)) verdict.shared += 1;
  }
  return [...found.values()];
}

/** True for what its owner still has by the lane's own counter. */
export function isHeld(kind: TicketStatus['kind']): kind is 'confirmed' | 'restored' {
  return kind === 'confirmed' || kind === 'restored';
}
