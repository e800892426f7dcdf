/**
 * The rate limit of a participant: a token bucket of 200, refilled at 200 a minute, kept as one number. That number is
 * the time at which the bucket will be full again (the generic cell rate algorithm, ITU-T I.371, in its virtual
 * scheduling form); a bucket that is full needs none.
 */

/** Tokens in a full bucket, and tokens that flow back in a minute. */
export const RATE_TOKENS = 200;
/** Milliseconds until one token flows back. */
export const RATE_TOKEN_MS = 60_000 / RATE_TOKENS;

/** When each participant's bucket will be full again, Unix milliseconds; those with a full bucket are absent. */
export type RateLimits = Map<string, number>;

/** Milliseconds until a token is there; 0 when one can be taken now. */
export function waitForToken(limits: RateLimits, who: string, nowMs: number): number {
  const fullAt = fullAgain(limits, who, nowMs);
  return Math.max(0, fullAt + RATE_TOKEN_MS - nowMs - RATE_TOKENS * RATE_TOKEN_MS);
}

/** Takes a token, in place. Call only when {@link waitForToken} is 0. */
export function takeToken(limits: RateLimits, who: string, nowMs: number): void {
  limits.set(who, fullAgain(limits, who, nowMs) + RATE_TOKEN_MS);
}

/** No bucket is emptier than empty: a later time is that of a clock that was set back since. */
function fullAgain(limits: RateLimits, who: string, nowMs: number): number {
  const latest = nowMs + RATE_TOKENS * RATE_TOKEN_MS;
  return Math.min(Math.max(limits.get(who) ?? 0, nowMs), latest);
}

/** Forgets full buckets, in place, so that what is kept stays as small as the crowd that acts. */
export function forgetFull(limits: RateLimits, nowMs: number): void {
  for (const [who, fullAt] of limits) if (fullAt <= nowMs) limits.delete(who);
}
