/** The result of a verification. */
import type { RaceBook } from '#lib/domain/race.ts';
import type { Check, Wrong } from './checks.ts';
import type { LogHeader } from './header.ts';
import type { ReceiptsFound } from './receipts.ts';
import type { EpochReplay } from './replay.ts';

/** Why a file cannot be read as a log at all, and on which line that was found. */
export interface Refusal {
  line: number;
  reason: string;
}

/** The result of a verification. */
export interface Verification {
  /** True when it could be read, and every check holds. */
  ok: boolean;
  /** Why reading stopped before the end; null when it did not. */
  refusal: Refusal | null;
  /** The failure on the first wrong line; null when everything that was read holds. */
  first: Wrong | null;
  /** The checks that had something to check. */
  checks: Check[];
  header: LogHeader | null;
  bytes: number;
  lines: number;
  events: number;
  /** Number and hash of the last event; null when there is none. */
  head: { seq: number; hash: string } | null;
  /** As far as the replay came. */
  epochs: EpochReplay[];
  /** As far as the replay came; a race is made when it is asked for. */
  races: RaceBook;
  /** Null when no receipts were given. */
  receipts: ReceiptsFound | null;
}
