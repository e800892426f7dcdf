/**
 * Pressure: what a room does when more is asked of it than it can answer. It learns of that by how late it comes to what it
 * meant to do; then everybody gets the same pace: at first the time in which the room answers each participant once. It
 * grows while the room stays late and shrinks as soon as it is not. Whoever comes earlier is told when their turn is, and
 * that turn is kept for them, so that accepted ops are answered soon and nobody is starved by those who tap more.
 */

/** A room that comes later than this to what it planned is behind, milliseconds: five times that is what an op may take. */
export const BEHIND_MS = 100;
/** A room that is less late than this has caught up, milliseconds. */
const CAUGHT_UP_MS = 50;
/** The slowest pace, in rounds: refusing costs a room about half of what an op does, so more would leave it idle. */
const SLOWEST_ROUNDS = 2.5;
/** The fastest pace, milliseconds: who comes back as told must not be taken for a flood, which begins at 20 a second. */
const FASTEST_PACE_MS = 60;
const GROWTH = 1.25;
const DECAY = 0.7;
/** Turns that are kept for one participant: as many as a socket may ask for in a second. */
const MOST_TURNS = 20;

/** Turns of one participant, Unix milliseconds. */
interface Turns {
  /** Those that they were told to come back at, earliest first. */
  told: number[];
  /** The next one that nobody was told of. */
  nextFreeMs: number;
}

/** See the module's comment. Plain data in memory: an overload does not outlive the memory of a room. */
export interface Pressure {
  /** Time between two ops of one participant, milliseconds; 0 while nothing presses. */
  paceMs: number;
  turns: Map<string, Turns>;
}

/** What a room felt since it last looked. */
export interface Look {
  /** How late it came to what it planned, milliseconds. */
  lateMs: number;
  /** The time in which it answers each participant once, as fast as it was, milliseconds. */
  roundMs: number;
}

/** A room that is not pressed. */
export function noPressure(): Pressure {
  return { paceMs: 0, turns: new Map() };
}

/** Adapts the pace, in place. Called at even distances while something comes in. */
export function feel(pressure: Pressure, { lateMs, roundMs }: Look): void {
  if (lateMs > BEHIND_MS) {
    const paceMs = Math.max(FASTEST_PACE_MS, roundMs, pressure.paceMs * GROWTH);
    pressure.paceMs = Math.min(paceMs, Math.max(FASTEST_PACE_MS, SLOWEST_ROUNDS * roundMs));
  } else if (lateMs < CAUGHT_UP_MS && pressure.paceMs > 0) {
    pressure.paceMs *= DECAY;
    if (pressure.paceMs < FASTEST_PACE_MS) pressure.paceMs = 0;
  }
}

/** Nothing presses any more, in place. */
export function release(pressure: Pressure): void {
  pressure.paceMs = 0;
  pressure.turns.clear();
}

/** Milliseconds until the room takes an op of a participant; 0 when it does now. */
export function waitForTurn(pressure: Pressure, who: string, nowMs: number): number {
  if (pressure.paceMs === 0) return 0;
  const turns = pressure.turns.get(who);
  // Everybody has a first turn before anybody has a second: a crowd that taps once, all at the same moment, is answered.
  if (!turns) return 0;
  const freeInMs = Math.max(0, turns.nextFreeMs - nowMs);
  const [kept = Infinity] = turns.told;
  return kept <= nowMs ? 0 : freeInMs;
}

/** A participant's op was taken, in place. Call only when {@link waitForTurn} is 0. */
export function takeTurn(pressure: Pressure, who: string, nowMs: number): void {
  const turns = pressure.turns.get(who);
  if ((turns?.told[0] ?? Infinity) <= nowMs) turns?.told.shift();
  else if (pressure.paceMs > 0) {
    pressure.turns.set(who, { told: turns?.told ?? [], nextFreeMs: nowMs + pressure.paceMs });
  }
}

/** A participant was told to come back when {@link waitForTurn} said: that turn is theirs, in place. */
export function keepTurn(pressure: Pressure, who: string, nowMs: number): void {
  const waitMs = waitForTurn(pressure, who, nowMs);
  const turns = pressure.turns.get(who);
  if (!turns || turns.told.length >= MOST_TURNS) return;
  turns.told.push(nowMs + waitMs);
  turns.nextFreeMs = nowMs + waitMs + pressure.paceMs;
}
