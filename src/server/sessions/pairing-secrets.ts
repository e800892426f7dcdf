/**
 * Pairing secrets, by which a presenter's further device signs in, decided in the limiter object of their show: each method is
 * one synchronous step, so that two devices with the same secret cannot both succeed.
 *
 * A secret has an id that is as hard to guess as the secret. Only who knows the id of a valid secret can use up its
 * {@link MAX_TRIES} tries. Nothing is counted by address.
 */
import { waitForWindow } from '#lib/domain/rate.ts';
import type { Pairing, PairingTables } from '../storage/pairing-tables.ts';

/** How long a secret is valid, milliseconds: enough to take a phone out and scan. */
export const PAIRING_TTL_MS = 120_000;
/** Most wrong secrets with a right id, which nobody types by hand. */
export const MAX_TRIES = 5;
/** Most secrets that the presenters of a show can make in a minute. */
export const OFFERS = { acts: 10, windowMs: 60_000 };
/** How long a secret's row is kept, milliseconds: longer than any show lasts. */
export const PAIRING_KEPT_MS = 86_400_000;

/** A secret to be kept. `expiresAt` is Unix milliseconds. */
export type PairingOffer = Pick<Pairing, 'id' | 'hash' | 'maker' | 'expiresAt'>;

/** Result of showing a secret. Only who shows the right one learns more than `wrong`. */
export type Redeemed =
  | { outcome: 'granted'; maker: string }
  | { outcome: 'wrong' }
  | { outcome: 'used' }
  | { outcome: 'late' }
  /** No secret, valid or not, has this id. */
  | { outcome: 'unknown' };

/** State of pairing for the control screen. Times are Unix milliseconds. */
export interface PairingStatus {
  openUntil: number | null;
  devices: { label: string; at: number }[];
}

/** Stores a secret and ends the same session's earlier one. Null, or milliseconds until another may be made. */
export function offer(tables: PairingTables, wanted: PairingOffer, now: number): number | null {
  tables.forget(now - PAIRING_KEPT_MS);
  const waitMs = waitForWindow(tables.madeAfter(now - OFFERS.windowMs), OFFERS, now);
  if (waitMs > 0) return waitMs;
  tables.expire(wanted.maker, now);
  tables.add({ ...wanted, triesLeft: MAX_TRIES }, now);
  return null;
}

/** Uses a secret up. */
export function redeem(tables: PairingTables, shown: Pick<Pairing, 'id' | 'hash'>, now: number): Redeemed {
  const kept = tables.find(shown.id);
  if (!kept) return { outcome: 'unknown' };
  if (kept.triesLeft <= 0) return { outcome: 'wrong' };
  if (!crypto.subtle.timingSafeEqual(kept.hash, shown.hash)) {
    tables.takeTry(kept.id);
    return { outcome: 'wrong' };
  }
  if (kept.usedAt !== null) return { outcome: 'used' };
  if (kept.expiresAt <= now) return { outcome: 'late' };
  tables.use(kept.id, now);
  return { outcome: 'granted', maker: kept.maker };
}
