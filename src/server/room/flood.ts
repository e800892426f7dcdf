/**
 * Flood: more than a session may say, second after second. A room counts what it reads, and one that is late reads in a
 * second what was said in two or three: it gives those seconds too, or an honest phone would be closed for the room's fault.
 * But whoever is told no by a late room, many times a second, and goes on asking, is part of why it is late.
 */
import {
  FLOOD_PER_SECOND,
  FLOOD_SECONDS,
  PRESSING_PER_SECOND,
  PRESSING_SECONDS,
} from '#lib/protocol/limits.ts';

const SECOND_MS = 1_000;
/** A room that has not come to rest for so long is late for its messages, milliseconds, and for nothing that passes. */
const LATE_MS = 300;
/** What a late room is given for, at most, milliseconds: phones, which say ten a second, are read right five seconds late. */
const MOST_LATE_MS = 2_000;

/** What one session said lately, on all of its sockets; times are Unix milliseconds. Changed in place: every message is counted. */
export interface Rate {
  /** Messages in the current second, which begins with a message, and when that was. */
  messages: number;
  startedMs: number;
  /** So many may be read in that second. */
  fair: number;
  /** Seconds in a row that had too many. */
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

/** Counts a message; true once the session has said more than it may. `lateMs`: for how long the room has not come to rest. */
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
