/** `GET /api/demo/audit` */
import type { Visit } from '../visit.ts';
import { answerFrom, askRoom, wantedSku, withSession } from './in-room.ts';

/** The checks of the room's log, recomputed now. */
export function getAudit(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) =>
    answerFrom(visit, await askRoom(visit, session, wantedSku(visit), (room, call) => room.audit(call))),
  );
}
