/** Attacks on who somebody is: forged and borrowed tokens, tokens that were given up, cookies of another role. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { readConfig } from '#server/config.ts';
import { decodeText, encodeText, toBase64url } from '#server/sessions/base64url.ts';
import { keyFor, sign } from '#server/sessions/keys.ts';
import { findShow } from '#server/storage/shows.ts';
import type { Asked } from './support/site.ts';
import { DEBUG_TOKEN, SITE, TestSite, freshAddress, logIn, newShow, order } from './support/site.ts';
import { firstOf } from './support/socket.ts';

const site = new TestSite();
const SECRET = readConfig(env).sessionSecret;

/** HMAC-SHA-256 with a key as it stands, in base64url. */
async function hmac(key: string, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(key || '\0');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  return toBase64url(await sign(imported, text));
}

function partsOf({ token }: LoginResult): { text: string; signature: string; claims: object } {
  const [text = '', signature = ''] = token.split('.');
  return { text, signature, claims: JSON.parse(decodeText(text) ?? '') as object };
}

/** A participant's token with other claims in it, under the signature of the real ones. */
const withClaims = (changes: object) => (session: LoginResult) => {
  const { claims, signature } = partsOf(session);
  return `${encodeText(JSON.stringify({ ...claims, ...changes }))}.${signature}`;
};

/** A token in the form of a JSON Web Token. */
const asJwt = (header: object, key: string | null) => async (session: LoginResult) => {
  const claims = { ...partsOf(session).claims, role: 'presenter' };
  const text = `${encodeText(JSON.stringify(header))}.${encodeText(JSON.stringify(claims))}`;
  return `${text}.${key === null ? '' : await hmac(key, text)}`;
};

const signedBy = (key: string) => async (session: LoginResult) => {
  const text = encodeText(JSON.stringify({ ...partsOf(session).claims, role: 'presenter' }));
  return `${text}.${await hmac(key, text)}`;
};

const signedFor = (purpose: string) => async (session: LoginResult) => {
  const { text } = partsOf(session);
  return `${text}.${toBase64url(await sign(await keyFor(SECRET, purpose), text))}`;
};

const today = new Date().toISOString().slice(0, 10);

const FORGERIES: [string, (session: LoginResult) => string | Promise<string>][] = [
  ['says presenter', withClaims({ role: 'presenter' })],
  ['says another show', withClaims({ show: 'ZZZZZZ' })],
  ['says another session', withClaims({ sessionId: crypto.randomUUID() })],
  ['says another label', withClaims({ label: 'presenter' })],
  ['says more SKUs', withClaims({ skus: ['ticket', 'other'] })],
  ['says a later end', withClaims({ expiresAt: Date.now() + 1e9 })],
  ['says a role of its own', withClaims({ role: 'admin' })],
  ['has no signature', (session) => `${partsOf(session).text}.`],
  ['has no signature and no dot', (session) => partsOf(session).text],
  ['has half a signature', (session) => session.token.slice(0, -20)],
  ['has a longer signature', (session) => `${session.token}AAAA`],
  ['has padding', (session) => `${session.token}=`],
  ['comes twice', ({ token }) => `${token}.${token}`],
  ['is written backwards', ({ token }) => token.split('.').reverse().join('.')],
  ['is a JWT with alg none', asJwt({ alg: 'none', typ: 'JWT' }, null)],
  ['is a JWT with alg None and some signature', asJwt({ alg: 'None' }, 'x')],
  ['is a JWT with HS256 of an empty key', asJwt({ alg: 'HS256' }, '')],
  ['is a JWT with HS256 of the secret itself', asJwt({ alg: 'HS256', typ: 'JWT' }, SECRET)],
  ['is signed with the secret itself, not the key made from it', signedBy(SECRET)],
  ['is signed with nothing', signedBy('')],
  ['is signed with "undefined"', signedBy('undefined')],
  ['is signed with the debug token', signedBy(DEBUG_TOKEN)],
  ['is signed with the key of comparisons', signedFor('comparison')],
  ['is signed with the key of addresses', signedFor(`address of ${today}`)],
  ['is signed with the key of a later version', signedFor('session token 2')],
];

describe('a forged token opens nothing, by HTTP or by socket: one that', () => {
  it.each(FORGERIES)('%s', async (_what, forge) => {
    const { participant } = await newShow();
    const token = await forge(participant);
    for (const path of ['/api/demo/state?skuId=ticket', '/api/auth/me']) {
      const answer = await site.call(path, { token });
      expect([answer.status, answer.error?.code]).toEqual([401, 'UNAUTHORIZED']);
    }
    const headers = { cookie: `rgl_participant=${token}; rgl_presenter=${token}`, origin: SITE };
    expect((await site.call('/api/auth/me', { headers })).status).toBe(401);
    const path = roomPath(participant.show, 'ticket');
    expect(await firstOf(path, { token })).toBe(CLOSE.unauthorized);
    expect(await firstOf(path, { headers })).toBe(CLOSE.unauthorized);
  });

  it('has the signature of another good token', async () => {
    const { on, participant } = await newShow();
    const other = await on.join(participant.show);
    const token = `${partsOf(participant).text}.${partsOf(other).signature}`;
    expect((await site.call('/api/auth/me', { token })).status).toBe(401);
    expect((await site.call('/api/auth/me', { token: participant.token })).status).toBe(200);
  });

  it('comes beside a good cookie: the header alone counts', async () => {
    const { presenter } = await newShow();
    const headers = { cookie: `rgl_presenter=${presenter.token}`, origin: SITE };
    expect((await site.call('/api/auth/me', { headers, token: 'forged' })).status).toBe(401);
  });
});

