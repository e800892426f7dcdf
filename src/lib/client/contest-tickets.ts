/**
 * A person's tickets where a tap goes to more lanes than two: one ticket for each tap, with what each lane said. Loaded in such
 * shows only.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Ticket, TicketStatus } from './ticket.ts';
import type { TicketRow } from './ticket-words.ts';
import { ticketRow } from './ticket-words.ts';
import { isHeld } from './verdict.ts';

/** One tap. */
export interface ContestTicket {
  op: string;
  /** What its lanes said, in the show's order. */
  rows: readonly TicketRow[];
  /** The same counted: `5 confirmed, 2 sold out`. */
  said: string;
  /** How many taps this stands for: those that got nothing at all, and were told the same, stand together. */
  count: number;
}

/** What tickets come to, in the order in which it is told. */
type Outcome = 'held' | 'lost' | 'soldOut' | 'refused' | 'open' | 'unanswered';

/**
 * Tickets (newest first) tap by tap, the newest `most` of them; `hidden` is how many taps are older. `lanes` are those of the show,
 * in its order; whoever goes by `label` has raced themselves where that name stands.
 */
export function contestTickets(
  tickets: readonly Ticket[],
  lanes: readonly LaneId[],
  most: number,
  label: string,
): { taps: ContestTicket[]; hidden: number } {
  const taps: ContestTicket[] = [];
  let hidden = 0;
  for (const [op, of] of byTap(tickets)) {
    const gotNothing = of.every(({ status: { kind } }) => kind === 'soldOut' || kind === 'refused');
    // Old taps need no words, unless they may stand with others.
    const said = gotNothing || taps.length < most ? saidOf(of) : '';
    const same = gotNothing ? taps.find((tap) => tap.said === said) : undefined;
    if (same) same.count += 1;
    else if (taps.length < most) {
      const inOrder = lanes.flatMap((lane) => of.filter((ticket) => ticket.lane === lane));
      taps.push({ op, rows: inOrder.map((ticket) => shortRow(ticket, label)), said, count: 1 });
    } else hidden += 1;
  }
  return { taps, hidden };
}

/** Its icon says what its title would, unless that is all there is to say. */
function shortRow(ticket: Ticket, label: string): TicketRow {
  const row = ticketRow(ticket, label);
  const { kind } = ticket.status;
  return kind === 'soldOut' || kind === 'waiting' || kind === 'pending' ? { ...row, note: row.title } : row;
}

function byTap(tickets: readonly Ticket[]): Map<string, Ticket[]> {
  const taps = new Map<string, Ticket[]>();
  for (const ticket of tickets) {
    const of = taps.get(ticket.op);
    if (of) of.push(ticket);
    else taps.set(ticket.op, [ticket]);
  }
  return taps;
}

/** Lanes are counted, not units: each was asked once. */
function saidOf(tickets: readonly Ticket[]): string {
  const lanes: Record<Outcome, number> = { held: 0, lost: 0, soldOut: 0, refused: 0, open: 0, unanswered: 0 };
  for (const { status } of tickets) lanes[outcomeOf(status.kind)] += 1;
  const { held, lost, soldOut, refused, open, unanswered } = lanes;
  return [
    held > 0 && phrase(`${held} confirmed`),
    lost > 0 && phrase(`${lost} overwritten`),
    soldOut > 0 && phrase(`${soldOut} sold out`),
    refused > 0 && phrase(`${refused} refused`),
    open > 0 && phrase(`${open} on their way`),
    unanswered > 0 && phrase(`${unanswered} without an answer`),
  ]
    .filter(Boolean)
    .join(', ');
}

function outcomeOf(kind: TicketStatus['kind']): Outcome {
  if (isHeld(kind)) return 'held';
  return kind === 'waiting' || kind === 'pending' ? 'open' : kind;
}
