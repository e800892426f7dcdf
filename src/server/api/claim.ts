/**
 * An idempotency key belongs to the session that first used it, in every room of its show, and stands for what it asked
 * for then. A room knows the keys that it carried out; that the same key never reaches two rooms is claimed before either is
 * asked, in one object of the show, and kept as long as its rooms are: whoever asks again after a crash is led to the same
 * room, which knows what became of it.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { limiterName } from '../limiter.ts';
import type { Session } from '../sessions/identify.ts';
import type { Result } from '../sessions/result.ts';
import { ok, err } from '../sessions/result.ts';
import type { RequestContext } from '../request-context.ts';
import type { IdempotencyKey } from './body.ts';

/**
 * Claims a key for what it asks: what that cost, or `IDEMPOTENCY_KEY_REUSED`. A show of one SKU has one room, which holds
 * its own keys, and a key that was made here is new: neither needs to ask.
 */
export async function claimKey(
  { env }: RequestContext,
  { claims }: Session,
  { key, made }: IdempotencyKey,
  { owner, payload }: { owner: string; payload: string },
): Promise<Result<MeterCounts>> {
  if (made || claims.skus.length === 1) return ok({});
  const keys = env.LIMITER.getByName(limiterName('keys', claims.show));
  const claim = await keys.claimKey({ key, owner, payload });
  if (claim.granted) return ok(claim.spent);
  return err(
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key has asked for something else. Nothing was done.',
  );
}
