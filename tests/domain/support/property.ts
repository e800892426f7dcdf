/**
 * Property tests with one seed for the whole run: printed always, taken from `FC_SEED` when that is set, so that every
 * failure can be played again.
 */
import * as fc from 'fast-check';
import { vi } from 'vitest';

/** Seed of this run. */
export const SEED = seedOf(process.env['FC_SEED']);

// A property has as long as it takes on a busy machine: what it promises is no speed.
vi.setConfig({ testTimeout: 120_000 });
console.info(`property tests: seed ${SEED} (replay with FC_SEED=${SEED})`);

/** Runs a property; the default number of runs keeps a file within a second or two. */
export function check<T>(property: fc.IProperty<T>, numRuns = 1_000): void {
  fc.assert(property, { seed: SEED, numRuns });
}

function seedOf(given: string | undefined): number {
  if (given === undefined) return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new Error(`FC_SEED is a whole number, not ${given}`);
  return seed;
}
