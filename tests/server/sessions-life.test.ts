import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { MeResult } from '#lib/protocol/http.ts';
import { findShow } from '#server/storage/shows.ts';
import { TestSite, logIn } from './support/site.ts';

const site = new TestSite();

describe('a session', () => {
  it('is told exactly what KV holds about it', async () => {
    const { token, sessionId, show, role, label, expiresAt } = await site.openShow();
    const { data } = await site.call<MeResult>('/api/auth/me', { token });
    expect(data).toMatchObject({ sessionId, role, show, label, expiresAt });
    expect(data.stored).toEqual(await env.SESSIONS.get(`session:${sessionId}`, 'json'));
    expect(Object.keys(data.stored ?? {}).sort()).toEqual([
      'createdAt',
      'ipHash',
      'proof',
      'renewedAt',
      'role',
      'sessionId',
      'show',
    ]);
    expect(data.stored?.proof).toBe('debug-token');
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
    const second = (await logIn(site, { show }, { token })).data;
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
