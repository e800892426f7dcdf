/**
 * List prices of what the platform meters. Free allotments are not deducted: the worst case, and screens say so.
 * Read in 2026-11 from developers.cloudflare.com: durable-objects/platform/pricing, workers/platform/pricing,
 * d1/platform/pricing, kv/platform/pricing, analytics/analytics-engine/pricing.
 */
import type { PicoUsd } from './money.ts';

/** The month in which the price list was read. */
export const PRICES_READ_ON = '2026-11';

/** Everything that is metered, in the order in which ledgers list it. */
export const METERS = [
  'worker.request',
  'do.request',
  'do.messageIn',
  'do.activeSecond',
  'do.rowRead',
  'do.rowWritten',
  'd1.rowRead',
  'd1.rowWritten',
  'kv.read',
  'kv.write',
  'ae.point',
] as const;
/** The name of a meter. */
export type Meter = (typeof METERS)[number];

/** Pico-USD for one of each. */
export const PRICE_PICO: Record<Meter, PicoUsd> = {
  'worker.request': 300_000n,
  'do.request': 150_000n,
  // Incoming WebSocket messages are billed as requests at 20:1.
  'do.messageIn': 7_500n,
  // 128 MB for one second.
  'do.activeSecond': 1_600_000n,
  'do.rowRead': 1_000n,
  'do.rowWritten': 1_000_000n,
  'd1.rowRead': 1_000n,
  'd1.rowWritten': 1_000_000n,
  'kv.read': 500_000n,
  'kv.write': 5_000_000n,
  'ae.point': 250_000n,
};

/** What has been counted of each meter; absent means none. Seconds may carry a fraction of whole milliseconds. */
export type MeterCounts = Partial<Record<Meter, number>>;

/** Adds counts into `into`, in place. */
export function addCounts(into: MeterCounts, counts: MeterCounts): void {
  for (const meter of METERS) {
    const quantity = counts[meter];
    if (quantity) into[meter] = (into[meter] ?? 0) + quantity;
  }
}

/** Counts of the meters that moved, as the log tells them: another object, which does not go on counting. */
export function movedCounts(counts: MeterCounts): MeterCounts {
  const moved: MeterCounts = {};
  addCounts(moved, counts);
  return moved;
}

/** What a quantity of a meter costs at list price. Quantities are exact to a thousandth (milliseconds of a second). */
export function priceOf(meter: Meter, quantity: number): PicoUsd {
  return (BigInt(Math.round(quantity * 1_000)) * PRICE_PICO[meter]) / 1_000n;
}
