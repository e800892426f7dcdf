/** Attacks on the way to a room: from other sites' pages, through other bindings, by names that were never opened. */
import { listDurableObjectIds } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { CALLER_HEADER } from '#server/room/room-rpc.ts';
import { encodeText } from '#server/sessions/base64url.ts';
import type { Overrides } from './support/site.ts';
import { DEBUG_TOKEN, SITE, TestSite, logIn, newShow } from './support/site.ts';
import { firstOf, upgrade } from './support/socket.ts';

const site = new TestSite();

/** Bindings of objects that note every touch, and hand nothing out. */
function tripwire(): { overrides: Overrides; touched: string[] } {
  const touched: string[] = [];
  const wired = (binding: string) =>
    new Proxy(
      {},
      {
        get: (_target, method) => () => {
          touched.push(`${binding}.${String(method)}`);
          throw new Error(`${binding} was touched`);
        },
      },
    );
  const overrides = { ROOM: wired('ROOM'), LIMITER: wired('LIMITER') } as unknown as Overrides;
  return { overrides, touched };
}

/** How many objects of each class have ever stored anything. */
async function objects(): Promise<[number, number]> {
  const [rooms, limiters] = await Promise.all([
    listDurableObjectIds(env.ROOM),
    listDurableObjectIds(env.LIMITER),
  ]);
  return [rooms.length, limiters.length];
}

const cookieOf = ({ role, token }: LoginResult) => `rgl_${role}=${token}`;

describe("a page of another site cannot open a socket with the visitor's cookie", () => {
  it.each([
    ['another site', 'https://evil.example'],
    ['an opaque origin, as of a sandboxed frame', 'null'],
    ['no origin by value', ''],
    ['the same host by https', 'https://demo.test'],
    ['the same host on another port', `${SITE}:8080`],
    ['the same host on its own port, written out', `${SITE}:80`],
    ['a subdomain', 'http://sub.demo.test'],
    ['the parent domain', 'http://test'],
    ['a host that ends like ours', 'http://evil-demo.test'],
    ['a host that begins like ours', 'http://demo.test.evil.example'],
    ['a user name that looks like our host', 'http://demo.test@evil.example'],
    ['a fragment that holds our origin', `https://evil.example#${SITE}`],
    ['our origin with a path', `${SITE}/`],
    ['our host as a name with a final dot', 'http://demo.test.'],
    ['our origin in capitals, as no browser writes it', 'HTTP://DEMO.TEST'],
    ['two origins, ours among them', `${SITE}, https://evil.example`],
    ['two origins, ours last', `https://evil.example ${SITE}`],
    ['a file', 'file://'],
    ['an extension', 'chrome-extension://abcdefghijklmnop'],
  ])('%s', async (_what, origin) => {
    const { presenter, participant } = await newShow();
    const { overrides, touched } = tripwire();
    for (const cookie of [cookieOf(presenter), cookieOf(participant)]) {
      const headers = { cookie, origin };
      const path = roomPath(presenter.show, 'ticket');
      expect(await firstOf(path, { headers, overrides })).toBe(CLOSE.forbidden);
    }
    expect(touched, 'the room was not even asked').toEqual([]);
  });

  it.each([
    'https://other.example.evil',
    'http://other.example',
    'https://other.example:8443',
    'https://xother.example',
    'https://sub.other.example',
    'https://other.example/',
  ])('%s, which only looks like an allowed origin', async (origin) => {
    const { presenter } = await newShow();
    const overrides = { ALLOWED_ORIGINS: 'https://other.example' };
    const headers = { cookie: cookieOf(presenter), origin };
    expect(await firstOf(roomPath(presenter.show, 'ticket'), { headers, overrides })).toBe(CLOSE.forbidden);
  });

  it.each([
    ['none', {}, CLOSE.forbidden],
    ['none, and an empty Authorization', { authorization: '' }, CLOSE.unauthorized],
    ['none, and a Bearer of nothing', { authorization: 'Bearer' }, CLOSE.unauthorized],
    ['none, and another scheme', { authorization: 'Basic dTpw' }, CLOSE.unauthorized],
  ])('without an Origin, Authorization: %s', async (_what, headers, code) => {
    const { presenter } = await newShow();
    const { overrides, touched } = tripwire();
    const asked = { headers: { ...headers, cookie: cookieOf(presenter) }, overrides };
    expect(await firstOf(roomPath(presenter.show, 'ticket'), asked)).toBe(code);
    expect(touched).toEqual([]);
  });
});

