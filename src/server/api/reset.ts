/**
 * `POST /api/demo/reset`: every room of a show, or one. Once a minute from an address, counted only when it succeeds; the
 * same key again returns the first answer and counts nothing.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { ResetResult } from '#lib/protocol/http.ts';
import { resetBody } from '#lib/protocol/http.ts';
import { resetWithinLimit } from '../limited-reset.ts';
import { inRooms, roomOf } from '../rooms.ts';
import type { RoomMeta } from '#lib/room/account.ts';
import type { Call, RoomAnswer } from '../room/room-rpc.ts';
import type { Session } from '../sessions/identify.ts';
import { err } from '../sessions/result.ts';
import { chargeRoom } from '../sessions/start.ts';
import type { RequestContext } from '../request-context.ts';
import { readIdempotencyKey } from './body.ts';
import { claimKey } from './claim.ts';
import { answer, refuse } from './envelope.ts';
import { answerFrom, callFrom, withBody } from './in-room.ts';

/** Resets. */
export function postReset(context: RequestContext): Promise<Response> {
  const wanted = { only: 'presenter', body: resetBody, optional: true } as const;
  return withBody(context, wanted, async (session, { skuId }) => {
    const key = readIdempotencyKey(context.request);
    if (!key.ok) return refuse(context, key.refusal);
    const { show, skus } = session.claims;
    if (skuId !== undefined && !skus.includes(skuId)) {
      return refuse(context, err('INVALID_SKU', `skuId: this show sells ${skus.join(', ')}.`).refusal);
    }
    const wish = { show, key: key.value.key, skuIds: skuId === undefined ? skus : [skuId] };
    // Any presenter of the show may ask again what became of it.
    const claim = { owner: '', payload: `reset ${wish.skuIds.join(' ')}` };
    const claimed = await claimKey(context, session, key.value, claim);
    if (!claimed.ok) return refuse(context, claimed.refusal);
    return resetOnce(context, session, wish, claimed.value);
  });
}

interface Wish {
  show: string;
  key: string;
  skuIds: readonly string[];
}

/** Resets unless the key did it before, or the minute is not over. It counts when all of the rooms did. */
async function resetOnce(
  context: RequestContext,
  session: Session,
  wish: Wish,
  claimed: MeterCounts,
): Promise<Response> {
  const { show, skuIds, key } = wish;
  const call = await callFrom(context, session, claimed);
  const fingerprint = `${show}/${skuIds.join(',')}`;
  const wanted = { key, fingerprint, ipHash: call.caller.ipHash, now: () => context.now };
  // Once the rooms are asked: the figures of the first one, and what was spent since, which their call did not bring.
  const asked: { meta?: RoomMeta | undefined; spent?: MeterCounts } = {};
  try {
    const end = await resetWithinLimit(context.env.LIMITER, wanted, {
      charge: (spent) => addCounts(asked.spent ?? call.spent, spent),
      async reset() {
        asked.spent = {};
        const said = await inRooms(context.env, show, skuIds, (room, skuId) =>
          room.reset(skuId === skuIds[0] ? call : { ...call, spent: {} }, key),
        );
        asked.meta = said[0]?.meta;
        return epochsOf(skuIds, said);
      },
    });
    if (end.kind === 'refused') return refuse(context, end.refusal);
    if (end.kind === 'failed') return answerFrom(context, end.against);
    const meta = end.again ? await figuresOf(context, call, wish) : asked.meta;
    return answer<ResetResult>(context, { epochs: end.epochs }, meta ? { meta } : {});
  } finally {
    if (asked.spent) chargeRoom(context, show, skuIds[0] ?? '', asked.spent);
  }
}

/** The epochs that began, by SKU; the first answer that is none, if there is one. */
function epochsOf(
  skuIds: readonly string[],
  said: readonly RoomAnswer<{ epoch: number }>[],
): { epochs: ResetResult['epochs'] } | { against: RoomAnswer<{ epoch: number }> } {
  const epochs: ResetResult['epochs'] = {};
  for (const [index, answered] of said.entries()) {
    if (!answered.result.ok) return { against: answered };
    epochs[skuIds[index] ?? ''] = answered.result.data.epoch;
  }
  return { epochs };
}

/** The figures of the first room of a reset that is only told again. */
async function figuresOf(context: RequestContext, call: Call, { show, skuIds }: Wish): Promise<RoomMeta> {
  return (await roomOf(context.env, show, skuIds[0] ?? '').state(call)).meta;
}
