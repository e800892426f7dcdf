import type { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import manifest from '../../package.json' with { type: 'json' };
import { logLine } from '#server/log.ts';
import type { Asked } from './support/site.ts';
import { DEBUG_TOKEN, SITE, TestSite, newShow, order } from './support/site.ts';

const site = new TestSite();

describe('every call', () => {
  const POSTS = ['allocate', 'rush', 'control', 'guardrail', 'reset'].map((name) => `/api/demo/${name}`);
  const GETS = ['state', 'log', 'audit'].map((name) => `/api/demo/${name}?skuId=ticket`);
  const SESSION_CALLS = [
    ...[...POSTS, '/api/auth/renew', '/api/auth/logout'].map((path) => ['POST', path] as const),
    ...[...GETS, '/api/auth/me'].map((path) => ['GET', path] as const),
  ];

  it.each(SESSION_CALLS)('%s %s needs a session', async (method, path) => {
    const asked: Asked = method === 'POST' ? { body: { skuId: 'ticket', count: 1, action: 'trip' } } : {};
    const answer = await site.call(path, asked);
    expect([answer.status, answer.error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it.each(['rush', 'control', 'guardrail', 'reset'])("%s is the presenter's alone", async (name) => {
    const { asParticipant } = await newShow();
    const body = { skuId: 'ticket', count: 1, action: 'trip', mode: 'both' };
    const answer = await asParticipant(`/api/demo/${name}`, { body });
    expect([answer.status, answer.error?.code]).toEqual([403, 'FORBIDDEN']);
  });

  it.each([...POSTS, ...GETS])('%s refuses a SKU that the show does not sell', async (path) => {
    const { call } = await newShow();
    const asked = path.includes('?') ? {} : { body: { skuId: 'other', count: 1, action: 'trip' } };
    const answer = await call(path.replace('ticket', 'other'), asked);
    expect([answer.status, answer.error?.code]).toEqual([400, 'INVALID_SKU']);
    expect(answer.error?.message).toContain('ticket');
  });

  it('answers within the envelope where nothing is, and names the method that is known', async () => {
    for (const path of ['/api', '/api/', '/api/nothing', '/api/demo', '/api/auth/login/']) {
      const answer = await site.call(path);
      expect([path, answer.status, answer.error?.code]).toEqual([path, 404, 'NOT_FOUND']);
    }
    const wrongMethod = await site.call('/api/auth/login');
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([404, 'POST']);
    const other = await site.call('/api/demo/state', { method: 'DELETE' });
    expect([other.status, other.headers.get('allow')]).toEqual([404, 'GET']);
  });

  it('leaves every other address to the pages', async () => {
    for (const path of ['/', '/apiary', '/stage/ABCDEF']) {
      const response = await site.send(new Request(`${SITE}${path}`));
      expect(await response.text()).toContain('pages are not built');
    }
  });
});

describe('health', () => {
  it('is told to anyone, with the figures of no room', async () => {
    const { data, meta } = await site.call('/api/health');
    expect(data).toEqual({ ok: true, version: manifest.version });
    expect(meta).toMatchObject({
      guardrailTriggered: false,
      virtualCosts: 0,
      ledger: { virtualUsd: 0, realUsd: 0, limitUsd: 0, billingScale: 1e-9, loadFactor: 100_000, lines: [] },
    });
    expect(Math.abs(meta.timestamp - Date.now())).toBeLessThan(5_000);
  });
});

describe('a browser with a cookie', () => {
  const withCookie = ({ role, token }: LoginResult, headers: Record<string, string> = {}): Asked => ({
    headers: { cookie: `rgl_${role}=${token}`, ...headers },
  });

  it("changes things only from the site's own pages, and says what it sends", async () => {
    const { on, participant } = await newShow();
    const buy = (headers: Record<string, string>) =>
      on.call('/api/demo/allocate', { ...order(), ...withCookie(participant, headers) });
    expect((await buy({})).error?.code).toBe('BAD_ORIGIN');
    expect((await buy({ origin: 'https://evil.example' })).error?.code).toBe('BAD_ORIGIN');
    expect((await buy({ origin: SITE })).status).toBe(200);
    const renewal = await on.call('/api/auth/renew', {
      method: 'POST',
      ...withCookie(participant, { origin: SITE }),
    });
    expect([renewal.status, renewal.error?.code]).toEqual([415, 'INVALID_CONTENT_TYPE']);
    expect((await on.call('/api/demo/state?skuId=ticket', withCookie(participant))).status).toBe(200);
  });

  it('is stage and phone at once, as the page says', async () => {
    const { on, presenter, participant } = await newShow();
    const cookie = `rgl_presenter=${presenter.token}; rgl_participant=${participant.token}`;
    const me = async (path: string) =>
      (await on.call<{ role: string }>(path, { headers: { cookie } })).data.role;
    expect(await me('/api/auth/me')).toBe('presenter');
    expect(await me('/api/auth/me?as=participant')).toBe('participant');
  });
});

describe('a session of another show', () => {
  it('sees and changes its own show only', async () => {
    const mine = await newShow({ skus: [{ id: 'ticket', capacity: 5 }] });
    const yours = await newShow({ skus: [{ id: 'ticket', capacity: 9 }] });
    await mine.call('/api/demo/allocate', order());
    const { data } = await yours.call<FullRoomState>('/api/demo/state?skuId=ticket');
    expect([data.show, data.lanes.safe?.acknowledged]).toEqual([yours.presenter.show, 0]);
  });
});

describe('what fails inside', () => {
  it('is answered without internals, and logged without secrets', async () => {
    const lines = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const broken = {
      getByName: () => {
        throw new Error('a bug at line 7');
      },
    };
    try {
      const { presenter } = await newShow();
      const on = new TestSite({ ROOM: broken as unknown as typeof env.ROOM });
      const request = new Request(`${SITE}/api/demo/state?skuId=ticket`, {
        headers: { authorization: `Bearer ${presenter.token}`, 'cf-connecting-ip': '192.0.2.99' },
      });
      const response = await on.send(request);
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain('STORAGE_UNAVAILABLE');
      expect(text).not.toContain('line 7');
      const logged = lines.mock.calls.map(([line]) => String(line)).join('\n');
      expect(logged).toContain('a bug at line 7');
      expect(logged).not.toContain(presenter.token);
      expect(logged).not.toContain('192.0.2.99');
      expect(logged).not.toContain(DEBUG_TOKEN);
    } finally {
      lines.mockRestore();
    }
  });

  it.each([
    'token',
    'turnstileToken',
    'ip',
    'client_ip',
    'clientIp',
    'authorization',
    'set-cookie',
    'secret',
  ])('never reaches a log line under the name %s', (key) => {
    expect(() => logLine('anything', { [key]: 'x' })).toThrow(key);
  });
});
