/** Attacks that a page of another site can make with its visitor's cookie, over HTTP. */
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { SITE, TestSite, newShow } from './support/site.ts';

const CHANGES: [string, object][] = [
  ['/api/demo/allocate', { skuId: 'ticket' }],
  ['/api/demo/rush', { skuId: 'ticket', count: 5 }],
  ['/api/demo/control', { skuId: 'ticket', mode: 'both', step: 4 }],
  ['/api/demo/guardrail', { skuId: 'ticket', action: 'trip' }],
  ['/api/demo/reset', {}],
  ['/api/auth/renew', {}],
  ['/api/auth/logout', {}],
];
const FOREIGN = ['https://evil.example', 'null', 'https://demo.test', `${SITE}:8080`, `${SITE}.evil.example`];
/** What a form or a request without a preflight can say of its body. */
const SIMPLE_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'];

/** A visitor who is presenter and participant in one browser, and what must not have happened to them. */
async function visitor() {
  const { on, presenter, participant } = await newShow();
  const cookie = `rgl_presenter=${presenter.token}; rgl_participant=${participant.token}`;
  const send = async (path: string, method: string, headers: Record<string, string>, body?: string) =>
    on.send(
      new Request(`${SITE}${path}`, {
        method,
        headers: { cookie, 'cf-connecting-ip': '192.0.2.1', ...headers },
        ...(body === undefined ? {} : { body }),
      }),
    );
  const expectUntouched = async () => {
    const { status, data } = await on.call<FullRoomState>('/api/demo/state?skuId=ticket', {
      token: presenter.token,
    });
    expect(status, 'still signed in').toBe(200);
    expect(data).toMatchObject({ mode: 'safe', step: 1, epoch: 1, guardrail: { tripped: false } });
    expect(data.lanes.safe?.acknowledged).toBe(0);
    expect(data.closesAt, 'not renewed').toBe(presenter.expiresAt);
  };
  return { send, expectUntouched };
}

describe("a page of another site changes nothing with the visitor's cookie", () => {
  it.each(CHANGES)('by %s, from wherever it says it comes', async (path, body) => {
    const { send, expectUntouched } = await visitor();
    const json = JSON.stringify(body);
    for (const origin of FOREIGN) {
      const headers = { origin, 'content-type': 'application/json' };
      expect((await send(path, 'POST', headers, json)).status).toBe(403);
    }
    expect((await send(path, 'POST', { 'content-type': 'application/json' }, json)).status).toBe(403);
    await expectUntouched();
  });

  it.each(CHANGES)(
    'by %s, in a form that needs no preflight, even if its Origin were ours',
    async (path, body) => {
      const { send, expectUntouched } = await visitor();
      for (const type of SIMPLE_TYPES) {
        const answer = await send(path, 'POST', { origin: SITE, 'content-type': type }, JSON.stringify(body));
        expect([type, answer.status]).toEqual([type, 415]);
      }
      expect((await send(path, 'POST', { origin: SITE })).status).toBe(415);
      await expectUntouched();
    },
  );

  it.each(CHANGES)('by %s, by any other method', async (path, body) => {
    const { send, expectUntouched } = await visitor();
    const fields = Object.entries(body).map(([key, value]) => [key, String(value)]);
    const query = `?${new URLSearchParams(fields).toString()}`;
    for (const method of ['GET', 'HEAD']) {
      const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
      expect((await send(`${path}${query}&_method=POST`, method, headers)).status).toBe(404);
    }
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const headers = { origin: 'https://evil.example', 'content-type': 'application/json' };
      expect((await send(path, method, headers, JSON.stringify(body))).status).toBe(404);
    }
    await expectUntouched();
  });
});

describe('a page of another site reads nothing', () => {
  it('no answer allows another origin, no preflight is granted, and none may be embedded', async () => {
    const { send } = await visitor();
    const paths = [
      '/api/health',
      '/api/auth/me',
      '/api/demo/state?skuId=ticket',
      '/api/demo/log?skuId=ticket',
    ];
    for (const path of [...paths, '/api/none', '/', ...CHANGES.map(([change]) => change)]) {
      const asked = {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type, idempotency-key',
      };
      for (const method of ['OPTIONS', 'GET']) {
        const response = await send(path, method, asked);
        const granted = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
        expect([method, path, granted]).toEqual([method, path, []]);
        expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
        await response.body?.cancel();
      }
    }
  });

  it('an allowed origin may speak for its visitor, and only that one', async () => {
    const { presenter } = await newShow();
    const on = new TestSite({ ALLOWED_ORIGINS: 'https://other.example' });
    const headers = (origin: string) => ({ cookie: `rgl_presenter=${presenter.token}`, origin });
    const renew = (origin: string) => on.call('/api/auth/renew', { headers: headers(origin), body: {} });
    expect((await renew('https://other.example')).status).toBe(200);
    for (const origin of ['https://other.example.evil', 'http://other.example', 'https://sub.other.example'])
      expect((await renew(origin)).error?.code).toBe('BAD_ORIGIN');
  });
});
