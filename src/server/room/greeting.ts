/** A socket comes in: may it, who is it, and where in the stream does it start. */
import type { Connection } from 'partyserver';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MAX_SOCKETS_PER_PARTICIPANT, MAX_SOCKETS_PER_PRESENTER } from '#lib/protocol/limits.ts';
import { refusalOf } from './calls.ts';
import { readCaller } from './caller.ts';
import { closeMember } from './members.ts';
import type { Attachment, Members } from './members.ts';
import type { OpenRoom } from './open-room.ts';
import type { Caller } from './port.ts';
import { CALLER_HEADER } from './port.ts';
import { welcome } from './sockets.ts';
import type { Life } from './sockets.ts';

/** Closed sockets of one session that are not gone: a phone leaves one wherever its network dies, for a quarter of an hour. */
const MOST_LEFT = 32;
const MOST_UNREAD_BYTES = 8_000_000;

/** Welcomes a socket, or closes it with the reason. True when it is a member now. */
export function greet(
  connection: Connection<Attachment>,
  request: Request,
  room: OpenRoom | null,
  life: Life,
): boolean {
  const caller = readCaller(request.headers.get(CALLER_HEADER));
  const refused = refusal(room, caller);
  if (!room || !caller || refused) {
    connection.close(...(refused ?? [CLOSE.unknown, 'this room is not open']));
    return false;
  }
  const { members } = room.parts;
  closeSurplus(members, caller);
  connection.setState(caller);
  const query = new URL(request.url).searchParams;
  const since = wholeNumber(query.get('since'));
  // Added first: the state of its own welcome counts it among the people.
  const nowMs = room.parts.now();
  const member = members.add(connection, caller, room.memory.facts.seq, nowMs, since !== null);
  welcome(member, room, room.feed.start(wholeNumber(query.get('epoch')), since), life);
  room.audits.live.greet(member);
  room.points.write({ kind: since === null ? 'session' : 'reconnect', detail: caller.role, count: 1 });
  room.feed.changedForStages();
  room.costs.spent();
  return true;
}

function refusal(room: OpenRoom | null, caller: Caller | null): [code: number, reason: string] | null {
  if (!room || !caller) return [CLOSE.unknown, 'this room is not open'];
  if (room.memory.facts.closed) return [CLOSE.ended, 'the show has ended'];
  if (refusalOf(room, { caller, spent: {} }, 'read')) {
    return [CLOSE.unauthorized, 'not signed in, or expired'];
  }
  if (room.calls.take('connect', caller.sessionId, room.engine.steady())) {
    return [CLOSE.flood, 'too many new connections of this session'];
  }
  return isBurden(room.parts.members, caller)
    ? [CLOSE.flood, 'too many earlier connections of this session are not read, and not gone']
    : null;
}

/**
 * A socket that was closed is gone once its peer says so, or its connection dies; until then what it has not taken stands in
 * memory, and nothing on this side can take it back. So many belong to one session at most.
 */
function isBurden(members: Members, caller: Caller): boolean {
  const left = members.ofSession(caller).filter(({ closing }) => closing);
  const unread = left.reduce((sum, { sent, heard }) => sum + sent - heard.sent, 0);
  return left.length >= MOST_LEFT || unread > MOST_UNREAD_BYTES;
}

/** One person's screens are a few; somebody who opens more loses the oldest, and takes no room from others. */
function closeSurplus(members: Members, caller: Caller): void {
  const most = caller.role === 'presenter' ? MAX_SOCKETS_PER_PRESENTER : MAX_SOCKETS_PER_PARTICIPANT;
  const own = members.ofSession(caller).filter(({ closing }) => !closing);
  for (const oldest of own.slice(0, Math.max(0, own.length + 1 - most))) {
    closeMember(oldest, CLOSE.flood, `at most ${most} connections of one session`);
  }
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
