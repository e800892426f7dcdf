/** A reset that came over a socket: the limit of one a minute and address is asked first, as the API does for its calls. */
import type { ErrorCode } from '#lib/domain/codes.ts';
import { limiterName } from '../limiter.ts';
import type { Limiter } from '../limiter.ts';
import type { OpenRoom } from './open-room.ts';
import type { Caller } from './port.ts';

/** Why a reset did not happen; null when it did. */
export type ResetRefusal = { code: ErrorCode; message: string; retryAfterMs?: number } | null;

/** Resets the room once per key, if the caller's address may. */
export async function resetWithinLimit(
  room: OpenRoom,
  limiters: DurableObjectNamespace<Limiter>,
  caller: Caller,
  key: string,
): Promise<ResetRefusal> {
  const { meters } = room.memory;
  const limiter = limiters.getByName(limiterName('reset', caller.ipHash));
  const skuId = room.memory.opening.sku.id;
  const permit = await limiter.beginReset(key, room.name, room.ports.now());
  meters.add(permit.spent);
  if (permit.ok && permit.replay) return null;
  if ('reused' in permit) {
    return {
      code: 'IDEMPOTENCY_KEY_REUSED',
      message: 'This op id belongs to another reset. Nothing was changed.',
    };
  }
  if (!permit.ok) {
    const message = 'One reset a minute from one address. Nothing was changed.';
    return { code: 'RATE_LIMITED', message, retryAfterMs: permit.retryAfterMs };
  }
  const outcome = await room.resetting.reset(key, caller.label);
  if (outcome) {
    room.memory.meters.add(await limiter.finishReset(key, { [skuId]: outcome.epoch }, room.ports.now()));
    return null;
  }
  room.memory.meters.add(await limiter.abandonReset(key));
  return { code: 'STORAGE_UNAVAILABLE', message: 'The reset is under way but has not finished. Ask again.' };
}
