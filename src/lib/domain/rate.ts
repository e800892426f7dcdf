/**
 * Token buckets, each kept as one number: the time at which the bucket will be full again (the generic cell rate algorithm,
 * ITU-T I.371, in its virtual scheduling form); a bucket that is full needs none. All times are milliseconds of one clock.
 */

/** What a bucket holds when it is full, and the time in which one token flows back, milliseconds. */
export interface Bucket {
  tokens: number;
  tokenMs: number;
}

/** A participant's taps: 200 at once, and 200 a minute. */
export const TAP_BUCKET: Bucket = { tokens: 200, tokenMs: 300 };

/** When each owner's bucket will be full again; those with a full bucket are absent. */
export type RateLimits = Map<string, number>;

/** Milliseconds until a token is there; 0 when one can be taken now. */
export function waitForToken(limits: RateLimits, who: string, nowMs: number, bucket = TAP_BUCKET): number {
  return waitMs(bucket, limits.get(who) ?? 0, nowMs);
}

/** Takes a token, in place. Call only when {@link waitForToken} is 0. */
export function takeToken(limits: RateLimits, who: string, nowMs: number, bucket = TAP_BUCKET): void {
  limits.set(who, fullAfterToken(bucket, limits.get(who) ?? 0, nowMs));
}

/** Forgets full buckets, in place, so that what is kept stays as small as the crowd that acts. */
export function forgetFull(limits: RateLimits, nowMs: number): void {
  for (const [who, fullAt] of limits) if (fullAt <= nowMs) limits.delete(who);
}

/** A sliding window: so many acts in any stretch of this length, milliseconds. */
export interface Window {
  acts: number;
  windowMs: number;
}

/** Milliseconds until a sliding window has room, by the times of its acts, the oldest first; 0 when it has room now. */
export function waitForWindow(
  actsAtMs: readonly number[],
  { acts, windowMs }: Window,
  nowMs: number,
): number {
  // Times further ahead than the window are those of a clock that was set back since.
  const counted = actsAtMs.filter((atMs) => atMs > nowMs - windowMs && atMs <= nowMs + windowMs);
  const [oldest] = counted;
  return oldest === undefined || counted.length < acts ? 0 : oldest + windowMs - nowMs;
}

/** Milliseconds until there is a token in a bucket that is full at `fullAtMs`; 0 when there is one. */
export function waitMs(bucket: Bucket, fullAtMs: number, nowMs: number): number {
  return Math.max(0, fullAfterToken(bucket, fullAtMs, nowMs) - emptyAtMs(bucket, nowMs));
}

/** When the bucket is full again once a token is taken now. */
export function fullAfterToken(bucket: Bucket, fullAtMs: number, nowMs: number): number {
  // No bucket is emptier than empty: a later time is that of a clock that was set back since.
  return Math.min(Math.max(fullAtMs, nowMs), emptyAtMs(bucket, nowMs)) + bucket.tokenMs;
}

/** When a bucket that is empty now will be full. */
export function emptyAtMs({ tokens, tokenMs }: Bucket, nowMs: number): number {
  return nowMs + tokens * tokenMs;
}
