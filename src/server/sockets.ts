/**
 * `/parties/room/<CODE>.<skuId>`: opens a socket in its room. A socket that is not allowed is accepted and closed with a code
 * here, without waking the room. The room gets a new request that contains nothing of the client's but two numbers.
 */
import { isShowCode, isSkuId } from '#lib/domain/show-code.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { EMBED_PROTOCOL } from '#lib/protocol/embed.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { failed, notFound } from './api/api.ts';
import { refuse } from './api/envelope.ts';
import { errorFields, logLine } from './log.ts';
import { originOf } from './origins.ts';
import { CALLER_HEADER } from './room/room-rpc.ts';
import { encodeText } from './sessions/base64url.ts';
import { lookUpShow } from './sessions/directory.ts';
import { embedOffered } from './sessions/embed-code.ts';
import type { Session } from './sessions/identify.ts';
import { callerOf, identify } from './sessions/identify.ts';
import { err } from './sessions/result.ts';
import type { Show } from './storage/shows.ts';
import { isLive } from './storage/shows.ts';
import type { RequestContext } from './request-context.ts';

/** The room that a path names. */
interface Destination {
  show: string;
  skuId: string;
}

/** Why a socket is not allowed: the close code, and a reason for those who debug a client. */
interface Closing {
  code: number;
  reason: string;
}

/** Answers a request under `/parties/`. */
export async function serveSockets(context: RequestContext): Promise<Response> {
  const name = /^\/parties\/room\/([^/]*)$/.exec(context.url.pathname)?.[1];
  const isUpgrade = context.request.headers.get('upgrade')?.toLowerCase() === 'websocket';
  const destination = name === undefined ? null : parseName(name);
  if (name === undefined || (!destination && !isUpgrade)) return notFound(context);
  if (!isUpgrade || context.request.method !== 'GET') return upgradeRequired(context);
  if (!destination) return closedSocket({ code: CLOSE.unknown, reason: 'there is no such room' });
  try {
    return agreed(context, await enter(context, destination));
  } catch (error) {
    return failed(context, error);
  }
}

/** The checks, in this order: origin, session, show, the session's show, SKU, end. Then the room. */
async function enter(context: RequestContext, destination: Destination): Promise<Response> {
  if (!mayConnectFrom(context)) {
    return closedSocket({ code: CLOSE.forbidden, reason: 'this origin may not connect' });
  }
  const identified = await identify(context, { show: destination.show, reads: true });
  if (!identified.ok) return closedSocket({ code: CLOSE.unauthorized, reason: identified.refusal.message });
  const session = identified.value;
  const closing = await whyNot(context, session, destination);
  if (closing) return closedSocket(closing);
  const { show, skuId } = destination;
  const request = await cleanRequest(context, session, roomName(show, skuId));
  return context.env.ROOM.getByName(roomName(show, skuId)).fetch(request);
}

async function whyNot(
  context: RequestContext,
  session: Session,
  { show, skuId }: Destination,
): Promise<Closing | null> {
  const { claims } = session;
  const found = await findOrTrust(context, show);
  if (found === null) return { code: CLOSE.unknown, reason: 'there is no show with this code' };
  if (claims.show !== show) return { code: CLOSE.forbidden, reason: 'this session is of another show' };
  if (!claims.skus.includes(skuId)) return { code: CLOSE.unknown, reason: 'this show does not sell that' };
  if (found !== 'unknowable' && !isLive(found, context.now)) {
    return { code: CLOSE.ended, reason: 'this show is over' };
  }
  return null;
}

/**
 * The show in D1. While D1 fails, a valid token is enough: the show existed when it was signed, and the room checks the
 * rest.
 */
async function findOrTrust(context: RequestContext, show: string): Promise<Show | null | 'unknowable'> {
  try {
    return await lookUpShow(context, show);
  } catch (error) {
    logLine('show_lookup_failed', { requestId: context.requestId, ...errorFields(error) });
    return 'unknowable';
  }
}

/**
 * A page of another site may not connect; a client without `Origin` needs the Authorization header, which no page can send
 * on an upgrade.
 */
function mayConnectFrom(context: RequestContext): boolean {
  const origin = originOf(context.request, context.config.allowedOrigins);
  if (origin === 'missing') return context.request.headers.has('authorization');
  return origin !== 'foreign';
}

/**
 * What the room gets. The connection's id is made here; headers and parameters of the client's stay outside, cookies
 * and forged `x-partykit-*` among them. The room stores this address with the socket, so it is kept short.
 */
async function cleanRequest(context: RequestContext, session: Session, name: string): Promise<Request> {
  const url = new URL(`http://room/${name}`);
  url.searchParams.set('_pk', crypto.randomUUID());
  for (const parameter of ['epoch', 'since']) {
    const value = context.url.searchParams.get(parameter) ?? '';
    if (/^\d{1,15}$/.test(value)) url.searchParams.set(parameter, value);
  }
  return new Request(url, {
    headers: {
      upgrade: 'websocket',
      'x-partykit-room': name,
      [CALLER_HEADER]: encodeText(JSON.stringify(await callerOf(context, session))),
    },
  });
}

/** A name of the one form that is routed, or null. Nothing in it needs decoding, so nothing is decoded. */
function parseName(name: string): Destination | null {
  const dot = name.indexOf('.');
  const show = name.slice(0, Math.max(0, dot));
  const skuId = name.slice(dot + 1);
  return isShowCode(show) && isSkuId(skuId) ? { show, skuId } : null;
}

/** A browser drops a socket that answers none of the subprotocols that its page has offered. */
function agreed({ request }: RequestContext, response: Response): Response {
  const { webSocket } = response;
  if (!webSocket || embedOffered(request) === null) return response;
  const headers = { 'sec-websocket-protocol': EMBED_PROTOCOL };
  return new Response(null, { status: 101, webSocket, headers });
}

function closedSocket({ code, reason }: Closing): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, reason);
  return new Response(null, { status: 101, webSocket: client });
}

function upgradeRequired(context: RequestContext): Response {
  const { refusal } = err('INVALID_REQUEST', 'A room is reached by WebSocket.');
  return refuse(context, refusal, { status: 426, headers: { upgrade: 'websocket', connection: 'Upgrade' } });
}
