/** `GET /api/demo/state` and `/audit`: what a room says of itself. */
import type { Visit } from '../visit.ts';
import { answerFrom, askRoom, wantedSku, withSession } from './in-room.ts';

/** The room's state, with the ledger's lines. */
export function getState(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) =>
    answerFrom(visit, await askRoom(visit, session, wantedSku(visit), (room, call) => room.state(call))),
  );
}

/** The checks of the room's log, recomputed now. */
export function getAudit(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) =>
    answerFrom(visit, await askRoom(visit, session, wantedSku(visit), (room, call) => room.audit(call))),
  );
}
