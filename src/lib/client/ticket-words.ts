/** A person's tickets as rows to read: icon, words, and what became of each. */
import { unreachable } from '#lib/domain/assert.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { TicketStory } from '#lib/domain/race-duel.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Ticket, TicketStatus } from './ticket.ts';
import { refusalWords } from './words.ts';

/** One row. Colour and icon both stand for what the words say; neither says it alone. */
export interface TicketRow {
  key: string;
  icon: 'check' | 'struck' | 'double' | 'none' | 'waiting' | 'back';
  title: string;
  /** The title stands struck through. */
  isStruck: boolean;
  /** What became of it; empty when there is nothing to add. */
  note: string;
  lane: LaneId;
  rttMs: number | null;
  /** How many equal refusals stand in this row. */
  count: number;
  /** What can be told of it when somebody asks; null when nothing happened to it. */
  story: TicketStory | null;
}

/**
 * Rows for tickets (newest first), at most `most`; the second figure is how many tickets are not among them. Equal
 * refusals stand in one row, at the place of the newest: a hundred of them would push what was bought out of sight.
 * Whoever goes by `label` has raced themselves where that name stands, and is told so.
 */
export function ticketRows(
  tickets: readonly Ticket[],
  most: number,
  label = '',
): { rows: TicketRow[]; hidden: number } {
  const rows: TicketRow[] = [];
  let hidden = 0;
  for (const ticket of tickets) {
    const row = ticketRow(ticket, label);
    const same = row.icon === 'none' ? rows.find(({ key }) => key === row.key) : undefined;
    if (same) same.count += 1;
    else if (rows.length < most) rows.push(row);
    else hidden += 1;
  }
  return { rows, hidden };
}

/** Newest tickets among which a refusal still says something about the next tap. */
const RECENT = 30;

/** The room's newest word that this phone taps too fast; another object when it says so again. */
export function slowDownOf(tickets: readonly Ticket[]): Extract<TicketStatus, { kind: 'refused' }> | null {
  for (const { status } of tickets.slice(0, RECENT)) {
    if (status.kind === 'refused' && status.code === 'RATE_LIMITED') return status;
  }
  return null;
}

/** The row of one ticket, for whoever goes by `label`. */
export function ticketRow(ticket: Ticket, label: string): TicketRow {
  const { key, status, units, lane, rttMs, holders } = ticket;
  const confirmed = units === 1 ? phrase('Confirmed') : phrase(`${units} Confirmed`);
  const story = storyOf(ticket, label);
  const icon: TicketRow['icon'] = 'waiting';
  const base = { key, icon, lane, rttMs, count: 1, isStruck: false, note: '', story };
  switch (status.kind) {
    case 'waiting':
      return { ...base, title: phrase('Asked'), note: phrase('no answer yet') };
    case 'unanswered':
      return { ...base, title: phrase('Asked'), note: phrase('no answer before the end') };
    case 'pending':
      return { ...base, title: phrase('Not known yet'), note: phrase('being looked up') };
    case 'soldOut':
      return refused(base, phrase('Sold out'), phrase('nothing bought'));
    case 'refused':
      return refused(base, phrase('Nothing bought'), refusalWords(status.code, status.retryAfterMs));
    case 'lost': {
      const by = status.by === label ? phrase('your own next tap') : (status.by ?? phrase('a later write'));
      const note = phrase(`overwritten by ${by}`);
      return { ...base, icon: 'struck', title: confirmed, isStruck: true, note };
    }
    case 'confirmed':
    case 'restored':
      return granted({ ...base, title: confirmed }, holders, status.kind === 'restored');
    default:
      return unreachable(status);
  }
}

function storyOf({ status, units, holders, duel, backBy }: Ticket, label: string): TicketStory | null {
  const { kind } = status;
  if (kind !== 'lost' && kind !== 'restored' && (kind !== 'confirmed' || holders < 2)) return null;
  const by = kind === 'lost' ? status.by : (duel?.by.who ?? null);
  return { fate: kind, label, units, holders, by, backBy: backBy ?? null, duel: duel ?? null };
}

function refused(base: Omit<TicketRow, 'icon' | 'title'>, title: string, note: string): TicketRow {
  return { ...base, key: `${base.lane} ${title} ${note}`, icon: 'none', title, note };
}

function granted(base: Omit<TicketRow, 'icon'>, holders: number, cameBack: boolean): TicketRow {
  const back = cameBack ? phrase('came back') : '';
  if (holders > 1) {
    // Whose orders these are is not told: one of them may be its owner's own.
    const sold = holders === 2 ? phrase('sold twice') : phrase(`sold ${holders} times`);
    return { ...base, icon: 'double', note: [back, sold].filter(Boolean).join(', ') };
  }
  return { ...base, icon: cameBack ? 'back' : 'check', note: back };
}
