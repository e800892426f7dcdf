/** The room's meters: what really happened, counted where it happens. */
import { addCounts } from '#lib/domain/prices.ts';
import type { Meter, MeterCounts } from '#lib/domain/prices.ts';

/** A silent object hibernates after this long: later time is not active time, milliseconds. */
const HIBERNATES_AFTER_MS = 10_000;

/** Counts of one epoch of a room, in memory; the commit stores them. */
export class Meters {
  counts: MeterCounts;
  #lastEventMs: number;

  /** @param counts what was stored; @param nowMs the time of waking. */
  constructor(counts: MeterCounts, nowMs: number) {
    this.counts = counts;
    this.#lastEventMs = nowMs;
  }

  /** Counts one thing that happened. */
  count(meter: Meter, quantity = 1): void {
    this.counts[meter] = (this.counts[meter] ?? 0) + quantity;
  }

  /** Adds what others counted on the room's behalf. */
  add(counts: MeterCounts): void {
    addCounts(this.counts, counts);
  }

  /**
   * The object handled something: the time since the event before was active time, as far as it was not long enough to
   * hibernate in. Whole milliseconds, as thousandths of the meter's second.
   */
  active(nowMs: number): void {
    const activeMs = Math.min(Math.max(0, nowMs - this.#lastEventMs), HIBERNATES_AFTER_MS);
    this.#lastEventMs = nowMs;
    const totalMs = Math.round((this.counts['do.activeSecond'] ?? 0) * 1_000) + activeMs;
    if (totalMs > 0) this.counts['do.activeSecond'] = totalMs / 1_000;
  }

  /** A new ledger begins: an epoch starts at zero. */
  restart(): void {
    this.counts = {};
  }
}
