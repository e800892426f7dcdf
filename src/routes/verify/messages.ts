/** Messages between the page and its worker. Verifications are numbered (`run`); answers to an earlier one are ignored. */
import type { KeptReceipts } from '#lib/client/kept-receipts.ts';
import { idsIn, modesOf } from '#lib/domain/by-lane.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { Race } from '#lib/domain/race.ts';
import type { RaceSeries } from '#lib/domain/race-series.ts';
import type { Witness } from '#lib/domain/witness.ts';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import type { EpochTotals } from '#lib/verify/replay.ts';
import type { Verification } from '#lib/verify/verification.ts';

/** Witnesses that are sent at first, and with each request for more. */
export const FIRST_WITNESSES = 10;
export const MORE_WITNESSES = 100;

/** Races that are sent at once, with the requested one in the middle. */
export const RACES_AT_ONCE = 41;

/**
 * Messages of the page; `place` is the index of an epoch. Of the kept receipts, those of the log's room are used. The worker
 * parses everything, because a parser in the page would be part of the script that phones load too.
 */
export type Ask =
  | { kind: 'verify'; run: number; log: Blob; kept: readonly KeptReceipts[]; added: readonly Receipts[] }
  | { kind: 'cancel' }
  /** Text of a file that should contain receipts. */
  | { kind: 'read'; name: string; text: string }
  /** Kept receipts to be written as a file. */
  | { kind: 'pack'; kept: KeptReceipts }
  /** An epoch with the chart of a mode; with null its last one. */
  | { kind: 'epoch'; run: number; place: number; mode: Mode | null }
  /** More witnesses, the newest first, after the `from` that the page has. */
  | { kind: 'witnesses'; run: number; place: number; from: number; count: number }
  /** The race of the `lost` event `seq`, and races around it. */
  | { kind: 'races'; run: number; seq: number };

/** A verification without its epochs (there is no end to how many a file may have) and races, which are sent on request. */
export type Summary = Omit<Verification, 'epochs' | 'races'> & {
  /** How many there are. */
  epochs: number;
  ms: number;
};

/** The data of a chart: a `RaceSeries` as it arrives by structured clone. */
export type Series = Pick<RaceSeries, 'lanes' | 'xs' | 'curves' | 'cuts'>;

/** Messages of the worker. */
export type Said =
  | { kind: 'progress'; run: number; bytes: number; events: number }
  | { kind: 'done'; run: number; summary: Summary }
  | { kind: 'failed'; run: number; sentence: string }
  | { kind: 'read'; name: string; receipts: Receipts | string }
  | { kind: 'packed'; name: string; text: string }
  | { kind: 'epoch'; run: number; place: number; totals: EpochTotals; mode: Mode; series: Series }
  | { kind: 'witnesses'; run: number; place: number; from: number; witnesses: Witness[] }
  /** `start` is the index of the requested race. */
  | { kind: 'races'; run: number; seq: number; races: Race[]; start: number };

/** The modes whose chart has something to draw, the widest last; the first lane's where nothing was sold. */
export function chartsOf({ lanes }: EpochTotals): readonly Mode[] {
  const ids = idsIn(lanes);
  const modes = modesOf(ids);
  const sold = modes.filter((mode) => lanesOf(mode, ids).every((lane) => ofLane(lanes, lane).ops > 0));
  return sold.length === 0 ? modes.slice(0, 1) : sold;
}
