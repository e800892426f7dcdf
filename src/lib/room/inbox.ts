/** Reads a socket's messages: size, flood, JSON and schema. Everything after it trusts their types. */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Down } from '#lib/protocol/down.ts';
import { FLOOD_PER_SECOND, MAX_MALFORMED, MAX_MESSAGE_BYTES } from '#lib/protocol/limits.ts';
import { HIDDEN, PING, PONG, VISIBLE } from '#lib/protocol/plain-words.ts';
import { parseUp } from '#lib/protocol/up.ts';
import type { Malformed, Up } from '#lib/protocol/up.ts';
import { floods } from './flood.ts';
import { closeConnection, sendTo, setHidden } from './connections.ts';
import type { Connection } from './connections.ts';

/** Messages in one second, pings included, that lateness cannot explain, so that they are a flood at once. */
const MOST_WITH_PINGS = 5 * FLOOD_PER_SECOND;

/** Sends one message of the protocol. */
export function say(connection: Connection, message: Down): void {
  sendTo(connection, JSON.stringify(message));
}

/**
 * Reads one text frame. Null when there is nothing more to handle: it was a plain word, or it was too big, a flood or malformed,
 * and the socket was answered or closed. `lateMs` is by how much the room is late.
 */
export function readMessage(
  connection: Connection,
  data: string | ArrayBuffer,
  nowMs: number,
  lateMs: number,
): Up | null {
  if (sizeOf(data) > MAX_MESSAGE_BYTES) {
    closeConnection(connection, CLOSE.tooBig, `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
    return null;
  }
  const pings = data === PING;
  if (floods(connection.rate, nowMs, lateMs) || (pings && connection.rate.messages > MOST_WITH_PINGS)) {
    closeConnection(connection, CLOSE.flood, `at most ${FLOOD_PER_SECOND} messages a second of one session`);
    return null;
  }
  // The platform answers pings; while they are counted (pings.ts), the room does.
  if (pings) {
    sendTo(connection, PONG);
    return null;
  }
  if (data === HIDDEN || data === VISIBLE) {
    setHidden(connection, data === HIDDEN);
    return null;
  }
  if (typeof data !== 'string') {
    return refuseMalformed(connection, {
      code: 'INVALID_REQUEST',
      message: 'A message is text, one JSON object.',
    });
  }
  const parsed = parseUp(data);
  return parsed.ok ? parsed.message : refuseMalformed(connection, parsed.malformed);
}

function refuseMalformed(connection: Connection, { code, message, op }: Malformed): null {
  connection.malformed += 1;
  say(connection, { t: 'nack', ...(op ? { op } : {}), code, message });
  if (connection.malformed >= MAX_MALFORMED)
    closeConnection(connection, CLOSE.malformed, 'too many malformed messages');
  return null;
}

/** Size in bytes. A text's UTF-8 size is at least its length, so that only texts near the limit are encoded. */
function sizeOf(data: string | ArrayBuffer): number {
  if (typeof data !== 'string') return data.byteLength;
  const certainlySmall = data.length * 3 <= MAX_MESSAGE_BYTES;
  return certainlySmall ? data.length : new TextEncoder().encode(data).byteLength;
}
