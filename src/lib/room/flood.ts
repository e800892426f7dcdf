/**
 * Detects floods: sessions that send too many messages for seconds in a row. A late room reads in one second what was sent in
 * two or three, so it allows for those too, or it would close honest phones for its own delay. But a session whose ops are
 * refused many times a second by a late room, and that goes on, is one of the causes and is closed.
 */
import {
  FLOOD_PER_SECOND,
  FLOOD_SECONDS,
  PRESSING_PER_SECOND,
  PRESSING_SECONDS,
} from '#lib/protocol/limits.ts';

const SECOND_MS = 1_000;
/** A room that is later than this reads its messages late, milliseconds; shorter delays pass by themselves. */
const LATE_MS = 300;
/**
 * Most lateness that is allowed for, milliseconds: with it, phones that send ten messages a second may be read five
 * seconds late.
 */
const MOST_LATE_MS = 2_000;

/**
 * A session's recent messages on all of its sockets. Changed in place with every message; times are the room's
 * milliseconds.
 */
export interface Rate {
  /** Messages in the current second, which begins with a message, and when that was. */
  messages: number;
  startedMs: number;
  /** Messages that are allowed in that second. */
  fair: number;
  /** Seconds in a row with too many messages. */
  floodedSeconds: number;
  /** Ops that were refused in the current second, and seconds in a row in which a late room refused too many. */
  refused: number;
  pressingSeconds: number;
}

/** A session that has said nothing. `nowMs` may be -Infinity: its first second begins with its first message. */
export function newRate(nowMs: number): Rate {
  return {
    messages: 0,
    startedMs: nowMs,
    fair: FLOOD_PER_SECOND,
    floodedSeconds: 0,
    refused: 0,
    pressingSeconds: 0,
  };
}

/** Counts a message; true when the session is a flood. `lateMs` is by how much the room is late. */
export function floods(rate: Rate, nowMs: number, lateMs: number): boolean {
  const sinceMs = nowMs - rate.startedMs;
  if (sinceMs >= SECOND_MS) {
    const flooded = rate.messages > rate.fair && sinceMs < 2 * SECOND_MS;
    rate.floodedSeconds = flooded ? rate.floodedSeconds + 1 : 0;
    const presses = rate.refused > PRESSING_PER_SECOND && lateMs > LATE_MS && sinceMs < 2 * SECOND_MS;
    rate.pressingSeconds = presses ? rate.pressingSeconds + 1 : 0;
    rate.refused = 0;
    rate.startedMs = nowMs;
    rate.messages = 0;
    rate.fair = FLOOD_PER_SECOND * (1 + Math.min(lateMs, MOST_LATE_MS) / SECOND_MS);
  }
  rate.messages += 1;
  // Within the last second that it may take, the budget of all of them is the bound: a burst need not last to be seen.
  const budget = rate.fair + FLOOD_PER_SECOND * (FLOOD_SECONDS - 1);
  return (
    rate.pressingSeconds >= PRESSING_SECONDS ||
    rate.floodedSeconds >= FLOOD_SECONDS ||
    (rate.floodedSeconds === FLOOD_SECONDS - 1 && rate.messages > budget)
  );
}
