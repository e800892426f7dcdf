/** `GET /api/demo/state` and `/audit`: what a room says of itself. */
import type { RequestContext } from '../request-context.ts';
import { answerOfRoom, wantedSku, withSession } from './in-room.ts';

/** The room's state, with the ledger's lines. */
export function getState(context: RequestContext): Promise<Response> {
  return withSession(context, {}, (session) =>
    answerOfRoom(context, session, wantedSku(context), (room, call) => room.state(call)),
  );
}

/** The checks of the room's log, recomputed now. */
export function getAudit(context: RequestContext): Promise<Response> {
  return withSession(context, {}, (session) =>
    answerOfRoom(context, session, wantedSku(context), (room, call) => room.audit(call)),
  );
}
