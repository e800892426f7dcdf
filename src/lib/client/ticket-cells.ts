/** The units that a lane granted one person, for a picture of them. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Ticket } from './ticket.ts';
import { isHeld } from './verdict.ts';

/** One for each unit, oldest first, as it stands now; `shared`: held, and promised to another order as well. */
export function cellsOf(tickets: readonly Ticket[], lane: LaneId): ('held' | 'shared' | 'lost')[] {
  return [...tickets]
    .reverse()
    .filter((ticket) => ticket.lane === lane && (isHeld(ticket.status.kind) || ticket.status.kind === 'lost'))
    .flatMap(({ status, units, holders }) => {
      const cell = status.kind === 'lost' ? 'lost' : holders > 1 ? 'shared' : 'held';
      return Array.from({ length: units }, () => cell);
    });
}
