/**
 * `POST /api/demo/reset`: every room of a show, or one. Once a minute from an address, counted only when it succeeds; the
 * same key again returns the first answer and counts nothing.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { ResetResult } from '#lib/protocol/http.ts';
import { resetBody } from '#lib/protocol/http.ts';
import type { Limiter, ResetPermit } from '../limiter.ts';
import { limiterName } from '../limiter.ts';
import { inRooms, roomOf } from '../rooms.ts';
import type { Call, RoomAnswer, RoomMeta } from '../room/port.ts';
import type { Session } from '../sessions/identify.ts';
import { refused } from '../sessions/outcome.ts';
import type { Visit } from '../visit.ts';
import { readBody, readIdempotencyKey } from './body.ts';
import { claimKey } from './claim.ts';
import { answer, refuse } from './envelope.ts';
import { answerFrom, callFrom, withSession } from './in-room.ts';

/** Resets. */
export function postReset(visit: Visit): Promise<Response> {
  return withSession(visit, { only: 'presenter' }, async (session) => {
    const typed = session.via === 'cookie';
    const body = await readBody(visit.request, resetBody, { optional: true, typed });
    if (!body.ok) return refuse(visit, body.refusal);
    const key = readIdempotencyKey(visit.request);
    if (!key.ok) return refuse(visit, key.refusal);
    const { show, skus } = session.claims;
    const { skuId } = body.value;
    if (skuId !== undefined && !skus.includes(skuId)) {
      return refuse(visit, refused('INVALID_SKU', `skuId: this show sells ${skus.join(', ')}.`).refusal);
    }
    const wish = { show, key: key.value.key, skuIds: skuId === undefined ? skus : [skuId] };
    // Any presenter of the show may ask again what became of it.
    const claim = { owner: '', payload: `reset ${wish.skuIds.join(' ')}` };
    const claimed = await claimKey(visit, session, key.value, claim);
    if (!claimed.ok) return refuse(visit, claimed.refusal);
    return resetOnce(visit, session, wish, claimed.value);
  });
}

interface Wish {
  show: string;
  key: string;
  skuIds: readonly string[];
}

/** Resets unless the key did it before, or the minute is not over. */
async function resetOnce(
  visit: Visit,
  session: Session,
  wish: Wish,
  claimed: MeterCounts,
): Promise<Response> {
  const call = await callFrom(visit, session, claimed);
  const limiter = visit.env.LIMITER.getByName(limiterName('reset', call.caller.ipHash));
  const fingerprint = `${wish.show}/${wish.skuIds.join(',')}`;
  const permit: ResetPermit = await limiter.beginReset(wish.key, fingerprint, visit.now);
  addCounts(call.spent, permit.spent);
  if ('reused' in permit) {
    const message = 'This Idempotency-Key has already asked for another reset.';
    return refuse(visit, refused('IDEMPOTENCY_KEY_REUSED', message).refusal);
  }
  if (!permit.ok) {
    const message = 'A show may be reset once a minute from one address: wait.';
    return refuse(visit, refused('RATE_LIMITED', message, permit.retryAfterMs).refusal);
  }
  if (permit.replay) {
    return answer<ResetResult>(
      visit,
      { epochs: permit.replay },
      { meta: await figuresOf(visit, call, wish) },
    );
  }
  return resetNow(visit, limiter, call, wish);
}

/** Resets the rooms; it counts when all of them did. */
async function resetNow(
  visit: Visit,
  limiter: DurableObjectStub<Limiter>,
  call: Call,
  wish: Wish,
): Promise<Response> {
  let said: RoomAnswer<{ epoch: number }>[];
  try {
    said = await inRooms(visit.env, wish.show, wish.skuIds, (room, skuId) =>
      room.reset(skuId === wish.skuIds[0] ? call : { ...call, spent: {} }, wish.key),
    );
  } catch (error) {
    await limiter.abandonReset(wish.key);
    throw error;
  }
  const epochs: ResetResult['epochs'] = {};
  for (const [index, { result, meta }] of said.entries()) {
    if (!result.ok) {
      await limiter.abandonReset(wish.key);
      return answerFrom(visit, { result, meta });
    }
    epochs[wish.skuIds[index] ?? ''] = result.data.epoch;
  }
  await limiter.finishReset(wish.key, epochs, visit.now);
  const meta = said[0]?.meta;
  return answer<ResetResult>(visit, { epochs }, meta ? { meta } : {});
}

/** The figures of the first room of a reset that is only told again. */
async function figuresOf(visit: Visit, call: Call, { show, skuIds }: Wish): Promise<RoomMeta> {
  return (await roomOf(visit.env, show, skuIds[0] ?? '').state(call)).meta;
}
