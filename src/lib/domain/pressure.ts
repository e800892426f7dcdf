/**
 * Pressure: what a room does when more is asked of it than it can answer. It learns of that by how late it comes to what it
 * meant to do; then everybody gets the same pace, and whoever comes earlier is told when their turn is. The pace grows fast
 * while the room is late and shrinks as soon as it is not (multiplicative both ways, as retry budgets and TCP's windows do),
 * so that ops that are accepted are answered soon and nobody is starved by those who tap more.
 */

/** A room that comes later than this to what it planned is behind, milliseconds. Half a second is what an op may take. */
export const BEHIND_MS = 150;
/** A room that is less late than this has caught up, milliseconds. */
const CAUGHT_UP_MS = 50;
/** Pace that the first sign of pressure sets: the time between two ops of one participant, milliseconds. */
const FIRST_PACE_MS = 250;
/** The slowest pace, milliseconds: beyond it a button feels dead. */
const SLOWEST_PACE_MS = 5_000;
/** Below this a pace means nothing to a thumb, milliseconds. */
const FASTEST_PACE_MS = 25;
const GROWTH = 1.5;
const DECAY = 0.75;

/** See the module's comment. Plain data in memory: an overload does not outlive the memory of a room. */
export interface Pressure {
  /** Time between two ops of one participant; 0 while nothing presses. */
  paceMs: number;
  /** When each participant's next op is taken, Unix milliseconds. */
  nextAtMs: Map<string, number>;
}

/** A room that is not pressed. */
export function noPressure(): Pressure {
  return { paceMs: 0, nextAtMs: new Map() };
}

/** Adapts the pace, in place, to how late the room was. Called at even distances while something comes in. */
export function feel(pressure: Pressure, lateMs: number): void {
  if (lateMs > BEHIND_MS) {
    const grown = Math.max(FIRST_PACE_MS, pressure.paceMs * GROWTH);
    pressure.paceMs = Math.min(SLOWEST_PACE_MS, grown);
  } else if (lateMs < CAUGHT_UP_MS && pressure.paceMs > 0) {
    pressure.paceMs *= DECAY;
    if (pressure.paceMs < FASTEST_PACE_MS) release(pressure);
  }
}

/** Nothing presses any more, in place. */
export function release(pressure: Pressure): void {
  pressure.paceMs = 0;
  pressure.nextAtMs.clear();
}

/** Milliseconds until the room takes an op of a participant; 0 when it does now. Once told, it never grows. */
export function waitForTurn(pressure: Pressure, who: string, nowMs: number): number {
  return Math.max(0, (pressure.nextAtMs.get(who) ?? 0) - nowMs);
}

/** A participant's op was taken, in place. */
export function takeTurn(pressure: Pressure, who: string, nowMs: number): void {
  if (pressure.paceMs > 0) pressure.nextAtMs.set(who, nowMs + pressure.paceMs);
}
