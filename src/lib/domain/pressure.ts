/**
 * Overload control. Refusing an op costs a room nearly as much as selling (85 %, docs/performance.md), so it refuses late:
 *
 * - A room that is behind limits each participant to a fair pace.
 * - A room whose ops take too long is shut: it takes only ops of participants that had none lately. How long ops take is what
 *   phones report of their round trips. A sudden crowd arrives before any phone can report; then the time for which the room
 *   has been behind is used instead.
 * - A refused participant is told when to come back, and that turn is kept for them.
 */

/** A room that is late by more than this is behind, milliseconds. */
export const BEHIND_MS = 50;
/**
 * A sudden crowd shuts the room when it has been behind for this long, milliseconds; the last ops taken
 * are answered a commit later.
 */
export const SHUT_MS = 300;
/**
 * A room whose reported round trips are longer is shut, milliseconds: reports come with the next tap, and
 * the target is 500.
 */
export const SHUT_TRIP_MS = 300;
/**
 * A shut room opens when reported round trips are shorter, milliseconds, and at least {@link MOST_TELL} of
 * the ops report one.
 */
const OPENED_TRIP_MS = 240;
/** Reports of a smaller share of the ops than this are not used: of a sudden crowd hardly anybody can report yet. */
const FEW_TELL = 0.2;
/** The share of ops with a report that is needed to open a shut room. */
const MOST_TELL = 0.5;
/** A room that is less late than this has caught up, milliseconds. */
const RESTED_MS = 25;
/** A shut room also opens after this many looks in a row that found it caught up, whatever phones report. */
const RESTED_LOOKS = 4;
/** Fair pace while a room is behind, milliseconds between two ops of one participant: nearly the 20 a second of a flood. */
const FAIR_PACE_MS = 60;
/** Ops that a participant may send at once after a pause, because taps do not come at even distances. */
const SAVED_TURNS = 3;
/**
 * A participant that had no op for this long is taken by a shut room, milliseconds, so that a crowd that
 * taps once is answered.
 */
const LATELY_MS = 5_000;
/** When a refused participant may come back, milliseconds: each return is one more message to answer. */
const COME_BACK_MS = 1_000;
/** The same while reported round trips are too long, which lasts longer than a single moment. */
const LATE_COME_BACK_MS = 2_000;
/** How long a turn is kept for a participant that was told to come back, milliseconds. */
const KEPT_MS = 1_000;
/** Most turns that are kept for one participant: as many as a socket may ask for in a second. */
const MOST_TURNS = 20;

/** Turns of one participant, Unix milliseconds. */
interface Turns {
  /** Times at which they were told to come back, earliest first. */
  told: number[];
  /** The next free turn. */
  nextFreeMs: number;
}

/** State of a room's overload control. Plain data in memory, because an overload does not outlast the room's memory. */
export interface Pressure {
  /** True while the room is behind, and limits participants to the fair pace. */
  behind: boolean;
  /** True while only ops of participants that had none lately are taken. */
  shut: boolean;
  /** `retryAfterMs` of refused ops. */
  comeBackMs: number;
  /** Looks in a row that found the room caught up. */
  restedLooks: number;
  turns: Map<string, Turns>;
}

/** What a room measured since the last look. */
export interface Look {
  /** By how much it is late, milliseconds. */
  lateMs: number;
  /** Reported round trip of an op, milliseconds. */
  toldTripMs: number;
  /** Share of the ops that came with a report. */
  toldShare: number;
}

/** The state without overload. */
export function noPressure(): Pressure {
  return { behind: false, shut: false, comeBackMs: COME_BACK_MS, restedLooks: 0, turns: new Map() };
}

/** Updates the state from a look, in place. Called at regular intervals while messages come in. */
export function feel(pressure: Pressure, { lateMs, toldTripMs, toldShare }: Look): void {
  pressure.behind = lateMs > BEHIND_MS;
  pressure.restedLooks = lateMs < RESTED_MS ? pressure.restedLooks + 1 : 0;
  const areFew = toldShare < FEW_TELL;
  const areQuick = toldShare >= MOST_TELL && toldTripMs < OPENED_TRIP_MS;
  if (areFew ? lateMs > SHUT_MS : pressure.behind && toldTripMs > SHUT_TRIP_MS) {
    pressure.shut = true;
    pressure.comeBackMs = areFew ? COME_BACK_MS : LATE_COME_BACK_MS;
  } else if (areQuick || pressure.restedLooks >= RESTED_LOOKS) {
    pressure.shut = false;
    pressure.comeBackMs = COME_BACK_MS;
  }
}

/** Ends the overload, in place. */
export function release(pressure: Pressure): void {
  Object.assign(pressure, noPressure());
}

/** Milliseconds until the room takes an op of a participant; 0 when it does now. */
export function waitForTurn(pressure: Pressure, who: string, nowMs: number): number {
  const turns = pressure.turns.get(who);
  if (!turns || turns.nextFreeMs < nowMs - LATELY_MS) return 0;
  if (!pressure.shut) {
    const isFree = !pressure.behind || turns.nextFreeMs <= nowMs;
    if (isFree || keptTurn(turns, nowMs) !== -1) return 0;
  }
  const lastToldMs = turns.told.at(-1) ?? 0;
  return Math.max(pressure.comeBackMs, lastToldMs + FAIR_PACE_MS - nowMs);
}

/** Notes that a participant's op was taken, in place. Call only when {@link waitForTurn} is 0. */
export function takeTurn(pressure: Pressure, who: string, nowMs: number): void {
  const turns = pressure.turns.get(who) ?? { told: [], nextFreeMs: -Infinity };
  turns.told.splice(0, keptTurn(turns, nowMs) + 1);
  // A kept turn counts as one turn, so that a participant that is refused often gets no more than others.
  const savedMs = nowMs - SAVED_TURNS * FAIR_PACE_MS;
  turns.nextFreeMs = Math.max(turns.nextFreeMs, savedMs) + FAIR_PACE_MS;
  pressure.turns.set(who, turns);
}

/** Keeps the turn at {@link waitForTurn} for a participant that was told to come back, in place. */
export function keepTurn(pressure: Pressure, who: string, nowMs: number): void {
  const turns = pressure.turns.get(who);
  const waitMs = waitForTurn(pressure, who, nowMs);
  if (!turns || waitMs === 0) return;
  turns.told = turns.told.filter((dueMs) => nowMs - dueMs <= KEPT_MS);
  if (turns.told.length < MOST_TURNS) turns.told.push(nowMs + waitMs);
}

/** Index of the first kept turn that is due; -1 when there is none. */
function keptTurn(turns: Turns, nowMs: number): number {
  return turns.told.findIndex((dueMs) => dueMs <= nowMs && nowMs - dueMs <= KEPT_MS);
}
