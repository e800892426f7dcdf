/** The HTTP contract of pairing: how a signed-in presenter lets a further device of their own in. */
import * as v from 'valibot';
import { object } from './object.ts';

/** `POST /api/auth/pair/redeem` */
export const pairRedemption = object({
  show: v.pipe(v.string(), v.maxLength(32)),
  /** What followed `#pair=` in the address of the QR code. */
  secret: v.pipe(v.string(), v.maxLength(128)),
});
/** Parsed body of `POST /api/auth/pair/redeem`, which is answered like a login. */
export type PairRedemption = v.InferOutput<typeof pairRedemption>;

/** Answer to `POST /api/auth/pair`. Times are Unix milliseconds. */
export interface PairOffer {
  /** Good once. It may stand only in the fragment of an address, which browsers never send. */
  secret: string;
  show: string;
  expiresAt: number;
}

/** Answer to `GET /api/auth/pair`. Times are Unix milliseconds. */
export interface PairStatus {
  /** Until when the asking session's own code can be used; null when it has none. */
  openUntil: number | null;
  /** Devices that have signed in to this show by such a code, the oldest first. */
  devices: { label: string; at: number }[];
}
