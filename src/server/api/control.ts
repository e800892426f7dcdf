/** `POST /api/demo/control` and `/guardrail`: what a presenter does to a room by hand. */
import { controlBody, guardrailBody } from '#lib/protocol/http.ts';
import type { RequestContext } from '../request-context.ts';
import { answerOfRoom, withBody } from './in-room.ts';

/** Switches mode or step, holds the room, gives the GO. */
export function postControl(context: RequestContext): Promise<Response> {
  return withBody(context, { only: 'presenter', body: controlBody }, (session, { skuId, ...change }) =>
    answerOfRoom(context, session, skuId, (room, call) => room.control(call, change)),
  );
}

/** Trips or clears the guardrail. */
export function postGuardrail(context: RequestContext): Promise<Response> {
  return withBody(context, { only: 'presenter', body: guardrailBody }, (session, { skuId, action }) =>
    answerOfRoom(context, session, skuId, (room, call) => room.guardrail(call, action)),
  );
}
