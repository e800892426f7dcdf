/** `POST /api/demo/control` and `/guardrail`: what a presenter does to a room by hand. */
import { controlBody, guardrailBody } from '#lib/protocol/http.ts';
import type { RequestContext } from '../request-context.ts';
import { readBody } from './body.ts';
import { refuse } from './envelope.ts';
import { answerFrom, askRoom, withSession } from './in-room.ts';

/** Switches the mode, the step, or both. */
export function postControl(context: RequestContext): Promise<Response> {
  return withSession(context, { only: 'presenter' }, async (session) => {
    const body = await readBody(context.request, controlBody);
    if (!body.ok) return refuse(context, body.refusal);
    const { skuId, mode, step } = body.value;
    const change = { ...(mode === undefined ? {} : { mode }), ...(step === undefined ? {} : { step }) };
    return answerFrom(
      context,
      await askRoom(context, session, skuId, (room, call) => room.control(call, change)),
    );
  });
}

/** Trips or clears the guardrail. */
export function postGuardrail(context: RequestContext): Promise<Response> {
  return withSession(context, { only: 'presenter' }, async (session) => {
    const body = await readBody(context.request, guardrailBody);
    if (!body.ok) return refuse(context, body.refusal);
    const { skuId, action } = body.value;
    return answerFrom(
      context,
      await askRoom(context, session, skuId, (room, call) => room.guardrail(call, action)),
    );
  });
}
