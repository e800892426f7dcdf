/** What the page and its worker say to each other. A verification has a number; words of an earlier one are not heard. */
import type { KeptReceipts } from '#lib/client/kept-receipts.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { Race } from '#lib/domain/race.ts';
import type { RaceSeries } from '#lib/domain/race-series.ts';
import type { Witness } from '#lib/domain/witness.ts';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import type { EpochTotals } from '#lib/verify/replay.ts';
import type { Verification } from '#lib/verify/verification.ts';

/** Witnesses that are handed over at first, and whenever somebody asks for more. */
export const FIRST_WITNESSES = 10;
export const MORE_WITNESSES = 100;

/** Races that are handed over at once: the one that was asked for in their middle. */
export const RACES_AT_ONCE = 41;

/**
 * The page asks; `place` is that of an epoch in the list of the result. Of what the browser kept, the receipts of the log's
 * own room are taken. Everything is parsed over there: what a page loads for that, phones would load as well.
 */
export type Ask =
  | { kind: 'verify'; run: number; log: Blob; kept: readonly KeptReceipts[]; added: readonly Receipts[] }
  | { kind: 'cancel' }
  /** A file that should hold receipts. */
  | { kind: 'read'; name: string; text: string }
  /** Kept receipts, to be made a file of. */
  | { kind: 'pack'; kept: KeptReceipts }
  | { kind: 'series'; run: number; place: number; mode: Mode }
  /** The newest first: `from` of them are there already. */
  | { kind: 'witnesses'; run: number; place: number; from: number; count: number }
  /** The race of the `lost` event `seq`, and some before and after it. */
  | { kind: 'races'; run: number; seq: number };

/** A verification without what is too much to be handed over at once. */
export type Summary = Omit<Verification, 'epochs' | 'races'> & { epochs: EpochTotals[]; ms: number };

/** The public columns of a series: what is left of it after it was handed over. */
export type Series = Pick<RaceSeries, 'lanes' | 'xs' | 'curves' | 'cuts'>;

/** The worker answers. */
export type Said =
  | { kind: 'progress'; run: number; bytes: number; events: number }
  | { kind: 'done'; run: number; summary: Summary }
  | { kind: 'failed'; run: number; sentence: string }
  | { kind: 'read'; name: string; receipts: Receipts | string }
  | { kind: 'packed'; name: string; text: string }
  | { kind: 'series'; run: number; place: number; mode: Mode; series: Series }
  | { kind: 'witnesses'; run: number; place: number; from: number; witnesses: Witness[] }
  /** `start` is the place of the race that was asked for. */
  | { kind: 'races'; run: number; seq: number; races: Race[]; start: number };
