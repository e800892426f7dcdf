/** The one definition of a percentile: the nearest rank, so that every value that is shown was measured. */

/** The place of the `share` percentile (0..1) among `n` sorted values, counted from 1. */
export function nearestRank(n: number, share: number): number {
  return Math.max(1, Math.ceil(share * n));
}

/** The value that a share (0..1) of the sample, which may be in any order, does not exceed; NaN for an empty sample. */
export function percentile(sample: readonly number[], share: number): number {
  return [...sample].sort((a, b) => a - b)[nearestRank(sample.length, share) - 1] ?? NaN;
}
