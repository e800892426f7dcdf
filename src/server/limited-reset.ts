/**
 * A reset within the limit of one a minute and address, for calls and sockets alike: the limiter is asked first, then the
 * rooms carry it out, then the limiter is told how it ended. What asking and telling cost is charged, however it ends.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Limiter, ResetPermit } from './limiter.ts';
import { limiterName } from './limiter.ts';
import type { ResetEpochs } from './storage/limiter-tables.ts';

/** A reset that somebody wants. */
export interface WantedReset {
  /** The same key again is the same reset. */
  key: string;
  /** What it would reset: a key may not come again for something else. */
  fingerprint: string;
  /** Keyed hash of the caller's address. */
  ipHash: string;
  /** Unix milliseconds. */
  now: () => number;
}

/** The rooms that are to be reset. `Against` is what they say when they have not all been. */
export interface ResetRooms<Against> {
  reset(): Promise<{ epochs: ResetEpochs } | { against: Against }>;
  charge(spent: MeterCounts): void;
}

/** How a reset ended: new epochs by SKU (`again` when the key had its answer already), a refusal, or what rooms said against it. */
export type ResetEnd<Against> =
  | { kind: 'done'; epochs: ResetEpochs; again: boolean }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'failed'; against: Against };

/** Resets once per key. Rejects when the rooms do; then, too, the address may try again. */
export async function resetWithinLimit<Against>(
  limiters: DurableObjectNamespace<Limiter>,
  { key, fingerprint, ipHash, now }: WantedReset,
  rooms: ResetRooms<Against>,
): Promise<ResetEnd<Against>> {
  const limiter = limiters.getByName(limiterName('reset', ipHash));
  const permit: ResetPermit = await limiter.beginReset(key, fingerprint, now());
  rooms.charge(permit.spent);
  if ('reused' in permit) {
    const message = 'This key has already asked for another reset. Nothing was changed.';
    return { kind: 'refused', refusal: { code: 'IDEMPOTENCY_KEY_REUSED', message } };
  }
  if (!permit.ok) {
    const message = 'One reset a minute from one address: wait. Nothing was changed.';
    const { retryAfterMs } = permit;
    return { kind: 'refused', refusal: { code: 'RATE_LIMITED', message, retryAfterMs } };
  }
  if (permit.replay) return { kind: 'done', epochs: permit.replay, again: true };
  const abandon = async () => rooms.charge(await limiter.abandonReset(key));
  const outcome = await rooms.reset().catch(async (error: unknown) => {
    await abandon();
    throw error;
  });
  if ('against' in outcome) {
    await abandon();
    return { kind: 'failed', against: outcome.against };
  }
  const { epochs } = outcome;
  rooms.charge(await limiter.finishReset(key, epochs, now()));
  return { kind: 'done', epochs, again: false };
}
