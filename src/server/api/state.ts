/** `GET /api/demo/state` */
import type { Visit } from '../visit.ts';
import { answerFrom, askRoom, wantedSku, withSession } from './in-room.ts';

/** The room's state, with the ledger's lines. */
export function getState(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) =>
    answerFrom(visit, await askRoom(visit, session, wantedSku(visit), (room, call) => room.state(call))),
  );
}
