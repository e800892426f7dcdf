/** Promises that a show is held against. */

/** Every way back into the room after a cut, milliseconds, from the first retry. */
export const PROMISED_MS = 1_000;
