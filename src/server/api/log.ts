/** `GET /api/demo/log` */
import type { LogReader } from '../room/export-slots.ts';
import type { RoomAnswer } from '../room/room-rpc.ts';
import { roomOf } from '../rooms.ts';
import type { Session } from '../sessions/identify.ts';
import { signedClaims } from '../sessions/identify.ts';
import type { Refused } from '../sessions/outcome.ts';
import { refused } from '../sessions/outcome.ts';
import type { Visit } from '../visit.ts';
import { ipHashOf } from '../visit.ts';
import { API_HEADERS, refuse } from './envelope.ts';
import { answerFrom, askRoom, wantedSku, withSession } from './in-room.ts';
import { readableShow } from './show-reader.ts';

/** The room's log as NDJSON, streamed as the room reads it; with `show=` of an ended show, also without a session. */
export function getLog(visit: Visit): Promise<Response> {
  if (visit.url.searchParams.has('show')) return getLogOfShow(visit);
  return withSession(visit, {}, async (session) => {
    const skuId = wantedSku(visit);
    return fileFrom(visit, await logOf(visit, session, skuId), session.claims.show, skuId);
  });
}

async function getLogOfShow(visit: Visit): Promise<Response> {
  const readable = await readableShow(visit);
  if (!readable.ok) return refuse(visit, readable.refusal);
  const { show, live } = readable.value;
  const skuId = wantedSku(visit);
  if (live) {
    return fileFrom(visit, await logOf(visit, readable.value.session, skuId), show.code, skuId);
  }
  const skus = show.skus.map(({ id }) => id);
  if (!skus.includes(skuId)) {
    return refuse(visit, refused('INVALID_SKU', `skuId: this show sold ${skus.join(', ')}.`).refusal);
  }
  const said = await roomOf(visit.env, show.code, skuId).log(null, await readerOf(visit, show.code));
  return fileFrom(visit, said, show.code, skuId);
}

function logOf(visit: Visit, session: Session, skuId: string) {
  const { sessionId: id, role } = session.claims;
  return askRoom(visit, session, skuId, (room, call) => room.log(call, { id, role }));
}

/** Who has ended a show, or was at it, is still told apart from others at the same address. */
async function readerOf(visit: Visit, show: string): Promise<LogReader> {
  const claims = await signedClaims(visit, show);
  return claims ? { id: claims.sessionId, role: claims.role } : { id: await ipHashOf(visit), role: null };
}

function fileFrom(
  visit: Visit,
  said: RoomAnswer<ReadableStream<Uint8Array>> | Refused,
  show: string,
  skuId: string,
): Response {
  if ('refusal' in said || !said.result.ok) return answerFrom(visit, said);
  return new Response(said.result.data, {
    headers: {
      ...API_HEADERS,
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="${show}-${skuId}.ndjson"`,
    },
  });
}
