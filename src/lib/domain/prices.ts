/**
 * List prices of what the platform meters, without free allotments: the worst case, and screens say so. Read in 2026-11 from
 *
 * - https://developers.cloudflare.com/workers/platform/pricing/ ($0.30 a million requests)
 * - https://developers.cloudflare.com/durable-objects/platform/pricing/ ($0.15 a million requests, $12.50 a million GB-s, rows)
 * - https://developers.cloudflare.com/d1/platform/pricing/ ($0.001 and $1.00 a million rows read and written)
 * - https://developers.cloudflare.com/kv/platform/pricing/ ($0.50 and $5.00 a million reads and writes)
 * - https://developers.cloudflare.com/analytics/analytics-engine/pricing/ ($0.25 a million points)
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

/** List price of one unit of each meter, pico-USD. */
export const PRICE_PICO: Record<Meter, PicoUsd> = {
  'worker.request': 300_000n,
  'do.request': 150_000n,
  // 20 incoming WebSocket messages are billed as one request.
  'do.messageIn': 7_500n,
  // One second of an object's 128 MB: 0.128 GB-s.
  'do.activeSecond': 1_600_000n,
  'do.rowRead': 1_000n,
  'do.rowWritten': 1_000_000n,
  'd1.rowRead': 1_000n,
  'd1.rowWritten': 1_000_000n,
  'kv.read': 500_000n,
  'kv.write': 5_000_000n,
  'ae.point': 250_000n,
};

/** Quantity of each meter; a missing meter is 0. Seconds are exact to a millisecond. */
export type MeterCounts = Partial<Record<Meter, number>>;

/** Adds counts into `into`, in place. */
export function addCounts(into: MeterCounts, counts: MeterCounts): void {
  // Of all meters one message moves one: only what stands is walked, for every message of a crowd.
  for (const meter in counts) add(into, meter as Meter, counts[meter as Meter]);
}

function add(into: MeterCounts, meter: Meter, quantity = 0): void {
  if (quantity) into[meter] = (into[meter] ?? 0) + quantity;
}

/** A copy with only the meters that moved, as `cost` events have it. */
export function movedCounts(counts: MeterCounts): MeterCounts {
  const moved: MeterCounts = {};
  addCounts(moved, counts);
  return moved;
}

/** What a quantity of a meter costs at list price. Quantities are exact to a thousandth (milliseconds of a second). */
export function priceOf(meter: Meter, quantity: number): PicoUsd {
  return (BigInt(Math.round(quantity * 1_000)) * PRICE_PICO[meter]) / 1_000n;
}
