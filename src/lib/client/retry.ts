/**
 * When a client that lost its room tries again. Clients of one room are spread only as far as its size needs: up to 300 of them
 * are back within a second of a cut, and a thousand do not knock in the same instant.
 */

/** What a room greets without making anybody wait: 500 clients a second, measured on two cores. */
const MS_PER_CLIENT = 2;
/** Of a room that never said its size: as if it were a full house. */
const UNKNOWN_SIZE = 1_000;
/** No pause is shorter: a door that shuts at once is not knocked at in a loop. Milliseconds. */
const SOONEST_MS = 20;
/** While a small room does not answer, it is asked again after so long at most: it may answer again any moment. Milliseconds. */
const AGAIN_MS = 700;
/** A room that has been away for long is asked this many times less often than it has been away. */
const PATIENCE = 40;
const LONGEST_MS = 10_000;
/** Each connection in a row that was lost as soon as it stood makes the next pause longer by this. */
const BOUNCED = 1.6;

/** How things stand when a pause begins. */
export interface Trouble {
  /** Clients of the room, as it said last; null when it never did. */
  clients: number | null;
  /** True when this is the first retry since the connection stood. */
  isFirst: boolean;
  /** For how long there has been no connection, milliseconds. */
  awayMs: number;
  /** Connections in a row that did not last. */
  bounces: number;
}

/** Milliseconds until the next try. `random` is 0 ≤ x < 1, each time another. */
export function retryPauseMs({ clients, isFirst, awayMs, bounces }: Trouble, random: number): number {
  const spreadMs = MS_PER_CLIENT * (clients ?? UNKNOWN_SIZE);
  const againMs = Math.max(AGAIN_MS, spreadMs, awayMs / PATIENCE);
  const bounced = BOUNCED ** Math.max(0, bounces - 1);
  const pauseMs = isFirst ? (SOONEST_MS + random * spreadMs) * bounced : (againMs * (1 + random)) / 2;
  return Math.min(pauseMs, LONGEST_MS);
}
