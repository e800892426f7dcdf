/** `POST /api/demo/allocate` and `/rush`: orders, of one shopper and of many simulated ones. */
import { addCounts } from '#lib/domain/prices.ts';
import { readEpoch } from '#lib/protocol/body.ts';
import { EPOCH_HEADER, SIMULATED_HEADER } from '#lib/protocol/headers.ts';
import { allocateBody, rushBody } from '#lib/protocol/http.ts';
import { verdictOf } from '#lib/room/call-answers.ts';
import type { RequestContext } from '../request-context.ts';
import { readIdempotencyKey } from './body.ts';
import { claimKey } from './claim.ts';
import { answer, refuse } from './envelope.ts';
import { answerFrom, answerOfRoom, askRoom, withBody } from './in-room.ts';

/** One order. The same `Idempotency-Key` again returns the first answer. */
export function postAllocate(context: RequestContext): Promise<Response> {
  return withBody(context, { body: allocateBody }, async (session, { skuId, units = 1, mode = null }) => {
    const { headers } = context.request;
    const key = readIdempotencyKey(context.request);
    if (!key.ok) return refuse(context, key.refusal);
    const epoch = readEpoch(headers.get(EPOCH_HEADER));
    if (!epoch.ok) return refuse(context, epoch.refusal);
    const sim = headers.get(SIMULATED_HEADER) === '1';
    const order = { op: key.value.key, units, mode, epoch: epoch.value, sim };
    const said = await askRoom(context, session, skuId, async (room, call) => {
      const claim = { owner: session.claims.sessionId, payload: `allocate ${skuId}` };
      const claimed = await claimKey(context, session, key.value, claim);
      if (!claimed.ok) return claimed;
      addCounts(call.spent, claimed.value);
      return room.allocate(call, order);
    });
    if ('refusal' in said || !said.result.ok) return answerFrom(context, said);
    const data = { ...said.result.data, opId: key.value.sent };
    const verdict = verdictOf(data.lanes);
    if (verdict.refusal) return refuse(context, verdict.refusal, { meta: said.meta });
    return answer(context, data, { meta: said.meta, status: verdict.status });
  });
}

/** Many simulated shoppers at once; answered when all of them are settled. */
export function postRush(context: RequestContext): Promise<Response> {
  return withBody(
    context,
    { only: 'presenter', body: rushBody },
    (session, { skuId, count, units = 1, mode }) => {
      const rush = { count, units, ...(mode === undefined ? {} : { mode }) };
      return answerOfRoom(context, session, skuId, (room, call) => room.rush(call, rush));
    },
  );
}