describe('a token of another show', () => {
  it('sees and changes nothing of this one, though both sell the same SKU', async () => {
    const mine = await newShow();
    const yours = await newShow();
    const path = roomPath(yours.presenter.show, 'ticket');
    for (const { token } of [mine.presenter, mine.participant]) {
      expect(await firstOf(path, { token })).toBe(CLOSE.forbidden);
      const headers = { cookie: `rgl_presenter=${token}; rgl_participant=${token}`, origin: SITE };
      expect(await firstOf(path, { headers })).toBe(CLOSE.forbidden);
    }
    const body = { show: yours.presenter.show, skuId: 'ticket', mode: 'both' };
    await mine.call('/api/demo/control', { body });
    await mine.call('/api/demo/reset', { body: { show: yours.presenter.show } });
    const { data } = await yours.call<FullRoomState>('/api/demo/state?skuId=ticket');
    expect([data.mode, data.epoch]).toEqual(['safe', 1]);
  });
});

describe('a session that logged out does not come back', () => {
  /** KV as it is elsewhere for up to a minute after a logout: no tombstone yet, and the record still there. */
  async function staleKv(before: readonly LoginResult[]): Promise<KVNamespace> {
    const names = before.map(({ sessionId }) => `session:${sessionId}`);
    const kept = new Map(
      await Promise.all(names.map(async (name) => [name, await env.SESSIONS.get(name)] as const)),
    );
    const get = (name: string) => Promise.resolve(kept.get(name) ?? null);
    return new Proxy(env.SESSIONS, {
      get: (kv, name) => {
        if (name === 'get') return get;
        const value: unknown = Reflect.get(kv, name);
        return typeof value === 'function' ? value.bind(kv) : value;
      },
    });
  }

  it('where KV does not know of the logout yet: not by renewal, login, call or socket', async () => {
    const { on, presenter, participant } = await newShow();
    const second = (await logIn(on, { show: presenter.show }, { token: presenter.token })).data;
    const elsewhere = new TestSite({ SESSIONS: await staleKv([presenter, second, participant]) });
    for (const { token } of [second, participant])
      await on.call('/api/auth/logout', { method: 'POST', token });
    const closesAt = (await findShow(env.DB, presenter.show)).value?.closesAt;

    const show = { show: presenter.show };
    const attempts: [string, Asked][] = [
      ['/api/auth/renew', { method: 'POST' }],
      ['/api/demo/state?skuId=ticket', {}],
      ['/api/demo/log?skuId=ticket', {}],
      ['/api/demo/audit?skuId=ticket', {}],
      ['/api/demo/allocate', order()],
      ['/api/demo/control', { body: { skuId: 'ticket', mode: 'both' } }],
      ['/api/auth/login', { body: show, ip: freshAddress() }],
    ];
    for (const [path, asked] of attempts) {
      const answer = await elsewhere.call(path, { ...asked, token: second.token });
      expect([path, answer.status, answer.error?.code]).toEqual([path, 401, 'UNAUTHORIZED']);
    }
    const renewal = await elsewhere.call('/api/auth/renew', { method: 'POST', token: participant.token });
    expect([renewal.status, renewal.error?.code]).toEqual([401, 'UNAUTHORIZED']);
    for (const { token } of [second, participant]) {
      const overrides = { SESSIONS: elsewhere.env.SESSIONS };
      expect(await firstOf(roomPath(presenter.show, 'ticket'), { token, overrides })).toBe(
        CLOSE.unauthorized,
      );
    }
    expect((await findShow(env.DB, presenter.show)).value?.closesAt, 'the show lives no longer').toBe(
      closesAt,
    );
    expect((await on.call('/api/auth/me', { token: presenter.token })).status).toBe(200);
  });
});

describe('a cookie of one role does not serve for the other', () => {
  it("under the presenter's name a participant's token is nobody's", async () => {
    const { on, participant } = await newShow();
    const headers = { cookie: `rgl_presenter=${participant.token}`, origin: SITE };
    for (const name of ['control', 'reset', 'guardrail', 'rush']) {
      const body = { skuId: 'ticket', mode: 'both', action: 'trip', count: 1 };
      const answer = await on.call(`/api/demo/${name}`, { headers, body });
      expect([name, answer.status]).toEqual([name, 401]);
    }
    expect(await firstOf(roomPath(participant.show, 'ticket'), { headers })).toBe(CLOSE.unauthorized);
  });

  it('under both names it is a participant, whatever role the address asks for', async () => {
    const { participant } = await newShow();
    const { token, show } = participant;
    const headers = { cookie: `rgl_presenter=${token}; rgl_participant=${token}`, origin: SITE };
    const path = roomPath(show, 'ticket');
    expect(await firstOf(path, { headers })).toMatchObject({ you: { role: 'participant' } });
    expect(await firstOf(`${path}?as=presenter`, { headers })).toBe(CLOSE.unauthorized);
    expect(await firstOf(`${path}?as=participant&as=presenter`, { headers })).toMatchObject({
      you: { role: 'participant' },
    });
  });

  it('a cookie of plain http, or of another port, is none on https', async () => {
    const { presenter } = await newShow();
    for (const name of [
      'rgl_presenter',
      'rgl_presenter_443',
      '__Secure-rgl_presenter',
      '__host-rgl_presenter',
    ]) {
      const headers = { cookie: `${name}=${presenter.token}` };
      const answer = await site.call('/api/auth/me', { headers, site: 'https://demo.test' });
      expect([name, answer.status]).toEqual([name, 401]);
    }
  });
});
