import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { isShowCode } from '#lib/domain/show-code.ts';
import type { LoginResult, MeResult } from '#lib/protocol/http.ts';
import { ATTEMPTS } from '#server/limiter.ts';
import { takeSeat } from '#server/storage/seats.ts';
import { findShow, insertShow } from '#server/storage/shows.ts';
import { DEBUG_TOKEN, TestSite, freshAddress, logIn } from './support/site.ts';

const site = new TestSite();

describe('a presenter', () => {
  it('opens a show with the one default SKU', async () => {
    const { status, data } = await logIn(site, { turnstileToken: DEBUG_TOKEN });
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
    const { data } = await logIn(site, { turnstileToken: DEBUG_TOKEN, role: 'presenter', skus });
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
    [{ lanes: [] }, 'INVALID_REQUEST'],
    [{ lanes: 'safe' }, 'INVALID_REQUEST'],
    [{ lanes: ['safe', 'safe'] }, 'INVALID_REQUEST'],
    [{ lanes: ['safe', 'postgres'] }, 'INVALID_REQUEST'],
    [{ lanes: ['both'] }, 'INVALID_REQUEST'],
    [{ role: 'admin' }, 'INVALID_REQUEST'],
    [{ show: 'NOPE' }, 'INVALID_REQUEST'],
  ])('that asks for %j is refused with %s', async (body, code) => {
    const { status, error } = await logIn(site, { turnstileToken: DEBUG_TOKEN, ...body });
    expect([status, error?.code]).toEqual([400, code]);
  });

  it('says in a sentence that a price is in whole cents', async () => {
    const skus = [{ id: 'a' }, { id: 'b', unitPrice: 33.333 }];
    const { status, error } = await logIn(site, { turnstileToken: DEBUG_TOKEN, skus });
    expect([status, error?.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(error?.message).toBe(
      'skus.1.unitPrice: a price is in whole cents of a USD, such as 12.5 or 12.50',
    );
  });

  it('needs the debug token where Turnstile is not configured', async () => {
    const missing = await logIn(site, {});
    expect([missing.status, missing.error?.code]).toEqual([400, 'MISSING_TOKEN']);
    for (const turnstileToken of [
      `${DEBUG_TOKEN}x`,
      DEBUG_TOKEN.slice(0, -1),
      'x'.repeat(DEBUG_TOKEN.length),
    ]) {
      const wrong = await logIn(site, { turnstileToken });
      expect([wrong.status, wrong.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    }
  });

  it('shows a wrong token ten times a minute from one network; a missing one is no try', async () => {
    const ip = freshAddress();
    for (let i = 0; i < 3; i++) expect((await logIn(site, {}, { ip })).status).toBe(400);
    const tries = await Promise.all(
      Array.from({ length: ATTEMPTS.acts + 5 }, (_, nth) =>
        logIn(site, { turnstileToken: 'wrong' }, { ip: ip.replace(/::1$/, `::${nth + 1}`) }),
      ),
    );
    expect(tries.filter(({ status }) => status === 403)).toHaveLength(ATTEMPTS.acts);
    const limited = await logIn(site, { turnstileToken: 'wrong' }, { ip });
    expect([limited.status, limited.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(limited.error?.retryAfterMs).toBeGreaterThan(0);
    expect(limited.error?.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect((await logIn(site, { turnstileToken: 'wrong' })).status).toBe(403);
  });

  it('is let in with the right token, however many wrong ones came from its venue, and is not counted', async () => {
    const ip = freshAddress();
    for (let i = 0; i <= ATTEMPTS.acts; i++) await logIn(site, { turnstileToken: 'wrong' }, { ip });
    for (let i = 0; i <= ATTEMPTS.acts; i++) {
      expect((await logIn(site, { turnstileToken: DEBUG_TOKEN }, { ip })).status).toBe(200);
    }
  });

  it('comes back to the running show with a session of it, uncounted, and makes it live longer', async () => {
    const ip = freshAddress();
    const first = await logIn(site, { turnstileToken: DEBUG_TOKEN }, { ip });
    const { show, token } = first.data;
    for (let i = 2; i <= ATTEMPTS.acts + 4; i++) {
      const again = await logIn(site, { show }, { token, ip });
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
      (await logIn(site, { show: code, turnstileToken: DEBUG_TOKEN }, token === undefined ? {} : { token }))
        .error?.code;
    expect(await codes()).toBe('UNAUTHORIZED');
    expect(await codes(other.token)).toBe('FORBIDDEN');
    expect(await codes(participant.token)).toBe('FORBIDDEN');
    expect(await codes(other.token, 'ZZZZZZ')).toBe('UNKNOWN_SHOW');
  });

  it("is not signed in by another site's page", async () => {
    const headers = { origin: 'https://evil.example' };
    const { status, error } = await logIn(site, { turnstileToken: DEBUG_TOKEN }, { headers });
    expect([status, error?.code]).toEqual([403, 'BAD_ORIGIN']);
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
      body: { turnstileToken: DEBUG_TOKEN },
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
