/**
 * Pressure: what a room does when more is asked of it than it can answer. To refuse costs a room nearly as much as to sell,
 * so it refuses late. A room that does not come to rest gives nobody more than a phone can fairly tap. And once an op would
 * be answered too late, the room is shut, but for those who had nothing lately: the phones tell how long their taps took;
 * what comes all at once comes before any phone can tell, and then the time without rest stands in. Whoever is refused is
 * told when to come back, and that turn is kept for them.
 */

/** A room that has not come to rest for so long is behind, milliseconds. */
export const BEHIND_MS = 50;
/** How long what comes all at once is taken, milliseconds: what is taken last is answered a commit later. */
export const SHUT_MS = 300;
/** A room whose taps take longer is shut, milliseconds: phones tell it with the next tap, and an op may take 500. */
export const SHUT_TRIP_MS = 300;
/** One whose taps take less is not shut any more, milliseconds, if most of those who come can tell. */
const OPENED_TRIP_MS = 240;
/** What so few can tell says nothing, as a share: of what comes all at once nearly nothing can be told. */
const FEW_TELL = 0.2;
/** So many are most, as a share. */
const MOST_TELL = 0.5;
/** A room that is less late than this has come to rest, milliseconds. */
const RESTED_MS = 25;
/** A room that has rested for so many looks has caught up, whatever waits before it: nobody has told of it. */
const RESTED_LOOKS = 4;
/** Pace of a room that is behind, milliseconds between two ops of one participant: nearly the twenty a second of a flood. */
const FAIR_PACE_MS = 60;
/** Ops that one who stood back for a while may have at once: taps do not come at even distances. */
const SAVED_TURNS = 3;
/** Who had nothing for so long has a first turn again, milliseconds: a crowd that taps once, all at the same moment, is answered. */
const LATELY_MS = 5_000;
/** Who is refused comes back after this, milliseconds: each return is one message more to answer. */
const COME_BACK_MS = 1_000;
/** The same where the phones tell that their taps take too long: that is no single moment. */
const LATE_COME_BACK_MS = 2_000;
/** How long a turn is kept for one who was told of it, milliseconds. */
const KEPT_MS = 1_000;
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
  /** True while the room does not come to rest, and nobody gets more than is fair. */
  behind: boolean;
  /** True while only those who had nothing lately are answered. */
  shut: boolean;
  /** When those who are refused may come back, milliseconds from then. */
  comeBackMs: number;
  /** Looks in a row that found the room at rest. */
  restedLooks: number;
  turns: Map<string, Turns>;
}

/** What a room felt since it last looked. */
export interface Look {
  /** For how long it has not come to rest, milliseconds. */
  lateMs: number;
  /** What a tap takes as the phones tell, milliseconds. */
  toldTripMs: number;
  /** How many of those who came could tell, as a share. */
  toldShare: number;
}

/** A room that is not pressed. */
export function noPressure(): Pressure {
  return { behind: false, shut: false, comeBackMs: COME_BACK_MS, restedLooks: 0, turns: new Map() };
}

/** Adapts to what was felt, in place. Called at even distances while something comes in. */
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

/** Nothing presses any more, in place. */
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

/** A participant's op was taken, in place. Call only when {@link waitForTurn} is 0. */
export function takeTurn(pressure: Pressure, who: string, nowMs: number): void {
  const turns = pressure.turns.get(who) ?? { told: [], nextFreeMs: -Infinity };
  turns.told.splice(0, keptTurn(turns, nowMs) + 1);
  // A turn that was kept is one turn all the same: whoever is told often gets no more than others.
  const savedMs = nowMs - SAVED_TURNS * FAIR_PACE_MS;
  turns.nextFreeMs = Math.max(turns.nextFreeMs, savedMs) + FAIR_PACE_MS;
  pressure.turns.set(who, turns);
}

/** A participant was told to come back when {@link waitForTurn} said: that turn is theirs, in place. */
export function keepTurn(pressure: Pressure, who: string, nowMs: number): void {
  const turns = pressure.turns.get(who);
  const waitMs = waitForTurn(pressure, who, nowMs);
  if (!turns || waitMs === 0) return;
  turns.told = turns.told.filter((dueMs) => nowMs - dueMs <= KEPT_MS);
  if (turns.told.length < MOST_TURNS) turns.told.push(nowMs + waitMs);
}

/** Place of the first turn that is due and still kept; -1 when there is none. */
function keptTurn(turns: Turns, nowMs: number): number {
  return turns.told.findIndex((dueMs) => dueMs <= nowMs && nowMs - dueMs <= KEPT_MS);
}
