/**
 * What an answer over HTTP says of the way to the room while its socket cannot be had. Only then is it asked: something between
 * this device and the show may let pages through and no sockets, or answer in the show's place.
 */
import type { ApiResult } from './api.ts';

/**
 * `blocked`: the show answers, but not on a socket; `portal`: something else answers; `between`: a proxy does, and says by its
 * status that it does not reach the show; `room`: the show says itself that it cannot. Null: nobody answers, or nothing is wrong.
 */
export type Network =
  { is: 'blocked' } | { is: 'portal' } | { is: 'room' } | { is: 'between'; status: number } | null;

/** A proxy wants a sign-in of its own. */
const PROXY_SIGN_IN = 407;
/** Most outages are over by then, milliseconds. */
export const LOOK_AFTER_MS = 4_000;
/** A socket needs three round trips of its link where a call needs one, and may have been tried just before. */
const ROUND_TRIPS = 4;

/** What an answer means. */
export function networkBy(answer: ApiResult<unknown>): Network {
  if (answer.ok) return { is: 'blocked' };
  const { code, status } = answer;
  if (code === 'OFFLINE') return null;
  if (code !== 'NOT_UNDERSTOOD') return { is: status < 500 ? 'blocked' : 'room' };
  return status === PROXY_SIGN_IN || status >= 500 ? { is: 'between', status } : { is: 'portal' };
}

/** How long a socket has to be missing before its network is said to let none pass, milliseconds: a slow link is no blocked one. */
export function blockedAfterMs(answeredInMs: number): number {
  return Math.max(LOOK_AFTER_MS, ROUND_TRIPS * answeredInMs);
}
