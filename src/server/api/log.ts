/** `GET /api/demo/log` */
import type { LogReader } from '../room/export-slots.ts';
import type { RoomAnswer } from '../room/room-rpc.ts';
import { roomOf } from '../rooms.ts';
import type { Session } from '../sessions/identify.ts';
import { signedClaims } from '../sessions/identify.ts';
import type { Err } from '../sessions/result.ts';
import { err } from '../sessions/result.ts';
import type { RequestContext } from '../request-context.ts';
import { ipHashOf } from '../request-context.ts';
import { API_HEADERS, refuse } from './envelope.ts';
import { answerFrom, askRoom, wantedSku, withSession } from './in-room.ts';
import { readableShow } from './show-reader.ts';

/** The room's log as NDJSON, streamed as the room reads it; with `show=` of an ended show, also without a session. */
export function getLog(context: RequestContext): Promise<Response> {
  if (context.url.searchParams.has('show')) return getLogOfShow(context);
  return withSession(context, { reads: true }, async (session) => {
    const skuId = wantedSku(context);
    return fileFrom(context, await logOf(context, session, skuId), session.claims.show, skuId);
  });
}

async function getLogOfShow(context: RequestContext): Promise<Response> {
  const readable = await readableShow(context);
  if (!readable.ok) return refuse(context, readable.refusal);
  const { show, live } = readable.value;
  const skuId = wantedSku(context);
  if (live) {
    return fileFrom(context, await logOf(context, readable.value.session, skuId), show.code, skuId);
  }
  const skus = show.skus.map(({ id }) => id);
  if (!skus.includes(skuId)) {
    return refuse(context, err('INVALID_SKU', `skuId: this show sold ${skus.join(', ')}.`).refusal);
  }
  const said = await roomOf(context.env, show.code, skuId).log(null, await readerOf(context, show.code));
  return fileFrom(context, said, show.code, skuId);
}

function logOf(context: RequestContext, session: Session, skuId: string) {
  const { sessionId: id, role } = session.claims;
  return askRoom(context, session, skuId, (room, call) => room.log(call, { id, role }));
}

/** Who has ended a show, or was at it, is still told apart from others at the same address. */
async function readerOf(context: RequestContext, show: string): Promise<LogReader> {
  const claims = await signedClaims(context, show);
  return claims ? { id: claims.sessionId, role: claims.role } : { id: await ipHashOf(context), role: null };
}

function fileFrom(
  context: RequestContext,
  said: RoomAnswer<ReadableStream<Uint8Array>> | Err,
  show: string,
  skuId: string,
): Response {
  if ('refusal' in said || !said.result.ok) return answerFrom(context, said);
  return new Response(said.result.data, {
    headers: {
      ...API_HEADERS,
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="${show}-${skuId}.ndjson"`,
    },
  });
}
