/** What a run of the faults is: short or long, from which seed, and where its figures go. */
import { percentile } from '#lib/domain/percentile.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';

/** The long form: many kills, many frames. */
export const LONG = process.env['FAULTS'] === 'long';
/** `SEED=n` repeats a run as far as a run with a kernel and a network in it can be repeated. */
export const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** A source of chance for one test: numbers 0 ≤ x < 1. Prints what repeats it. */
export function seeded(test: string): () => number {
  console.log(`${test}: SEED=${SEED}`);
  return randomFrom(SEED);
}

/** A machine that does other things too may take this much longer. */
const SLACK = LONG ? 1 : 4;

/**
 * What a time may be, milliseconds. The long form holds the promise itself and wants the machine for itself; the short one runs
 * everywhere and holds four times as much, which a room that is blocked exceeds by far.
 */
export function atMost(promisedMs: number): number {
  return SLACK * promisedMs;
}

/** What a sample of durations says, milliseconds. */
export interface Spread {
  n: number;
  p50: number;
  p95: number;
  max: number;
}

/** Prints the figures of a test: one line, `figures` and JSON. */
export function figures(test: string, values: Record<string, number | string | object | null>): void {
  const tidied = JSON.stringify(
    { test, form: LONG ? 'long' : 'short', seed: SEED, ...values },
    (_key, value) => (typeof value === 'number' ? Math.round(value * 10) / 10 : (value as unknown)),
  );
  console.log(`figures ${tidied}`);
}

/** Middle, 95th percentile and largest of a sample in milliseconds, with its size. */
export function spread(ms: readonly number[]): Spread {
  return { n: ms.length, p50: percentile(ms, 0.5), p95: p95(ms), max: Math.max(...ms) };
}

/** The 95th percentile. */
export function p95(ms: readonly number[]): number {
  return percentile(ms, 0.95);
}
