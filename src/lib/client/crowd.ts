/** Crowds of simulated shoppers that a presenter can send with one press. */
import { MAX_UNITS } from '#lib/protocol/limits.ts';

/** Shoppers at once: a queue, a room, a rush. */
export const CROWDS = [10, 50, 200] as const;
/** Most units that one shopper may ask for. */
export const MOST_UNITS = MAX_UNITS;

/** True for a number of units that a shopper may ask for. */
export function isUnits(units: unknown): units is number {
  return typeof units === 'number' && Number.isInteger(units) && units >= 1 && units <= MOST_UNITS;
}
