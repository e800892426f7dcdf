/** The lanes' decisions: whether an op gets its units, and what a blind write stores. */

/** What the eventual lane reads before its pause, in units. */
export interface Reading {
  allocated: number;
  capacity: number;
  version: number;
}

/** True when all of the units are left. */
export function fits(allocated: number, capacity: number, units: number): boolean {
  return units <= capacity - allocated;
}

/**
 * What a blind write stores: the reading plus the op's units, whatever others wrote meanwhile. Two writes with the same
 * reading store the same number, and one of them is lost.
 */
export function blindWrite(reading: Reading, units: number): number {
  return reading.allocated + units;
}
