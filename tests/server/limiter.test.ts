import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LoginPermit, ResetPermit } from '#server/limiter.ts';
import {
  ANSWER_KEPT_MS,
  LOGIN_WINDOW_MS,
  MAX_LOGINS,
  RESERVATION_MS,
  RESET_WINDOW_MS,
  limiterName,
} from '#server/limiter.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const FIRST = '00000000-0000-4000-8000-000000000001';
const SECOND = '00000000-0000-4000-8000-000000000002';

function limiterOf(kind: 'login' | 'reset') {
  return env.LIMITER.getByName(limiterName(kind, crypto.randomUUID()));
}

/** What a permit says, without what asking has cost. */
function saidBy({ spent, ...said }: LoginPermit | ResetPermit) {
  expect(spent['do.request']).toBe(1);
  expect(spent['do.rowRead']).toBeGreaterThanOrEqual(0);
  return said;
}

describe("presenters' logins from one address", () => {
  it('are exactly ten a minute, however many come at once', async () => {
    const limiter = limiterOf('login');
    const permits = await Promise.all(Array.from({ length: 100 }, () => limiter.takeLogin(NOW)));
    expect(permits.filter(({ ok }) => ok)).toHaveLength(MAX_LOGINS);
    const refusals = permits.filter(({ ok }) => !ok).map(saidBy);
    expect(new Set(refusals.map((said) => JSON.stringify(said)))).toEqual(
      new Set([JSON.stringify({ ok: false, retryAfterMs: LOGIN_WINDOW_MS })]),
    );
  });

  it('slide with their window: each gives its place back a minute after it was taken', async () => {
    const limiter = limiterOf('login');
    for (let i = 0; i < MAX_LOGINS; i++) await limiter.takeLogin(NOW + i * 1_000);
    const early = await limiter.takeLogin(NOW + LOGIN_WINDOW_MS - 1);
    expect(saidBy(early)).toEqual({ ok: false, retryAfterMs: 1 });
    expect((await limiter.takeLogin(NOW + LOGIN_WINDOW_MS)).ok).toBe(true);
    expect((await limiter.takeLogin(NOW + LOGIN_WINDOW_MS)).ok).toBe(false);
    expect((await limiter.takeLogin(NOW + LOGIN_WINDOW_MS + 1_000)).ok).toBe(true);
  });
});

describe('resets from one address', () => {
  it('begin one at a time, however many come at once', async () => {
    const limiter = limiterOf('reset');
    const permits = await Promise.all(
      Array.from({ length: 50 }, () => limiter.beginReset(crypto.randomUUID(), 'SHOW/a', NOW)),
    );
    expect(permits.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('count for a minute once they have succeeded', async () => {
    const limiter = limiterOf('reset');
    await limiter.beginReset(FIRST, 'SHOW/a', NOW);
    await limiter.finishReset(FIRST, { a: 2 }, NOW + 500);
    const early = await limiter.beginReset(SECOND, 'SHOW/a', NOW + 30_500);
    expect(saidBy(early)).toEqual({ ok: false, retryAfterMs: RESET_WINDOW_MS - 30_000 });
    const later = await limiter.beginReset(SECOND, 'SHOW/a', NOW + 500 + RESET_WINDOW_MS);
    expect(saidBy(later)).toEqual({ ok: true });
  });

  it('answer the same key with the first answer, and count nothing', async () => {
    const limiter = limiterOf('reset');
    await limiter.beginReset(FIRST, 'SHOW/a', NOW);
    await limiter.finishReset(FIRST, { a: 2 }, NOW);
    for (const later of [1, RESET_WINDOW_MS * 3]) {
      const again = await limiter.beginReset(FIRST, 'SHOW/a', NOW + later);
      expect(saidBy(again)).toEqual({ ok: true, replay: { a: 2 } });
    }
    expect((await limiter.beginReset(SECOND, 'SHOW/a', NOW + RESET_WINDOW_MS)).ok).toBe(true);
  });

  it('refuse a key that asked for something else', async () => {
    const limiter = limiterOf('reset');
    await limiter.beginReset(FIRST, 'SHOW/a', NOW);
    expect(saidBy(await limiter.beginReset(FIRST, 'SHOW/b', NOW))).toEqual({ ok: false, reused: true });
    await limiter.finishReset(FIRST, { a: 2 }, NOW);
    expect(saidBy(await limiter.beginReset(FIRST, 'OTHER/a', NOW))).toEqual({ ok: false, reused: true });
  });

  it('let the same key go on while it is under way, and one that failed count nothing', async () => {
    const limiter = limiterOf('reset');
    expect(saidBy(await limiter.beginReset(FIRST, 'SHOW/a', NOW))).toEqual({ ok: true });
    expect(saidBy(await limiter.beginReset(FIRST, 'SHOW/a', NOW + 1))).toEqual({ ok: true });
    await limiter.abandonReset(FIRST);
    expect(saidBy(await limiter.beginReset(SECOND, 'SHOW/a', NOW + 2))).toEqual({ ok: true });
  });

  it('count although their twin was abandoned, or they took longer than their place was held', async () => {
    const limiter = limiterOf('reset');
    await limiter.beginReset(FIRST, 'SHOW/a', NOW);
    await limiter.abandonReset(FIRST);
    await limiter.finishReset(FIRST, { a: 2 }, NOW + RESERVATION_MS + 5);
    const other = await limiter.beginReset(SECOND, 'SHOW/a', NOW + RESERVATION_MS + 10);
    expect(saidBy(other)).toEqual({ ok: false, retryAfterMs: RESET_WINDOW_MS - 5 });
  });

  it('give their place free after ten seconds when nobody says how they ended', async () => {
    const limiter = limiterOf('reset');
    await limiter.beginReset(FIRST, 'SHOW/a', NOW);
    const early = await limiter.beginReset(SECOND, 'SHOW/a', NOW + RESERVATION_MS - 1);
    expect(saidBy(early)).toEqual({ ok: false, retryAfterMs: 1 });
    expect((await limiter.beginReset(SECOND, 'SHOW/a', NOW + RESERVATION_MS)).ok).toBe(true);
  });
});

describe('a limiter', () => {
  it('forgets everything in time', async () => {
    const limiter = limiterOf('reset');
    const longAgo = Date.now() - ANSWER_KEPT_MS - 1_000;
    await limiter.takeLogin(longAgo);
    await limiter.beginReset(FIRST, 'SHOW/a', longAgo);
    await limiter.finishReset(FIRST, { a: 2 }, longAgo);
    await runDurableObjectAlarm(limiter);
    const rows = await runInDurableObject(limiter, (_, { storage }) =>
      storage.sql.exec('SELECT (SELECT COUNT(*) FROM logins) + (SELECT COUNT(*) FROM resets) AS n').one(),
    );
    expect(rows).toEqual({ n: 0 });
  });
});
