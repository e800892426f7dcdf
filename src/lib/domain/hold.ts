/**
 * Holding: nothing is sold until everybody can begin together. A presenter holds a room and gives the GO, which opens it after a
 * countdown, at a time that is told beforehand: so that every phone can begin at that time by its own clock.
 */

/** Time between the GO and the moment from which ops are taken, milliseconds: three, two, one. */
export const COUNTDOWN_MS = 3_000;

/** A hold as it stands. Unix milliseconds of the room's clock. */
export interface Hold {
  sinceMs: number;
  /** From when on ops are taken; null while no GO was given. */
  goAtMs: number | null;
}

/** Milliseconds until ops are taken: 0 when they are, Infinity while no GO was given. */
export function waitForGo(hold: Hold | null, nowMs: number): number {
  if (!hold) return 0;
  return hold.goAtMs === null ? Infinity : Math.max(0, hold.goAtMs - nowMs);
}

/** The hold while it lasts; null from its GO's time on. */
export function currentHold(hold: Hold | null, nowMs: number): Hold | null {
  return waitForGo(hold, nowMs) > 0 ? hold : null;
}
