/** How long a client was away after a drill: the one figure that the promise is about, and the two parts of it. */
import type { DrillKind, Recovery } from './events.ts';
import { percentile } from './percentile.ts';

/** The promise that every way back is held against, from the cut on, milliseconds. */
export const PROMISED_MS = 1_000;

/** Percentiles of what was measured, milliseconds. */
export interface Spread {
  p50: number;
  p95: number;
  max: number;
}

/** From the cut until the room had greeted the client again; of a sleep, which cuts nobody, from asking until the answer. Milliseconds. */
export function awayMs(kind: DrillKind, { waitedMs, ms }: Pick<Recovery, 'waitedMs' | 'ms'>): number {
  return kind === 'sleep' ? ms : waitedMs + ms;
}

/** Null of nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { p50: percentile(values, 0.5), p95: percentile(values, 0.95), max: percentile(values, 1) };
}
