import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { isShowCode } from '#lib/domain/show-code.ts';
import type { LoginResult, MeResult } from '#lib/protocol/http.ts';
import { MAX_LOGINS } from '#server/limiter.ts';
import { findShow, insertShow, takeSeat } from '#server/storage/shows.ts';
import { TestSite, freshAddress } from './support/site.ts';

const site = new TestSite();
const DEBUG = site.env.DEBUG_TOKEN ?? '';

function login(body: unknown, asked: { token?: string; ip?: string; headers?: Record<string, string> } = {}) {
  return site.call<LoginResult>('/api/auth/login', { body, ip: freshAddress(), ...asked });
}

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

describe('a presenter', () => {
  it('opens a show with the one default SKU', async () => {
    const { status, data } = await login({ turnstileToken: DEBUG });
    expect(status).toBe(200);
    expect(data).toMatchObject({
      role: 'presenter',
      label: 'presenter',
      skus: [{ id: 'ticket', name: 'Concert ticket', capacity: 100, unitPrice: 150 }],
    });
    expect(isShowCode(data.show)).toBe(true);
    expect(data.expiresAt).toBeGreaterThan(Date.now() + 1_190_000);
    const { value: show } = await findShow(env.DB, data.show);
    expect(show).toMatchObject({ closesAt: data.expiresAt, endedAt: null, joined: 0 });
  });

  it('opens a show with up to five SKUs, and what is missing of them takes its default', async () => {
    const skus = [{ id: 'vip', name: ' Backstage ', capacity: 3, unitPrice: 999.5 }, { id: 'seat' }];
    const { data } = await login({ turnstileToken: DEBUG, role: 'presenter', skus });
    expect(data.skus).toEqual([
      { id: 'vip', name: 'Backstage', capacity: 3, unitPrice: 999.5 },
      { id: 'seat', name: 'seat', capacity: 100, unitPrice: 150 },
    ]);
    const state = await site.call('/api/demo/state?skuId=vip', { token: data.token });
    expect(state.data).toMatchObject({ show: data.show, sku: data.skus[0], closesAt: data.expiresAt });
  });

  it.each([
    [{ skus: [{ id: 'a' }, { id: 'a' }] }, 'INVALID_SKU'],
    [{ skus: [{ id: '../x' }] }, 'INVALID_SKU'],
    [{ skus: [] }, 'INVALID_REQUEST'],
    [{ skus: Array.from({ length: 6 }, (_, i) => ({ id: `s${i}` })) }, 'INVALID_REQUEST'],
    [{ skus: [{ id: 'a', capacity: 0 }] }, 'INVALID_REQUEST'],
    [{ role: 'admin' }, 'INVALID_REQUEST'],
    [{ show: 'NOPE' }, 'INVALID_REQUEST'],
  ])('that asks for %j is refused with %s', async (body, code) => {
    const { status, error } = await login({ turnstileToken: DEBUG, ...body });
    expect([status, error?.code]).toEqual([400, code]);
  });

  it('needs the debug token where Turnstile is not configured', async () => {
    const missing = await login({});
    expect([missing.status, missing.error?.code]).toEqual([400, 'MISSING_TOKEN']);
    for (const turnstileToken of [`${DEBUG}x`, DEBUG.slice(0, -1), 'x'.repeat(DEBUG.length)]) {
      const wrong = await login({ turnstileToken });
      expect([wrong.status, wrong.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    }
  });

  it('may try ten times a minute from one address; a missing token is no try', async () => {
    const ip = freshAddress();
    for (let i = 0; i < 3; i++) expect((await login({}, { ip })).status).toBe(400);
    const tries = await Promise.all(
      Array.from({ length: MAX_LOGINS + 5 }, () => login({ turnstileToken: 'wrong' }, { ip })),
    );
    expect(tries.filter(({ status }) => status === 403)).toHaveLength(MAX_LOGINS);
    const limited = await login({ turnstileToken: DEBUG }, { ip });
    expect([limited.status, limited.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(limited.error?.retryAfterMs).toBeGreaterThan(0);
    expect(limited.error?.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect((await login({ turnstileToken: DEBUG })).status).toBe(200);
  });

  it('comes back to the running show with a session of it, uncounted, and makes it live longer', async () => {
    const ip = freshAddress();
    const first = await login({ turnstileToken: DEBUG }, { ip });
    const { show, token } = first.data;
    for (let i = 2; i <= MAX_LOGINS + 4; i++) {
      const again = await login({ show }, { token, ip });
      expect(again.data).toMatchObject({ show, role: 'presenter', label: `presenter-${i}` });
      expect(again.data.sessionId).not.toBe(first.data.sessionId);
    }
    const { value } = await findShow(env.DB, show);
    expect(value?.closesAt).toBeGreaterThan(first.data.expiresAt);
    const state = await site.call<{ closesAt: number }>('/api/demo/state?skuId=ticket', { token });
    expect(state.data.closesAt).toBe(value?.closesAt);
  });

  it('does not come to a show without a session of it', async () => {
    const { show } = await site.openShow();
    const other = await site.openShow();
    const participant = await site.join(show);
    const codes = async (token?: string, code = show) =>
      (await login({ show: code, turnstileToken: DEBUG }, token === undefined ? {} : { token })).error?.code;
    expect(await codes()).toBe('UNAUTHORIZED');
    expect(await codes(other.token)).toBe('FORBIDDEN');
    expect(await codes(participant.token)).toBe('FORBIDDEN');
    expect(await codes(other.token, 'ZZZZZZ')).toBe('UNKNOWN_SHOW');
  });

  it("is not signed in by another site's page", async () => {
    const headers = { origin: 'https://evil.example' };
    const { status, error } = await login({ turnstileToken: DEBUG }, { headers });
    expect([status, error?.code]).toEqual([403, 'BAD_ORIGIN']);
  });
});

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
    const answer = await login({ role: 'participant', ...body });
    expect([answer.status, answer.error?.code]).toEqual([status, code]);
  });

  it('does not join a show that is over', async () => {
    const { show, token } = await site.openShow();
    await site.call('/api/auth/logout', { method: 'POST', token });
    const late = await login({ role: 'participant', show });
    expect([late.status, late.error?.code]).toEqual([410, 'SHOW_ENDED']);
    expect((await login({ show, turnstileToken: DEBUG }, { token })).error?.code).toBe('UNAUTHORIZED');
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

  it('is never kept out by others at the same address', async () => {
    const { show } = await site.openShow();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => login({ role: 'participant', show }, { ip: '192.0.2.77' })),
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

describe('a session', () => {
  it('is told exactly what KV holds about it', async () => {
    const { token, sessionId, show, role, label, expiresAt } = await site.openShow();
    const { data } = await site.call<MeResult>('/api/auth/me', { token });
    expect(data).toMatchObject({ sessionId, role, show, label, expiresAt });
    expect(data.stored).toEqual(await env.SESSIONS.get(`session:${sessionId}`, 'json'));
    expect(Object.keys(data.stored ?? {}).sort()).toEqual([
      'createdAt',
      'ipHash',
      'renewedAt',
      'role',
      'sessionId',
      'show',
    ]);
    expect(JSON.stringify(data)).not.toContain('2001:db8');
  });

  it('of a presenter is renewed with its show, and so lets participants stay longer', async () => {
    const opened = await site.openShow();
    const participant = await site.join(opened.show);
    const renewal = await site.call<{ expiresAt: number }>('/api/auth/renew', {
      method: 'POST',
      token: opened.token,
    });
    expect(renewal.data).toEqual({ expiresAt: expect.any(Number) });
    expect(renewal.data.expiresAt).toBeGreaterThan(opened.expiresAt);
    const { value: show } = await findShow(env.DB, opened.show);
    expect(show?.closesAt).toBe(renewal.data.expiresAt);
    const state = await site.call('/api/demo/state?skuId=ticket', { token: participant.token });
    expect(state.data).toMatchObject({ closesAt: renewal.data.expiresAt });

    const theirs = await site.call<{ expiresAt: number }>('/api/auth/renew', {
      method: 'POST',
      token: participant.token,
    });
    expect(theirs.data.expiresAt).toBeGreaterThan(participant.expiresAt);
    expect(theirs.data.expiresAt).toBeLessThanOrEqual(renewal.data.expiresAt);
    const me = await site.call<MeResult>('/api/auth/me', { token: participant.token });
    expect(me.data.stored?.renewedAt).toBeGreaterThan(me.data.stored?.createdAt ?? 0);
  });

  it('goes on with the token of its login after a renewal, though that token says otherwise', async () => {
    const short = new TestSite({ SESSION_TTL_SECONDS: '10' });
    const { token, show, expiresAt } = await short.openShow();
    const me = () => short.call<MeResult>('/api/auth/me', { token });
    const clock = vi.spyOn(Date, 'now');
    try {
      clock.mockReturnValue(expiresAt - 5_000);
      expect((await short.call('/api/auth/renew', { method: 'POST', token })).status).toBe(200);
      clock.mockReturnValue(expiresAt + 4_999);
      expect((await me()).data).toMatchObject({ show, expiresAt: expiresAt + 5_000 });
      clock.mockReturnValue(expiresAt + 5_000);
      const late = await me();
      expect([late.status, late.error?.code]).toEqual([401, 'EXPIRED_SESSION']);
    } finally {
      clock.mockRestore();
    }
  });

  it('that logs out is over everywhere at once', async () => {
    const { show, token } = await site.openShow();
    const participant = await site.join(show);
    const out = await site.call('/api/auth/logout', { method: 'POST', token: participant.token });
    expect(out.data).toEqual({ loggedOut: true });
    expect(await env.SESSIONS.get(`session:${participant.sessionId}`)).toBeNull();
    for (const [path, method] of [
      ['/api/auth/me', 'GET'],
      ['/api/auth/renew', 'POST'],
      ['/api/auth/logout', 'POST'],
      ['/api/demo/state?skuId=ticket', 'GET'],
    ] as const) {
      const answer = await site.call(path, { method, token: participant.token });
      expect([path, answer.status, answer.error?.code]).toEqual([path, 401, 'UNAUTHORIZED']);
    }
    expect((await site.call('/api/demo/state?skuId=ticket', { token })).status).toBe(200);
  });

  it('of the last presenter takes the show with it, and not before', async () => {
    const { show, token } = await site.openShow();
    const participant = await site.join(show);
    const second = (await login({ show }, { token })).data;
    await site.call('/api/auth/logout', { method: 'POST', token });
    expect((await site.call('/api/demo/state?skuId=ticket', { token: participant.token })).status).toBe(200);
    expect((await findShow(env.DB, show)).value).toMatchObject({ endedAt: null, closesAt: second.expiresAt });

    await site.call('/api/auth/logout', { method: 'POST', token: second.token });
    expect((await findShow(env.DB, show)).value?.endedAt).toEqual(expect.any(Number));
    const order = { body: { skuId: 'ticket' }, token: participant.token };
    const late = await site.call('/api/demo/allocate', order);
    expect([late.status, late.error?.code]).toEqual([410, 'SHOW_ENDED']);
    const renewal = await site.call('/api/auth/renew', { method: 'POST', token: participant.token });
    expect(renewal.error?.code).toBe('SHOW_ENDED');
  });
});

describe('while KV does not answer', () => {
  const down = new TestSite({ SESSIONS: brokenKv('put') });

  it('nobody joins, and no place is lost by it', async () => {
    const { show, token } = await site.openShow();
    for (const body of [{ turnstileToken: DEBUG }, { role: 'participant', show }]) {
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
    for (const body of [{ turnstileToken: DEBUG }, { role: 'participant', show: 'ABCDEF' }]) {
      const answer = await down.call('/api/auth/login', { body, ip: freshAddress() });
      expect([answer.status, answer.error?.code]).toEqual([503, 'STORAGE_UNAVAILABLE']);
    }
  });
});

describe('the code of a show', () => {
  const seat = () => ({ show: 'QQQQQQ', sessionId: crypto.randomUUID(), expiresAt: Date.now() + 60_000 });

  it('is never given twice, and nothing is written when it is taken', async () => {
    const now = Date.now();
    const first = seat();
    expect((await insertShow(env.DB, first, [], now)).value).toBe(true);
    expect((await insertShow(env.DB, seat(), [], now)).value).toBe(false);
    const { results } = await env.DB.prepare("SELECT session_id FROM presenters WHERE show = 'QQQQQQ'").all();
    expect(results).toEqual([{ session_id: first.sessionId }]);
  });

  it('seats nobody once its show is over', async () => {
    const late = Date.now() + 61_000;
    expect((await takeSeat(env.DB, 'QQQQQQ', 10, late)).value).toBeNull();
  });
});

describe('cookies of a login', () => {
  it.each([
    ['https://demo.test', '__Host-rgl_presenter', true],
    ['http://demo.test', 'rgl_presenter', false],
    ['http://demo.test:8787', 'rgl_presenter_8787', false],
  ])('on %s are %s, Secure: %s', async (origin, name, secure) => {
    const { headers, data } = await site.call<LoginResult>('/api/auth/login', {
      body: { turnstileToken: DEBUG },
      ip: freshAddress(),
      site: origin,
    });
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie.split('; ')[0]).toBe(`${name}=${data.token}`);
    expect(cookie).toContain('; Path=/; Max-Age=1200; HttpOnly; SameSite=Lax');
    expect(cookie.includes('; Secure')).toBe(secure);

    const asked = { headers: { cookie: `${name}=${data.token}`, origin }, site: origin };
    expect((await site.call<MeResult>('/api/auth/me', asked)).data.sessionId).toBe(data.sessionId);
    const renewal = await site.call('/api/auth/renew', { ...asked, body: {} });
    expect(renewal.headers.get('set-cookie')).toContain(`${name}=`);
    const out = await site.call('/api/auth/logout', { ...asked, body: {} });
    expect(out.headers.get('set-cookie')).toContain(`${name}=; Path=/; Max-Age=0`);
  });
});
