/** Handles a new socket: whether it may connect, its member, where its stream starts, and its welcome. */
import * as v from 'valibot';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { ROLES } from '#lib/protocol/http.ts';
import {
  MAX_RESUME_EVENTS,
  MAX_SOCKETS_PER_PARTICIPANT,
  MAX_SOCKETS_PER_PRESENTER,
} from '#lib/protocol/limits.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { decodeText } from '../sessions/base64url.ts';
import { refusalOf } from './rpc-handlers.ts';
import { ownGuess } from './guesses.ts';
import { linesBetween } from './log-lines.ts';
import { closeConnection, sendTo } from './connections.ts';
import type { Connection, Connections, Subscriber } from './connections.ts';
import { heldBy } from './sessions-here.ts';
import type { RoomCore } from './room-core.ts';
import type { Caller } from './room-rpc.ts';
import { CALLER_HEADER } from './room-rpc.ts';

/** Most closed sockets of one session that are not gone: a phone leaves one wherever its network fails, for 15 minutes. */
const MOST_LEFT = 32;
const MOST_UNREAD_BYTES = 8_000_000;

const callerInHeader = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    sessionId: v.string(),
    role: v.picklist(ROLES),
    label: v.string(),
    expiresAt: v.number(),
    ipHash: v.string(),
  }),
);

/** Name of this life of the object in memory, and the number of its lives. */
export interface Life {
  instance: string;
  wakes: number;
}

/** Welcomes a socket, or closes it with the reason. True when it is a connection now. */
export function greet(socket: Subscriber, request: Request, room: RoomCore | null, life: Life): boolean {
  const caller = readCaller(request.headers.get(CALLER_HEADER));
  const refused = refusal(room, caller);
  if (!room || !caller || refused) {
    socket.close(...(refused ?? [CLOSE.unknown, 'this room is not open']));
    return false;
  }
  const { connections } = room.ports;
  closeSurplus(connections, caller);
  socket.setState(caller);
  const query = new URL(request.url).searchParams;
  const since = wholeNumber(query.get('since'));
  // Added before the welcome, whose state counts it among the people.
  const nowMs = room.ports.now();
  const connection = connections.add(socket, caller, room.memory.facts.seq, nowMs, since !== null);
  welcome(connection, room, missedBy(room, wholeNumber(query.get('epoch')), since), life);
  room.greeted(connection, since !== null);
  return true;
}

/** Sends the welcome: who the client is, what it holds, and the events that it missed or the newest `seq`. */
function welcome(connection: Connection, room: RoomCore, missed: readonly string[] | null, life: Life): void {
  const { caller } = connection;
  const { memory, ports } = room;
  const { facts } = memory;
  const head = JSON.stringify({
    t: 'welcome',
    v: PROTOCOL_VERSION,
    room: room.name,
    you: {
      id: caller.sessionId,
      label: caller.label,
      role: caller.role,
      holdings: heldBy(memory, caller.label),
      ...ownGuess(memory, caller.sessionId),
    },
    epoch: facts.epoch,
    seq: facts.seq,
    recovered: missed !== null,
    instance: life.instance,
    wakes: life.wakes,
    now: ports.now(),
  });
  // Events and state are JSON already.
  const events = (missed ?? []).join(',');
  sendTo(connection, `${head.slice(0, -1)},"events":[${events}],"state":${JSON.stringify(room.state())}}`);
}

/**
 * The lines that a socket has missed since event `since` of the current epoch; null when they are too many. It starts at the
 * newest event, which may be ahead of its audience until their next frame.
 */
function missedBy({ memory, ports }: RoomCore, epoch: number | null, since: number | null): string[] | null {
  const { facts } = memory;
  if (epoch !== facts.epoch || since === null || since > facts.seq) return null;
  return facts.seq - since > MAX_RESUME_EVENTS ? null : linesBetween(ports.tables, since, facts.seq);
}

function refusal(room: RoomCore | null, caller: Caller | null): [code: number, reason: string] | null {
  if (!room || !caller) return [CLOSE.unknown, 'this room is not open'];
  if (room.memory.facts.closed) return [CLOSE.ended, 'the show has ended'];
  if (refusalOf(room, { caller, spent: {} }, 'read')) {
    return [CLOSE.unauthorized, 'not signed in, or expired'];
  }
  if (room.calls.take('connect', caller.sessionId, room.commits.steady())) {
    return [CLOSE.flood, 'too many new connections of this session'];
  }
  return isBurden(room.ports.connections, caller)
    ? [CLOSE.flood, 'too many earlier connections of this session are not read, and not gone']
    : null;
}

/**
 * A closed socket is gone once its peer confirms it or its connection fails; until then what it has not read stays in memory,
 * and the room cannot free it. So their number for each session is limited.
 */
function isBurden(connections: Connections, caller: Caller): boolean {
  const left = connections.ofSession(caller).filter(({ closing }) => closing);
  const unread = left.reduce((sum, { sent, heard }) => sum + sent - heard.sent, 0);
  return left.length >= MOST_LEFT || unread > MOST_UNREAD_BYTES;
}

/** Closes the oldest sockets of a session that opens more than its limit. */
function closeSurplus(connections: Connections, caller: Caller): void {
  const most = caller.role === 'presenter' ? MAX_SOCKETS_PER_PRESENTER : MAX_SOCKETS_PER_PARTICIPANT;
  const own = connections.ofSession(caller).filter(({ closing }) => !closing);
  for (const oldest of own.slice(0, Math.max(0, own.length + 1 - most))) {
    closeConnection(oldest, CLOSE.flood, `at most ${most} connections of one session`);
  }
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The caller, from the header that the Worker sets when it opens a socket; null without one. */
function readCaller(header: string | null): Caller | null {
  const parsed = v.safeParse(callerInHeader, header === null ? null : decodeText(header));
  return parsed.success ? parsed.output : null;
}
