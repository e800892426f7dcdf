/** Waiting for what was promised. */
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 5;

/** Resolves when something holds, with the milliseconds it took; fails with a sentence when it does not in time. */
export async function until(
  holds: () => boolean,
  withinMs: number,
  otherwise: () => string,
): Promise<number> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > withinMs) {
      throw new Error(`Waited ${Math.round(withinMs)} ms in vain: ${otherwise()}`);
    }
    await pause(LOOK_EVERY_MS);
  }
  return performance.now() - began;
}
