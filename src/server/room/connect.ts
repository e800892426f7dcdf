/** A socket comes in: whether it may, and how far its client is; then the room welcomes it. */
import * as v from 'valibot';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { ROLES } from '#lib/protocol/http.ts';
import { MAX_READERS } from '#lib/protocol/limits.ts';
import type { Caller, Connections, Subscriber } from '#lib/room/connections.ts';
import type { FrontHalf } from '#lib/room/front-half.ts';
import { decodeText } from '../sessions/base64url.ts';
import type { LiveRoom } from './live-room.ts';
import { CALLER_HEADER } from './room-rpc.ts';
import { refusalOf } from './rpc-handlers.ts';

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
    reads: v.optional(v.literal(true)),
  }),
);

/** Takes a socket in, or closes it with the reason. True when it is a connection now. */
export function connect(
  sockets: FrontHalf,
  socket: Subscriber,
  request: Request,
  room: LiveRoom | null,
): boolean {
  const caller = readCaller(request.headers.get(CALLER_HEADER));
  const refused = refusal(room, caller);
  if (!room || !caller || refused) {
    socket.close(...(refused ?? [CLOSE.unknown, 'this room is not open']));
    return false;
  }
  socket.setState?.(caller);
  const query = new URL(request.url).searchParams;
  const [epoch, since] = [wholeNumber(query.get('epoch')), wholeNumber(query.get('since'))];
  sockets.enter(socket, caller, { epoch, since }, room);
  return true;
}

function refusal(room: LiveRoom | null, caller: Caller | null): [code: number, reason: string] | null {
  if (!room || !caller) return [CLOSE.unknown, 'this room is not open'];
  if (room.memory.facts.closed) return [CLOSE.ended, 'the show has ended'];
  if (refusalOf(room, { caller, spent: {} }, 'read')) {
    return [CLOSE.unauthorized, 'not signed in, or expired'];
  }
  if (room.calls.take('connect', caller.sessionId, room.commits.steady())) {
    return [CLOSE.flood, 'too many new connections of this session'];
  }
  const { connections } = room.ports;
  if (caller.reads && openOf(connections, caller) >= MAX_READERS) {
    return [CLOSE.flood, `at most ${MAX_READERS} pages read by one code: come back`];
  }
  return isBurden(connections, caller)
    ? [CLOSE.flood, 'too many earlier connections of this session are not read, and not gone']
    : null;
}

/** Readers share their code, so the newest has to wait: the oldest would come back, and push out the next. */
function openOf(connections: Connections, caller: Caller): number {
  return connections.ofSession(caller).filter(({ closing }) => !closing).length;
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

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The caller, from the header that the Worker sets when it opens a socket; null without one. */
function readCaller(header: string | null): Caller | null {
  const parsed = v.safeParse(callerInHeader, header === null ? null : decodeText(header));
  return parsed.success ? parsed.output : null;
}
