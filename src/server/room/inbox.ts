/** The inbox: what comes in on a socket, guarded and parsed, one message at a time. Everything after it trusts its types. */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Down } from '#lib/protocol/down.ts';
import { FLOOD_PER_SECOND, MAX_MALFORMED, MAX_MESSAGE_BYTES } from '#lib/protocol/limits.ts';
import { parseUp } from '#lib/protocol/up.ts';
import type { Malformed, Up } from '#lib/protocol/up.ts';
import { floods } from './flood.ts';
import { closeMember, sendTo } from './members.ts';
import type { Member } from './members.ts';

/** What the platform answers for a room, without waking it. */
export const PING = 'ping';
export const PONG = 'pong';

/** Messages of one second, pings among them, that no late room explains: those need not go on for two seconds. */
const MOST_WITH_PINGS = 5 * FLOOD_PER_SECOND;

/** Sends one message of the protocol. */
export function say(member: Member, message: Down): void {
  sendTo(member, JSON.stringify(message));
}

/**
 * Reads one frame from a socket. Null when there is nothing to handle: it was too big, one too many or malformed, and
 * the socket was told or closed. `lateMs`: for how long the room has not come to rest.
 */
export function readMessage(
  member: Member,
  data: string | ArrayBuffer,
  nowMs: number,
  lateMs: number,
): Up | null {
  if (sizeOf(data) > MAX_MESSAGE_BYTES) {
    closeMember(member, CLOSE.tooBig, `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
    return null;
  }
  const pings = data === PING;
  if (floods(member.rate, nowMs, lateMs) || (pings && member.rate.messages > MOST_WITH_PINGS)) {
    closeMember(member, CLOSE.flood, `at most ${FLOOD_PER_SECOND} messages a second of one session`);
    return null;
  }
  // As a rule the platform answers these by itself; while pings are counted, the room does.
  if (pings) {
    sendTo(member, PONG);
    return null;
  }
  if (typeof data !== 'string') {
    return refuseMalformed(member, {
      code: 'INVALID_REQUEST',
      message: 'A message is text, one JSON object.',
    });
  }
  const parsed = parseUp(data);
  return parsed.ok ? parsed.message : refuseMalformed(member, parsed.malformed);
}

function refuseMalformed(member: Member, { code, message, op }: Malformed): null {
  member.malformed += 1;
  say(member, { t: 'nack', ...(op ? { op } : {}), code, message });
  if (member.malformed >= MAX_MALFORMED) closeMember(member, CLOSE.malformed, 'too many malformed messages');
  return null;
}

/** A text's UTF-8 size is at least its length: only texts near the limit need to be measured. */
function sizeOf(data: string | ArrayBuffer): number {
  if (typeof data !== 'string') return data.byteLength;
  const certainlySmall = data.length * 3 <= MAX_MESSAGE_BYTES;
  return certainlySmall ? data.length : new TextEncoder().encode(data).byteLength;
}
