/** Layout of a guess's axis, in shares of its width and height. Pure. */
import type { GuessSpread } from '#lib/domain/guess.ts';

/** A bar of the spread: one bucket, as shares of the axis. */
export interface Bar {
  from: number;
  width: number;
  /** Answers in it. */
  times: number;
}

/**
 * The right end of the axis: the largest answer, doubled until the measured figure fits. In steps, so that the picture does not
 * change its scale with every tap.
 */
export function scaleEnd(max: number, measured: number): number {
  let end = max;
  while (end < measured) end *= 2;
  return end;
}

/** Values that the axis holds, 0 among them: up to the end, and to the end of the bucket in which that lies. */
export function axisValues(end: number, { width }: Pick<GuessSpread, 'width'>): number {
  return Math.ceil((end + 1) / width) * width;
}

/** The bars of a spread on an axis of so many values. */
export function barsOf({ width, counts }: GuessSpread, values: number): Bar[] {
  return counts.flatMap((times, place) =>
    times === 0 ? [] : [{ from: (place * width) / values, width: width / values, times }],
  );
}

/** Position of a value on the axis: the middle of its place. */
export function placeOf(value: number, values: number): number {
  return Math.min(1, (value + 0.5) / values);
}

/** Values that the axis labels: capacity and both ends, without an end that would overlap the capacity's label. */
export function ticksOf(end: number, capacity: number): number[] {
  if (capacity < end * 0.08 || capacity > end * 0.8) return [0, end];
  return capacity < end * 0.25 ? [capacity, end] : [0, capacity, end];
}
