/** What a verification comes to. */
import type { RaceBook } from '#lib/domain/race.ts';
import type { Check, Wrong } from './checks.ts';
import type { LogHeader } from './header.ts';
import type { ReceiptsFound } from './receipts.ts';
import type { EpochReplay } from './replay.ts';

/** Why a file cannot be read as a log at all, and at which line that was seen. */
export interface Refusal {
  line: number;
  reason: string;
}

/** See the module's header. */
export interface Verification {
  /** True when it could be read, and every check holds. */
  ok: boolean;
  /** Why reading stopped before the end; null when it did not. */
  refusal: Refusal | null;
  /** What does not hold on the first wrong line; null when everything holds that was read. */
  first: Wrong | null;
  /** Those that had something to look at. */
  checks: Check[];
  header: LogHeader | null;
  bytes: number;
  lines: number;
  events: number;
  /** Number and hash of the last event; null when there is none. */
  head: { seq: number; hash: string } | null;
  /** As far as the replay came. */
  epochs: EpochReplay[];
  /** As far as the replay came: made when they are asked for. */
  races: RaceBook;
  /** Null when no receipts were given. */
  receipts: ReceiptsFound | null;
}
