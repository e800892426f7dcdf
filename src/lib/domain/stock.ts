/** The lanes' decisions, and nothing else: when does an op get its units? */

/** What the eventual lane reads before it pauses. */
export interface Reading {
  allocated: number;
  capacity: number;
  version: number;
}

/** All or nothing: true when the units are there. */
export function fits(allocated: number, capacity: number, units: number): boolean {
  return units <= capacity - allocated;
}

/**
 * What a blind write stores: what was read plus the op's units, whatever others wrote meanwhile. Two writers with the
 * same reading store the same number, and one of them is lost.
 */
export function blindWrite(reading: Reading, units: number): number {
  return reading.allocated + units;
}
