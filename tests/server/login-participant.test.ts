import { env } from 'cloudflare:workers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import { JOIN_BUCKET, limiterName } from '#server/limiter.ts';
import { findShow } from '#server/storage/shows.ts';
import { DEBUG_TOKEN, TestSite, freshAddress, logIn } from './support/site.ts';

const site = new TestSite();

/** A KV that refuses to do one thing. */
function brokenKv(method: 'get' | 'put'): KVNamespace {
  return new Proxy(env.SESSIONS, {
    get: (kv, name) => {
      if (name === method) return () => Promise.reject(new Error('KV is down'));
      const value: unknown = Reflect.get(kv, name);
      return typeof value === 'function' ? value.bind(kv) : value;
    },
  });
}

/** A D1 that answers nothing. */
const BROKEN_D1 = {
  prepare: () => {
    throw new Error('D1 is down');
  },
} as unknown as D1Database;

describe('a participant', () => {
  it('joins by code, however it was typed, and gets a name of its own', async () => {
    const { show, skus, expiresAt } = await site.openShow();
    const typed = ` ${show.slice(0, 3).toLowerCase()}-${show.slice(3)} `;
    const people = [await site.join(typed), await site.join(show), await site.join(show)];
    expect(people[0]).toMatchObject({ show, role: 'participant', skus });
    expect(new Set(people.map(({ label }) => label)).size).toBe(3);
    for (const person of people) expect(person.expiresAt).toBeLessThanOrEqual(expiresAt);
  });

  it.each([
    [{}, 400, 'INVALID_REQUEST'],
    [{ show: 'ABC' }, 400, 'INVALID_REQUEST'],
    [{ show: 'O0I1L!' }, 400, 'INVALID_REQUEST'],
    [{ show: 'ZZZZZZ' }, 404, 'UNKNOWN_SHOW'],
  ])('with %j gets %d %s', async (body, status, code) => {
    const answer = await logIn(site, { role: 'participant', ...body });
    expect([answer.status, answer.error?.code]).toEqual([status, code]);
  });

  it('does not join a show that is over', async () => {
    const { show, token } = await site.openShow();
    await site.call('/api/auth/logout', { method: 'POST', token });
    const late = await logIn(site, { role: 'participant', show });
    expect([late.status, late.error?.code]).toEqual([410, 'SHOW_ENDED']);
    expect((await logIn(site, { show, turnstileToken: DEBUG_TOKEN }, { token })).error?.code).toBe(
      'UNAUTHORIZED',
    );
  });

  it('takes one of exactly as many places as there are, when all come at once', async () => {
    const small = new TestSite({ MAX_PARTICIPANTS: '7' });
    const { show } = await small.openShow();
    const body = { role: 'participant', show };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => small.call<LoginResult>('/api/auth/login', { body })),
    );
    const inside = answers.filter(({ status }) => status === 200);
    expect(new Set(inside.map(({ data }) => data.label)).size).toBe(7);
    const outside = answers.filter(({ error }) => error?.code === 'SHOW_FULL');
    expect([inside.length, outside.length, outside[0]?.status]).toEqual([7, 13, 503]);
  });

  it('frees the seat by logging out, once, however often it says so', async () => {
    const { show } = await site.openShow();
    const small = new TestSite({ MAX_PARTICIPANTS: '2' });
    const [one] = [await small.join(show), await small.join(show)];
    const joining = () => small.call<LoginResult>('/api/auth/login', { body: { role: 'participant', show } });
    expect((await joining()).error?.code).toBe('SHOW_FULL');
    const leave = () => small.call('/api/auth/logout', { method: 'POST', token: one.token });
    await Promise.all([leave(), leave(), leave()]);
    const next = await joining();
    expect(next.status).toBe(200);
    expect((await joining()).error?.code).toBe('SHOW_FULL');
    const { value } = await findShow(env.DB, show);
    expect([value?.joined, value?.seated]).toEqual([3, 2]);
    expect(next.data.label, 'the name of who left is not given again').not.toBe(one.label);
  });

  it('is told to wait when a script joins without end, and a venue that comes at once is not', async () => {
    const { show } = await site.openShow();
    const door = env.LIMITER.getByName(limiterName('join', show));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
    for (let nth = 0; nth < JOIN_BUCKET.tokens; nth++) await door.takeJoin(Date.now());
    const late = await logIn(site, { role: 'participant', show });
    expect([late.status, late.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(late.error?.retryAfterMs).toBeGreaterThan(0);
    expect((await findShow(env.DB, show)).value?.joined).toBe(0);
  });

  it('is never kept out by others at the same address', async () => {
    const { show } = await site.openShow();
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => logIn(site, { role: 'participant', show }, { ip: '192.0.2.77' })),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('what a login costs', () => {
  it('is charged to the first room of the show', async () => {
    const { show, token } = await site.openShow({ skus: [{ id: 'a' }, { id: 'b' }] });
    const lines = async (skuId: string) => {
      const { meta } = await site.call(`/api/demo/state?skuId=${skuId}`, { token });
      return Object.fromEntries(meta.ledger.lines.map(({ meter, quantity }) => [meter, quantity]));
    };
    const before = await lines('a');
    expect(before['kv.write']).toBe(1);
    expect(before['d1.rowWritten']).toBeGreaterThanOrEqual(2);
    await site.join(show);
    const after = await lines('a');
    expect(after['kv.write']).toBe(2);
    expect(after['d1.rowWritten'] ?? 0).toBeGreaterThan(before['d1.rowWritten'] ?? 0);
    expect((await lines('b'))['kv.write']).toBeUndefined();
  });
});

describe('while KV does not answer', () => {
  const down = new TestSite({ SESSIONS: brokenKv('put') });

  it('nobody joins, and no place is lost by it', async () => {
    const { show, token } = await site.openShow();
    for (const body of [{ turnstileToken: DEBUG_TOKEN }, { role: 'participant', show }]) {
      const answer = await down.call('/api/auth/login', { body, ip: freshAddress() });
      expect([answer.status, answer.error?.code]).toEqual([503, 'STORAGE_UNAVAILABLE']);
    }
    expect((await findShow(env.DB, show)).value?.joined).toBe(0);
    const renewal = await down.call('/api/auth/renew', { method: 'POST', token });
    expect(renewal.error?.code).toBe('STORAGE_UNAVAILABLE');
  });

  it('the room goes on', async () => {
    const { show } = await site.openShow();
    const { token } = await site.join(show);
    const dead = new TestSite({ SESSIONS: brokenKv('get') });
    const order = await dead.call('/api/demo/allocate', { body: { skuId: 'ticket' }, token });
    expect(order.status).toBe(200);
    expect((await dead.call('/api/auth/me', { token })).error?.code).toBe('STORAGE_UNAVAILABLE');
  });
});

describe('while D1 does not answer', () => {
  it('logins say so', async () => {
    const down = new TestSite({ DB: BROKEN_D1 });
    for (const body of [{ turnstileToken: DEBUG_TOKEN }, { role: 'participant', show: 'ABCDEF' }]) {
      const answer = await down.call('/api/auth/login', { body, ip: freshAddress() });
      expect([answer.status, answer.error?.code]).toEqual([503, 'STORAGE_UNAVAILABLE']);
    }
  });
});
