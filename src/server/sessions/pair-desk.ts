/**
 * The secrets by which a further presenter's device signs in, decided in the limiter object of their show: each method is
 * one synchronous step, so that two devices with the same secret cannot both pass by the same reading.
 *
 * A secret is named by an id that is as unguessable as itself. Who does not know the id of a living secret cannot use up its
 * tries; who knows the id has {@link MAX_TRIES}, and then it is dead. Nothing is counted by address.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Pairing, PairingTables } from '../storage/pairing-tables.ts';

/** How long a secret lives, milliseconds: to take a phone out and scan. */
export const PAIRING_TTL_MS = 120_000;
/** Wrong secrets under a right id: nobody types one by hand. */
export const MAX_TRIES = 5;
/** Secrets that the presenters of a show make in {@link OFFER_WINDOW_MS}. */
export const MAX_OFFERS = 10;
/** The sliding window of secrets made, milliseconds. */
export const OFFER_WINDOW_MS = 60_000;
/** How long is remembered what became of a secret, milliseconds: longer than any show. */
export const PAIRING_KEPT_MS = 86_400_000;

/** A secret to be kept. `expiresAt` is Unix milliseconds. */
export type PairingOffer = Pick<Pairing, 'id' | 'hash' | 'maker' | 'expiresAt'>;

/** What a secret that is shown is good for. Only who shows the right one learns more than `wrong`. */
export type Redeemed =
  | { outcome: 'granted'; maker: string }
  | { outcome: 'wrong' }
  | { outcome: 'used' }
  | { outcome: 'late' }
  /** No living or dead secret has this id. */
  | { outcome: 'unknown' };

/** What the control screen tells of pairing. Times are Unix milliseconds. */
export interface PairingStatus {
  openUntil: number | null;
  devices: { label: string; at: number }[];
}

/** Keeps a secret; the same session's earlier one is dead from now on. Null, or milliseconds until another may be made. */
export function offer(
  tables: PairingTables,
  spent: MeterCounts,
  wanted: PairingOffer,
  now: number,
): number | null {
  tables.forget(spent, now - PAIRING_KEPT_MS);
  // What lies further ahead than the window is long was kept by a clock that was set back since.
  const made = tables.madeAfter(spent, now - OFFER_WINDOW_MS).filter((at) => at - now <= OFFER_WINDOW_MS);
  const [oldest] = made;
  if (oldest !== undefined && made.length >= MAX_OFFERS) return oldest + OFFER_WINDOW_MS - now;
  tables.expire(spent, wanted.maker, now);
  tables.add(spent, { ...wanted, triesLeft: MAX_TRIES }, now);
  return null;
}

/** Uses a secret up. */
export function redeem(
  tables: PairingTables,
  spent: MeterCounts,
  shown: { id: string; hash: ArrayBuffer },
  now: number,
): Redeemed {
  const kept = tables.find(spent, shown.id);
  if (!kept) return { outcome: 'unknown' };
  if (kept.triesLeft <= 0) return { outcome: 'wrong' };
  if (!crypto.subtle.timingSafeEqual(kept.hash, shown.hash)) {
    tables.takeTry(spent, kept.id);
    return { outcome: 'wrong' };
  }
  if (kept.usedAt !== null) return { outcome: 'used' };
  if (kept.expiresAt <= now) return { outcome: 'late' };
  tables.use(spent, kept.id, now);
  return { outcome: 'granted', maker: kept.maker };
}

/** What became of the secrets of a show, for the session that asks. */
export function statusOf(
  tables: PairingTables,
  spent: MeterCounts,
  maker: string,
  now: number,
): PairingStatus {
  return { openUntil: tables.openUntil(spent, maker, now), devices: tables.devices(spent) };
}
