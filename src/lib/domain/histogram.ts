/**
 * A log-bucketed histogram of durations: percentiles with at most 5 % relative error at any size of sample, in a few
 * dozen integers. Buckets grow by a fixed ratio; a bucket's value is the point with the least relative error to both ends
 * (as in DDSketch, Masson et al., VLDB 2019).
 */
import type { ToldHistogram } from './events.ts';
import { nearestRank } from './percentile.ts';
import type { LatencySummary } from './room-state.ts';

/** Ratio of a bucket's ends: (ratio − 1) / (ratio + 1) is the largest relative error, 4.8 %. */
const RATIO = 1.1;
/** Smallest duration that has a bucket of its own, milliseconds; shorter ones are counted in it. */
const SMALLEST_MS = 0.001;

/** Counts by bucket index, and their sum. Plain data: it is stored as it is. */
export interface Histogram {
  n: number;
  buckets: Record<number, number>;
  /** Number of measurements that were left out as impossible. */
  left?: number;
}

/** A histogram of nothing. */
export function emptyHistogram(): Histogram {
  return { n: 0, buckets: {} };
}

/** Adds one duration in milliseconds, in place. */
export function record(histogram: Histogram, ms: number): void {
  const index = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS)) / Math.log(RATIO));
  histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
  histogram.n += 1;
}

/** Counts a measurement that is left out, in place. */
export function leaveOut(histogram: Histogram): void {
  histogram.left = (histogram.left ?? 0) + 1;
}

/**
 * The duration in milliseconds that a share (0..1) of the sample does not exceed, see {@link nearestRank}; null for an
 * empty sample.
 */
export function histogramPercentile(histogram: Histogram, share: number): number | null {
  if (histogram.n === 0) return null;
  const rank = nearestRank(histogram.n, share);
  let seen = 0;
  for (const index of indicesOf(histogram.buckets)) {
    seen += histogram.buckets[index] ?? 0;
    if (seen >= rank) return valueOf(index);
  }
  return null;
}

/** The histogram in the form of `latency` events. */
export function toldHistogram({ n, left, buckets }: Histogram): ToldHistogram {
  const counts = indicesOf(buckets).map((index): [number, number] => [index, buckets[index] ?? 0]);
  return { n, ...(left ? { left } : {}), buckets: counts };
}

/** The histogram of a `latency` event. */
export function histogramOf({ n, left, buckets }: ToldHistogram): Histogram {
  return { n, ...(left ? { left } : {}), buckets: Object.fromEntries(buckets) };
}

/** What screens show: sample size and three percentiles. */
export function summarise(histogram: Histogram): LatencySummary {
  return {
    n: histogram.n,
    p50: histogramPercentile(histogram, 0.5),
    p95: histogramPercentile(histogram, 0.95),
    p99: histogramPercentile(histogram, 0.99),
    ...(histogram.left ? { left: histogram.left } : {}),
  };
}

function indicesOf(buckets: Histogram['buckets']): number[] {
  return Object.keys(buckets)
    .map(Number)
    .sort((a, b) => a - b);
}

/** A bucket's value, rounded to four significant digits, which is as precise as a bucket is. */
function valueOf(index: number): number {
  return Number(((2 * RATIO ** index) / (RATIO + 1)).toPrecision(4));
}
