import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { forgetFull, takeToken, TAP_BUCKET, waitForToken } from '#lib/domain/rate.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import { check } from './support/property.ts';

const START_MS = 1_800_000_000_000;
const { tokens: RATE_TOKENS, tokenMs: RATE_TOKEN_MS } = TAP_BUCKET;

/** A token bucket as one would count it by hand, in whole ticks of a token so that nothing is rounded. */
class Bucket {
  #ticks = RATE_TOKENS * RATE_TOKEN_MS;
  #atMs = START_MS;

  /** Milliseconds until a token is there. */
  wait(nowMs: number): number {
    this.#ticks = Math.min(RATE_TOKENS * RATE_TOKEN_MS, this.#ticks + nowMs - this.#atMs);
    this.#atMs = nowMs;
    return Math.max(0, RATE_TOKEN_MS - this.#ticks);
  }

  take(): void {
    this.#ticks -= RATE_TOKEN_MS;
  }
}

test('the limit is exactly a bucket of 200 tokens, refilled at 200 a minute', () => {
  let refused = 0;
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(400), fc.nat(90_000)), {
    minLength: 200,
    maxLength: 700,
    size: 'max',
  });
  check(
    fc.property(gaps, (gapsMs) => {
      const limits: RateLimits = new Map();
      const bucket = new Bucket();
      let nowMs = START_MS;
      for (const gapMs of gapsMs) {
        nowMs += gapMs % 7 === 0 ? 0 : Math.min(gapMs, 600);
        const waitMs = waitForToken(limits, 'guest', nowMs);
        expect(waitMs).toBe(bucket.wait(nowMs));
        if (waitMs > 0) refused += 1;
        else {
          takeToken(limits, 'guest', nowMs);
          bucket.take();
        }
        forgetFull(limits, nowMs);
      }
    }),
    200,
  );
  expect(refused).toBeGreaterThan(100);
});

test('200 at once pass; the 201st waits for one token and then passes', () => {
  const limits: RateLimits = new Map();
  for (let tap = 0; tap < 200; tap++) {
    expect(waitForToken(limits, 'guest', START_MS)).toBe(0);
    takeToken(limits, 'guest', START_MS);
  }
  expect(waitForToken(limits, 'guest', START_MS)).toBe(300);
  expect(waitForToken(limits, 'guest', START_MS + 299)).toBe(1);
  expect(waitForToken(limits, 'guest', START_MS + 300)).toBe(0);
  takeToken(limits, 'guest', START_MS + 300);
  expect(waitForToken(limits, 'guest', START_MS + 300)).toBe(300);
});

test('one who empties the bucket takes nothing from anybody else', () => {
  const limits: RateLimits = new Map();
  for (let tap = 0; tap < 200; tap++) takeToken(limits, 'guest', START_MS);
  expect(waitForToken(limits, 'neighbour', START_MS)).toBe(0);
});

test('a bucket that is full again is forgotten, one that is not is kept', () => {
  const limits: RateLimits = new Map();
  takeToken(limits, 'early', START_MS);
  takeToken(limits, 'late', START_MS + 1);
  forgetFull(limits, START_MS + RATE_TOKEN_MS);
  expect([...limits.keys()]).toEqual(['late']);
});

test('a clock that steps back gives nobody tokens, and keeps nobody from the next one', () => {
  const limits: RateLimits = new Map();
  for (let tap = 0; tap < 200; tap++) takeToken(limits, 'guest', START_MS);
  expect(waitForToken(limits, 'guest', START_MS - 1_000)).toBe(RATE_TOKEN_MS);
});

test('a clock that was set back empties a bucket at most, and one that was set forward fills it at most', () => {
  const HOUR_MS = 3_600_000;
  const limits: RateLimits = new Map();
  for (let tap = 0; tap < 10; tap += 1) takeToken(limits, 'guest-1', START_MS);
  const before = START_MS - HOUR_MS;
  expect(waitForToken(limits, 'guest-1', before)).toBe(RATE_TOKEN_MS);
  expect(waitForToken(limits, 'guest-1', before + RATE_TOKENS * RATE_TOKEN_MS)).toBeLessThanOrEqual(
    RATE_TOKEN_MS,
  );
  const after = START_MS + HOUR_MS;
  for (let tap = 0; tap < RATE_TOKENS; tap += 1) takeToken(limits, 'guest-1', after);
  expect(waitForToken(limits, 'guest-1', after)).toBe(RATE_TOKEN_MS);
});
