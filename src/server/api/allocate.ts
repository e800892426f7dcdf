/** `POST /api/demo/allocate` and `/rush`: orders, of one shopper and of many simulated ones. */
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import type { LaneResult, LaneResults } from '#lib/domain/lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { allocateBody, rushBody } from '#lib/protocol/http.ts';
import type { RequestContext } from '../request-context.ts';
import { readIdempotencyKey } from './body.ts';
import { claimKey } from './claim.ts';
import { answer, refuse } from './envelope.ts';
import { answerFrom, answerOfRoom, askRoom, withBody } from './in-room.ts';

/** What a lane's refusal says; lanes give the code alone. */
const LANE_MESSAGES: Partial<Record<ErrorCode, string>> = {
  OUT_OF_STOCK: 'Not enough units are left for this order.',
  BUSY: 'Too many orders are in flight: try again.',
  STALE_EPOCH: 'The room was reset while this order was under way: it was not carried out.',
};

/** How long to wait before a busy lane is asked again, milliseconds: an order is in flight about as long. */
const BUSY_WAIT_MS = 250;

/** One order. The same `Idempotency-Key` again returns the first answer. */
export function postAllocate(context: RequestContext): Promise<Response> {
  return withBody(context, { body: allocateBody }, async (session, { skuId, units = 1, mode }) => {
    const key = readIdempotencyKey(context.request);
    if (!key.ok) return refuse(context, key.refusal);
    const order = { op: key.value.key, units, ...(mode === undefined ? {} : { mode }) };
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

/** 200 when any lane allocated, 202 while one may still, else why the first lane did not. */
function verdictOf(lanes: LaneResults): { status: number; refusal?: undefined } | { refusal: Refusal } {
  const results = LANE_IDS.flatMap((lane): LaneResult[] => (lanes[lane] ? [lanes[lane]] : []));
  if (results.some(({ status }) => status === 'allocated')) return { status: 200 };
  const refusal = results.find(({ status }) => status === 'refused');
  if (!refusal?.code || results.some(({ status }) => status === 'pending')) return { status: 202 };
  const { code } = refusal;
  return {
    refusal: {
      code,
      message: LANE_MESSAGES[code] ?? 'The order was refused.',
      ...(code === 'BUSY' ? { retryAfterMs: BUSY_WAIT_MS } : {}),
    },
  };
}
