/**
 * The room's meters: what really happened, counted where it happens, and beside it the part of it that taps cause. A tap is
 * an op that was admitted: its message or call, the transactions that decide, store and tell it, the work of its lanes. What is
 * refused at the door, joins, looks, renews, presents or audits is counted and stands for nobody else.
 */
import { addCounts } from '#lib/domain/prices.ts';
import type { Meter, MeterCounts } from '#lib/domain/prices.ts';

/** A silent object hibernates after this long, so later time is not active, milliseconds (the platform in ARCHITECTURE.md). */
const HIBERNATES_AFTER_MS = 10_000;

/** Counts of one epoch of a room, in memory; the commit stores them. */
export class Meters {
  counts: MeterCounts;
  /** Those of {@link counts} that taps caused. */
  taps: MeterCounts;
  #lastEventMs: number;
  /** True while the newest event was a tap, which then keeps the object awake until the next one. */
  #awakeForTap = false;
  #tapped = false;

  /**
   * @param counts the stored quantities
   * @param taps the stored part of taps; in rooms of older code all quantities count as caused by taps
   * @param nowMs the time of the wake
   */
  constructor(counts: MeterCounts, taps: MeterCounts | undefined, nowMs: number) {
    this.counts = counts;
    this.taps = taps ?? { ...counts };
    this.#lastEventMs = nowMs;
  }

  /** Counts one operation. */
  count(meter: Meter, quantity = 1): void {
    this.counts[meter] = (this.counts[meter] ?? 0) + quantity;
  }

  /** Adds quantities that others counted on the room's behalf. */
  add(counts: MeterCounts): void {
    addCounts(this.counts, counts);
  }

  /** Adds quantities that taps caused. */
  addForTaps(counts: MeterCounts): void {
    addCounts(this.counts, counts);
    addCounts(this.taps, counts);
  }

  /** Moves the cost of a tap's arrival, `counted`, to taps, once the tap is admitted. */
  tapped(counted: MeterCounts): void {
    for (const [meter, quantity] of Object.entries(counted) as [Meter, number][]) {
      // A call that arrived before a reset and is admitted after it was counted in the epoch before.
      this.taps[meter] = Math.min(this.counts[meter] ?? 0, (this.taps[meter] ?? 0) + quantity);
    }
    this.#awakeForTap = true;
    this.#tapped = true;
  }

  /** True when a tap was admitted since {@link settleTick}, so that sending is caused by it. */
  get tellsOfTaps(): boolean {
    return this.#tapped;
  }

  /** Everything about the taps so far was sent: until the next tap, sending has other causes. */
  settleTick(): void {
    this.#tapped = false;
  }

  /**
   * The object handled an event: the time since the event before was active, at most the time until hibernation. Counted in whole
   * milliseconds, and caused by what the event before was.
   */
  active(nowMs: number): void {
    const activeMs = Math.min(Math.max(0, nowMs - this.#lastEventMs), HIBERNATES_AFTER_MS);
    this.#lastEventMs = nowMs;
    addActive(this.counts, activeMs);
    if (this.#awakeForTap) addActive(this.taps, activeMs);
    this.#awakeForTap = false;
  }

  /** Starts the ledger of a new epoch at zero. */
  restart(): void {
    this.counts = {};
    this.taps = {};
  }
}

/** Summed as whole milliseconds: fractions of a second would drift. */
function addActive(counts: MeterCounts, activeMs: number): void {
  const totalMs = Math.round((counts['do.activeSecond'] ?? 0) * 1_000) + activeMs;
  if (totalMs > 0) counts['do.activeSecond'] = totalMs / 1_000;
}
