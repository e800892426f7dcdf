/** `GET /api/demo/log` */
import type { Visit } from '../visit.ts';
import { API_HEADERS } from './envelope.ts';
import { answerFrom, askRoom, wantedSku, withSession } from './in-room.ts';

/** The room's log as NDJSON, streamed as the room reads it. */
export function getLog(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) => {
    const skuId = wantedSku(visit);
    const said = await askRoom(visit, session, skuId, (room, call) => room.log(call));
    if ('refusal' in said || !said.result.ok) return answerFrom(visit, said);
    return new Response(said.result.data, {
      headers: {
        ...API_HEADERS,
        'content-type': 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="${session.claims.show}-${skuId}.ndjson"`,
      },
    });
  });
}
