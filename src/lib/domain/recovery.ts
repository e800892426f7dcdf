/** How long a client was away after a drill: the one figure that the promise is about, and the two parts of it. */
import type { DrillKind, Recovery } from './events.ts';

/** The promise that every way back is held against, from the cut on, milliseconds. */
export const PROMISED_MS = 1_000;

/** Nearest ranks of what was measured, nothing in between. Milliseconds. */
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
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p50, p95, max] = [rank(0.5), rank(0.95), rank(1)];
  return p50 === undefined || p95 === undefined || max === undefined ? null : { p50, p95, max };
}
