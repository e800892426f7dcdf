/** The HTTP contract of pairing: how a signed-in presenter lets a further device of their own in. */
import * as v from 'valibot';
import { object } from './object.ts';

/** `POST /api/auth/pair/redeem` */
export const pairRedemption = object({
  show: v.pipe(v.string(), v.maxLength(32)),
  /** As it stood behind `#pair=`. */
  secret: v.pipe(v.string(), v.maxLength(128)),
});
/** See {@link pairRedemption}. It is answered like a login. */
export type PairRedemption = v.InferOutput<typeof pairRedemption>;

/** Answer to `POST /api/auth/pair`. Times are Unix milliseconds. */
export interface PairOffer {
  /** Good once. It belongs into the fragment of an address, which browsers never send, and nowhere else. */
  secret: string;
  show: string;
  expiresAt: number;
}

/** Answer to `GET /api/auth/pair`. Times are Unix milliseconds. */
export interface PairStatus {
  /** Until when the asking session's own code waits to be scanned; null when none does. */
  openUntil: number | null;
  /** Devices that have signed in to this show by such a code, the oldest first. */
  devices: { label: string; at: number }[];
}
