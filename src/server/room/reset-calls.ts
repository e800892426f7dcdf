/** Resets that are asked for over HTTP and on sockets, for callers that wait. */
import type { Refusal } from '#lib/domain/codes.ts';
import type { Caller } from '#lib/room/connections.ts';
import type { RoomCore } from '#lib/room/room-core.ts';
import type { ResetOutcome } from '#lib/room/resetting.ts';
import { resetWithinLimit } from '../limited-reset.ts';
import type { Limiter } from '../limiter.ts';
import { answered, refused } from './rpc-handlers.ts';
import type { LiveRoom } from './live-room.ts';
import type { Call, RoomAnswer } from './room-rpc.ts';

/** Resets once per key. */
export async function sendReset(
  room: LiveRoom,
  { caller }: Call,
  key: string,
): Promise<RoomAnswer<{ epoch: number }>> {
  const outcome = await resetRoom(room, key, caller.label);
  if (outcome) return answered(room, outcome);
  return refused(room, {
    code: 'STORAGE_UNAVAILABLE',
    message: 'The reset is under way but has not finished. Ask again with the same key.',
    retryAfterMs: 1_000,
  });
}

/** Resets once per key; null when it could not be finished in time. */
export function resetRoom(room: RoomCore, key: string, by: string): Promise<ResetOutcome> {
  return new Promise((resolve, reject) => room.resetting.reset(key, by, resolve, reject));
}

/** Resets once per key for a socket, which checks the limit of the caller's address itself; null when done. */
export async function resetForSocket(
  room: LiveRoom,
  limiters: DurableObjectNamespace<Limiter>,
  { ipHash, label }: Caller,
  key: string,
): Promise<Refusal | null> {
  const { show, sku } = room.memory.opening;
  const wanted = { key, fingerprint: `${show}/${sku.id}`, ipHash, now: () => room.ports.now() };
  const end = await resetWithinLimit<Refusal>(limiters, wanted, {
    charge: (spent) => room.memory.meters.add(spent),
    async reset() {
      const outcome = await resetRoom(room, key, label);
      if (outcome) return { epochs: { [sku.id]: outcome.epoch } };
      const message = 'The reset is under way but has not finished. Ask again.';
      return { against: { code: 'STORAGE_UNAVAILABLE', message } };
    },
  });
  if (end.kind === 'done') return null;
  return end.kind === 'refused' ? end.refusal : end.against;
}
