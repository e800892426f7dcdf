/** `POST /api/demo/control` and `/guardrail`: what a presenter does to a room by hand. */
import { controlBody, guardrailBody } from '#lib/protocol/http.ts';
import type { Visit } from '../visit.ts';
import { readBody } from './body.ts';
import { refuse } from './envelope.ts';
import { answerFrom, askRoom, withSession } from './in-room.ts';

/** Switches the mode, the step, or both. */
export function postControl(visit: Visit): Promise<Response> {
  return withSession(visit, { only: 'presenter' }, async (session) => {
    const body = await readBody(visit.request, controlBody);
    if (!body.ok) return refuse(visit, body.refusal);
    const { skuId, mode, step } = body.value;
    const change = { ...(mode === undefined ? {} : { mode }), ...(step === undefined ? {} : { step }) };
    return answerFrom(
      visit,
      await askRoom(visit, session, skuId, (room, call) => room.control(call, change)),
    );
  });
}

/** Trips or clears the guardrail. */
export function postGuardrail(visit: Visit): Promise<Response> {
  return withSession(visit, { only: 'presenter' }, async (session) => {
    const body = await readBody(visit.request, guardrailBody);
    if (!body.ok) return refuse(visit, body.refusal);
    const { skuId, action } = body.value;
    return answerFrom(
      visit,
      await askRoom(visit, session, skuId, (room, call) => room.guardrail(call, action)),
    );
  });
}
