/** Statistics of samples, and counts by name. */

/**
 * The quantile: the value that a share of the samples does not exceed; NaN for an empty sample.
 * @param {readonly number[]} samples in any order
 * @param {number} share 0..1
 */
export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/**
 * The median: of an even number of samples the mean of the two in the middle; NaN for an empty sample.
 * @param {readonly number[]} samples
 */
export function median(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/**
 * Adds one to a count.
 * @param {Record<string, number>} counts
 * @param {string} name
 */
export function count(counts, name) {
  counts[name] = (counts[name] ?? 0) + 1;
}
