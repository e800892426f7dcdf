import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { AttemptPermit, Limiter, ResetPermit } from '#server/limiter.ts';
import {
  ANSWER_KEPT_MS,
  JOIN_BUCKET,
  ATTEMPTS,
  RESERVATION_MS,
  RESET_WINDOW_MS,
  limiterName,
} from '#server/limiter.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const FIRST = '00000000-0000-4000-8000-000000000001';
const SECOND = '00000000-0000-4000-8000-000000000002';

function limiterOf(kind: Parameters<typeof limiterName>[0]) {
  return env.LIMITER.getByName(limiterName(kind, crypto.randomUUID()));
}

/** What a permit says, without what asking has cost. */
function saidBy({ spent, ...said }: AttemptPermit | ResetPermit) {
  expect(spent['do.request']).toBe(1);
  expect(spent['do.rowRead']).toBeGreaterThanOrEqual(0);
  return said;
}

describe('attempts that count', () => {
  it('are exactly ten a minute, however many come at once', async () => {
    const limiter = limiterOf('login');
    const permits = await Promise.all(Array.from({ length: 100 }, () => limiter.takeAttempt(NOW)));
    expect(permits.filter(({ ok }) => ok)).toHaveLength(ATTEMPTS.acts);
    const refusals = permits.filter(({ ok }) => !ok).map(saidBy);
    expect(new Set(refusals.map((said) => JSON.stringify(said)))).toEqual(
      new Set([JSON.stringify({ ok: false, retryAfterMs: ATTEMPTS.windowMs })]),
    );
  });

  it('slide with their window: each gives its place back a minute after it was taken', async () => {
    const limiter = limiterOf('login');
    for (let i = 0; i < ATTEMPTS.acts; i++) await limiter.takeAttempt(NOW + i * 1_000);
    const early = await limiter.takeAttempt(NOW + ATTEMPTS.windowMs - 1);
    expect(saidBy(early)).toEqual({ ok: false, retryAfterMs: 1 });
    expect((await limiter.takeAttempt(NOW + ATTEMPTS.windowMs)).ok).toBe(true);
    expect((await limiter.takeAttempt(NOW + ATTEMPTS.windowMs)).ok).toBe(false);
    expect((await limiter.takeAttempt(NOW + ATTEMPTS.windowMs + 1_000)).ok).toBe(true);
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

describe("participants' logins to one show", () => {
  it('let a whole venue in at once, and then so many a second', async () => {
    const limiter = limiterOf('join');
    const permits = await Promise.all(
      Array.from({ length: JOIN_BUCKET.tokens + 20 }, () => limiter.takeJoin(NOW)),
    );
    expect(permits.filter(({ ok }) => ok)).toHaveLength(JOIN_BUCKET.tokens);
    expect(permits.filter(({ ok }) => !ok).map(saidBy)).toContainEqual({ ok: false, retryAfterMs: 5 });
    expect((await limiter.takeJoin(NOW + 5)).ok).toBe(true);
    expect((await limiter.takeJoin(NOW + 5)).ok).toBe(false);
  });

  it('are not shut out for longer by a clock that was set back', async () => {
    const limiter = limiterOf('join');
    for (let nth = 0; nth <= JOIN_BUCKET.tokens; nth++) await limiter.takeJoin(NOW);
    expect((await limiter.takeJoin(NOW)).ok).toBe(false);
    expect((await limiter.takeJoin(NOW - 3_600_000)).ok).toBe(true);
  });
});

describe('an idempotency key of a show', () => {
  const claim = { key: FIRST, owner: 'somebody', payload: 'allocate a' };

  it('stands for what it was first claimed for, however many claim it at once', async () => {
    const limiter = limiterOf('keys');
    const payloads = Array.from({ length: 20 }, (_, nth) => `allocate ${nth % 5}`);
    const said = await Promise.all(payloads.map((payload) => limiter.claimKey({ ...claim, payload })));
    const granted = payloads.filter((_, nth) => said[nth]?.granted);
    expect(new Set(granted).size).toBe(1);
    expect(granted).toHaveLength(4);
  });

  it("is nobody else's", async () => {
    const limiter = limiterOf('keys');
    expect((await limiter.claimKey(claim)).granted).toBe(true);
    expect((await limiter.claimKey({ ...claim, owner: 'another' })).granted).toBe(false);
    expect((await limiter.claimKey({ ...claim, key: SECOND, owner: 'another' })).granted).toBe(true);
  });

  it('is kept for as long as its show is, also by a limiter that was killed and cleaned up', async () => {
    const limiter = limiterOf('keys');
    await limiter.claimKey(claim);
    await runDurableObjectAlarm(limiter);
    await evictDurableObject(limiter);
    expect((await limiter.claimKey({ ...claim, payload: 'allocate b' })).granted).toBe(false);
    await limiter.forget();
    expect(await leftIn(limiter)).toEqual({ tables: [], alarm: null });
  });
});

describe('a limiter', () => {
  it('is deleted when nothing in it limits anything any more, and serves again afterwards', async () => {
    const limiter = limiterOf('reset');
    const longAgo = Date.now() - ANSWER_KEPT_MS - 1_000;
    await limiter.takeAttempt(longAgo);
    await limiter.takeJoin(longAgo);
    await limiter.beginReset(FIRST, 'SHOW/a', longAgo);
    await limiter.finishReset(FIRST, { a: 2 }, longAgo);
    expect((await leftIn(limiter)).tables).not.toEqual([]);
    await runDurableObjectAlarm(limiter);
    expect(await leftIn(limiter)).toEqual({ tables: [], alarm: null });
    expect((await limiter.takeAttempt(Date.now())).ok).toBe(true);
    expect((await leftIn(limiter)).alarm).not.toBeNull();
  });

  it('stays while one of its rows does, and wakes when that is over', async () => {
    const limiter = limiterOf('reset');
    const now = Date.now();
    await limiter.takeAttempt(now - ATTEMPTS.windowMs);
    await limiter.beginReset(FIRST, 'SHOW/a', now);
    await runDurableObjectAlarm(limiter);
    expect((await leftIn(limiter)).alarm).toBe(now + ANSWER_KEPT_MS);
  });

  it('that was only asked is deleted like any other', async () => {
    const limiter = limiterOf('pair');
    await limiter.pairingStatus('nobody', NOW);
    expect((await leftIn(limiter)).alarm).not.toBeNull();
    await runDurableObjectAlarm(limiter);
    expect(await leftIn(limiter)).toEqual({ tables: [], alarm: null });
  });
});

/** What an object has stored. */
function leftIn(limiter: DurableObjectStub<Limiter>) {
  return runInDurableObject(limiter, async (_, { storage }) => {
    const tables = storage.sql.exec(
      "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'",
    );
    return { tables: tables.toArray(), alarm: await storage.getAlarm() };
  });
}
