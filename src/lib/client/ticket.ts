/** A ticket: what one tap became on one lane, as its owner sees it. */
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Duel } from '#lib/domain/race-duel.ts';

/** What became of a ticket. */
export type TicketStatus =
  /** Sent, not answered yet. */
  | { kind: 'waiting' }
  /** The room does not know yet whether the database wrote it; it will say so when it does. */
  | { kind: 'pending' }
  /** The show ended, and nobody could say what became of it. */
  | { kind: 'unanswered' }
  | { kind: 'confirmed' }
  | { kind: 'soldOut' }
  /** Refused for another reason; nothing was bought. */
  | { kind: 'refused'; code: ErrorCode; message: string; retryAfterMs: number | null }
  /** Confirmed, then erased by somebody's later write (their label, when it is known). */
  | { kind: 'lost'; by: string | null }
  /** Erased, and brought back by a later write. */
  | { kind: 'restored' };

/** One op on one lane. */
export interface Ticket {
  /** Unique among tickets: op and lane. */
  key: string;
  op: string;
  lane: LaneId;
  units: number;
  status: TicketStatus;
  /** Number of the event that allocated it, once known. */
  seq: number | null;
  /** From the tap to its answer on this device's monotonic clock; null while waiting, and after a reload. */
  rttMs: number | null;
  /** How many ops were promised one of the same unit numbers, this one included; 1 when nobody else was. */
  holders: number;
  /** What its owner's write and the one that erased it read and wrote, where that was told; stays when it comes back. */
  duel?: Duel;
  /** Whose write brought it back, where that was told. */
  backBy?: string;
}