describe('no address under /parties/ reaches another object than the room that it names', () => {
  it.each([
    '/parties/limiter/login:0123456789abcdef',
    '/parties/LIMITER/reset:0123456789abcdef',
    '/parties/shopper/x',
    '/parties/Shopper/x',
    '/parties/db/x',
    '/parties/ROOM/CODE.ticket',
    '/parties/Room/CODE.ticket',
    '/parties/%72oom/CODE.ticket',
    '/parties/room%2FCODE.ticket',
    '/parties/limiter/..%2Froom%2FCODE.ticket',
    '/parties/room/..%2F..%2Flimiter%2Fx',
    '/parties/room/%2e%2e/limiter/x',
    '/parties/room/../limiter/x',
    '/parties/room//CODE.ticket',
    '/parties//room/CODE.ticket',
    '//parties/room/CODE.ticket',
    '/PARTIES/room/CODE.ticket',
    '/%70arties/room/CODE.ticket',
    '/parties;x/room/CODE.ticket',
    '/parties/room;x/CODE.ticket',
    '/parties/room/CODE.ticket/',
    '/parties/room/CODE.ticket/x',
    '/parties/room/CODE.ticket;x',
    '/parties/room/CODE.ticket%00',
    '/parties/room/CODE%2Eticket',
    '/parties/room/CODE..ticket',
    '/parties/room/CODE.TICKET',
    '/parties/room/code.ticket',
    '/parties/room/%43ODE.ticket',
    '/parties/room/CODE.ticket\\..\\limiter',
    '/parties/room/CODE.\uFF54icket',
    '/parties/room/CODE.__proto__',
    '/parties/room/CODE.constructor',
    `/parties/room/CODE.${'t'.repeat(33)}`,
  ])('%s', async (template) => {
    const { presenter } = await newShow();
    const lower = template.includes('code.');
    const path = template
      .replace('CODE', presenter.show)
      .replace('code', presenter.show.toLowerCase())
      .replace('%43ODE', `%${presenter.show.charCodeAt(0).toString(16)}${presenter.show.slice(1)}`);
    // A code of digits alone has no small letters.
    if (lower && path.includes(presenter.show)) return;
    const { overrides, touched } = tripwire();
    const headers = { origin: SITE, cookie: cookieOf(presenter) };
    const { status, webSocket } = await upgrade(path, { headers, overrides });
    expect([101, 404]).toContain(status);
    if (webSocket) {
      const code = await new Promise<number>((resolve) => {
        webSocket.addEventListener('close', (event) => resolve(event.code));
        webSocket.accept();
      });
      expect(code).toBe(CLOSE.unknown);
    }
    expect(touched).toEqual([]);
    const plain = await new TestSite(overrides).send(new Request(`${SITE}${path}`, { headers }));
    expect([404, 426]).toContain(plain.status);
    expect(touched).toEqual([]);
  });
});

describe('a name that was never opened makes no object', () => {
  it('however many codes are guessed: D1 is read, nothing is written anywhere', async () => {
    const before = await objects();
    const statements: string[] = [];
    const { overrides, touched } = tripwire();
    const DB = {
      prepare: (sql: string) => {
        statements.push(sql);
        return env.DB.prepare(sql);
      },
    } as unknown as D1Database;
    const SESSIONS = new Proxy({} as KVNamespace, {
      get: () => () => {
        throw new Error('KV was touched');
      },
    });
    const guessing = new TestSite({ ...overrides, DB, SESSIONS });
    for (let guess = 0; guess < 30; guess++) {
      const show = `ZZZ${String(guess + 1_000)
        .slice(1)
        .replaceAll('0', 'A')
        .replaceAll('1', 'B')}`;
      const answer = await logIn(guessing, { role: 'participant', show });
      expect([answer.status, answer.error?.code]).toEqual([404, 'UNKNOWN_SHOW']);
    }
    expect(touched).toEqual([]);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter((sql) => !/^\s*SELECT\s/.test(sql))).toEqual([]);
    expect(await objects()).toEqual(before);
  });

  it('by HTTP either: a SKU that the show does not sell is refused before any object is asked', async () => {
    const { presenter } = await newShow();
    const before = await objects();
    const { overrides, touched } = tripwire();
    const wired = new TestSite(overrides);
    const { token } = presenter;
    for (const skuId of ['never', 'TICKET', 'ticket.x', '../ticket', 'constructor', '__proto__', '']) {
      const query = encodeURIComponent(skuId);
      for (const path of ['state', 'log', 'audit']) {
        const answer = await wired.call(`/api/demo/${path}?skuId=${query}`, { token });
        expect([answer.status, answer.error?.code]).toEqual([400, 'INVALID_SKU']);
      }
      for (const path of ['allocate', 'rush', 'control', 'guardrail', 'reset']) {
        const body = { skuId, count: 1, action: 'trip', mode: 'both' };
        const answer = await wired.call(`/api/demo/${path}`, { token, body });
        expect([answer.status, answer.error?.code]).toEqual([400, 'INVALID_SKU']);
      }
    }
    expect(touched).toEqual([]);
    expect(await objects()).toEqual(before);
  });

  it('and no token of a show that is not there helps: only the server signs, and D1 is asked again', async () => {
    const { presenter } = await newShow();
    const { overrides, touched } = tripwire();
    const path = roomPath('ZZZ999', 'ticket');
    expect(await firstOf(path, { token: presenter.token, overrides })).toBe(CLOSE.unknown);
    expect(touched).toEqual([]);
  });
});

describe('what only the Worker may say to a room', () => {
  it('is not believed of a client over HTTP: a forged caller changes nobody', async () => {
    const { asParticipant, participant } = await newShow();
    const forged = { ...participant, role: 'presenter', label: 'presenter', ipHash: '' };
    const headers = {
      [CALLER_HEADER]: encodeText(JSON.stringify(forged)),
      'x-partykit-room': 'ZZZZZZ.ticket',
      'x-partykit-props': '{"role":"presenter"}',
      'x-session-role': 'presenter',
    };
    const answer = await asParticipant('/api/demo/control', {
      headers,
      body: { skuId: 'ticket', mode: 'both' },
    });
    expect([answer.status, answer.error?.code]).toEqual([403, 'FORBIDDEN']);
    const me = await asParticipant<{ role: string }>('/api/auth/me', { headers });
    expect(me.data.role).toBe('participant');
  });

  it('is not opened by the debug token: it opens shows, not rooms', async () => {
    const { presenter } = await newShow();
    const path = roomPath(presenter.show, 'ticket');
    expect(await firstOf(path, { token: DEBUG_TOKEN })).toBe(CLOSE.unauthorized);
    const answer = await site.call('/api/demo/state?skuId=ticket', { token: DEBUG_TOKEN });
    expect(answer.status).toBe(401);
  });
});
