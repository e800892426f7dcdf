/** What a run of the faults is: short or long, from which seed, and where its figures go. */
import { quantile } from '../../../scripts/crowd/samples.mjs';
import { randomFrom } from '../../../scripts/crowd/hammering.mjs';

/** The long form: many kills, many frames. */
export const LONG = process.env['FAULTS'] === 'long';
/** `SEED=n` repeats a run as far as a run with a kernel and a network in it can be repeated. */
export const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** A source of chance for one test: numbers 0 ≤ x < 1. Prints what repeats it. */
export function seeded(test: string): () => number {
  console.log(`${test}: SEED=${SEED}`);
  return randomFrom(SEED);
}

/** A number between two, ends included as far as the source allows. */
export function between(random: () => number, low: number, high: number): number {
  return low + random() * (high - low);
}

/** Prints figures of a test, one line. */
export function figures(test: string, values: Record<string, number | string>): void {
  const parts = Object.entries(values).map(([name, value]) => `${name} ${tidy(value)}`);
  console.log(`${test}: ${parts.join(' · ')}`);
}

/** p50 and p95 of a sample in milliseconds, with its size. */
export function spread(ms: readonly number[]): string {
  return `p50 ${tidy(quantile(ms, 0.5))} ms, p95 ${tidy(quantile(ms, 0.95))} ms (n ${ms.length})`;
}

/** The 95th percentile. */
export function p95(ms: readonly number[]): number {
  return quantile(ms, 0.95);
}

function tidy(value: number | string): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}
