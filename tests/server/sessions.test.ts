import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { readConfig } from '#server/config.ts';
import { newContext } from '#server/request-context.ts';
import { cookieName, readCookie, setCookie } from '#server/sessions/cookies.ts';
import type { Wanted } from '#server/sessions/identify.ts';
import { identify } from '#server/sessions/identify.ts';
import { hashAddress, isSameText } from '#server/sessions/keys.ts';
import { PAIRS, labelFor, presenterLabel } from '#server/sessions/labels.ts';
import { getRecord, putRecord } from '#server/sessions/records.ts';
import type { Claims } from '#server/sessions/token.ts';
import { readToken, signToken } from '#server/sessions/token.ts';
import type { Overrides } from './support/site.ts';
import { TestSite } from './support/site.ts';

const SECRET = readConfig(env).sessionSecret;

function claimsOf(changes: Partial<Claims> = {}): Claims {
  return {
    sessionId: crypto.randomUUID(),
    role: 'participant',
    show: 'ABCDEF',
    label: 'calm-otter',
    skus: ['ticket'],
    issuedAt: Date.now(),
    expiresAt: Date.now() + 60_000,
    ...changes,
  };
}

describe('a session token', () => {
  it('says what was signed', async () => {
    const claims = claimsOf({ label: 'naïve-ñandú', skus: ['a', 'b'] });
    expect(await readToken(SECRET, await signToken(SECRET, claims))).toEqual(claims);
  });

  it('is worth nothing when any one of its characters is changed', async () => {
    const token = await signToken(SECRET, claimsOf());
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      const forged = token.slice(0, i) + other + token.slice(i + 1);
      expect(await readToken(SECRET, forged), `character ${i}`).toBeNull();
    }
  });

  it.each([
    ['', 'nothing'],
    ['.', 'two empty parts'],
    ['abc', 'one part'],
    ['a.b.c', 'three parts'],
    ['a.b\u00e9', 'letters outside base64url'],
    [`${'a'.repeat(5_000)}.b`, 'a long one'],
  ])('that is %j (%s) is none', async (token) => {
    expect(await readToken(SECRET, token)).toBeNull();
  });

  it('of another secret is none', async () => {
    expect(await readToken(SECRET, await signToken(`another ${SECRET}`, claimsOf()))).toBeNull();
  });
});

describe('the hash of an address', () => {
  it('is the same for a day, and another tomorrow, for another address and with another secret', async () => {
    const noon = Date.UTC(2026, 10, 22, 12);
    const hash = await hashAddress(SECRET, '192.0.2.1', noon);
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(await hashAddress(SECRET, '192.0.2.1', noon + 3_600_000)).toBe(hash);
    expect(await hashAddress(SECRET, '192.0.2.1', noon + 86_400_000)).not.toBe(hash);
    expect(await hashAddress(SECRET, '192.0.2.2', noon)).not.toBe(hash);
    expect(await hashAddress(`another ${SECRET}`, '192.0.2.1', noon)).not.toBe(hash);
  });

  it('and the comparison of tokens do not depend on lengths', async () => {
    expect(await isSameText(SECRET, 'same', 'same')).toBe(true);
    expect(await isSameText(SECRET, 'same', 'samE')).toBe(false);
    expect(await isSameText(SECRET, 'same', 'same and more')).toBe(false);
  });
});

describe('a session cookie', () => {
  const https = new URL('https://demo.example/join');
  const http = new URL('http://192.168.1.20:8787/');

  it('is Secure and bound to its host on https', () => {
    expect(setCookie(https, 'presenter', 't.s', 1_500)).toBe(
      '__Host-rgl_presenter=t.s; Path=/; Max-Age=2; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it('is neither on plain http, where browsers would drop it, and tells ports apart', () => {
    expect(setCookie(http, 'participant', 't.s', 1_000)).toBe(
      'rgl_participant_8787=t.s; Path=/; Max-Age=1; HttpOnly; SameSite=Lax',
    );
    expect(cookieName(new URL('http://demo.test/'), 'participant')).toBe('rgl_participant');
  });

  it('is read by its whole name', () => {
    const cookie = 'x_rgl_presenter=no; rgl_presenter=yes; rgl_presenter_8787=no';
    const request = new Request('http://demo.test/', { headers: { cookie } });
    expect(readCookie(request, 'presenter')).toBe('yes');
    expect(readCookie(request, 'participant')).toBeNull();
  });
});

describe('whose request it is', () => {
  const bearer = async (claims: Claims) => ({ authorization: `Bearer ${await signToken(SECRET, claims)}` });
  const cookies = async (...all: Claims[]) => {
    const pairs = all.map(async (claims) => `rgl_${claims.role}=${await signToken(SECRET, claims)}`);
    return { cookie: (await Promise.all(pairs)).join('; ') };
  };
  const presenter = claimsOf({ role: 'presenter', label: 'presenter' });
  const participant = claimsOf();
  const expired = { issuedAt: Date.now() - 2_000, expiresAt: Date.now() - 1 };

  async function who(
    headers: Record<string, string>,
    wanted: Wanted = {},
    path = '/api/demo/state',
    init: RequestInit = {},
    overrides: Overrides = {},
  ): Promise<string> {
    const site = new TestSite(overrides);
    const request = new Request(`http://demo.test${path}`, { headers, ...init });
    const context = newContext(request, site.env, readConfig(site.env), { waitUntil: () => undefined });
    const outcome = await identify(context, wanted);
    return outcome.ok ? outcome.value.claims.sessionId : outcome.refusal.code;
  }

  it('is nobody without a session', async () => {
    expect(await who({})).toBe('UNAUTHORIZED');
    expect(await who({ authorization: 'Basic YTpi' })).toBe('UNAUTHORIZED');
    expect(await who({ authorization: 'Bearer' })).toBe('UNAUTHORIZED');
    expect(await who({ cookie: 'rgl_presenter=nonsense' })).toBe('UNAUTHORIZED');
  });

  it('is told by the header before any cookie', async () => {
    const headers = { ...(await cookies(presenter)), ...(await bearer(participant)) };
    expect(await who(headers)).toBe(participant.sessionId);
    expect(await who({ ...headers, authorization: 'Bearer nonsense' })).toBe('UNAUTHORIZED');
  });

  it('is told by the page that asks, when a browser is stage and phone at once', async () => {
    const both = await cookies(presenter, participant);
    expect(await who(both)).toBe(presenter.sessionId);
    expect(await who(both, {}, '/api/demo/state?as=participant')).toBe(participant.sessionId);
    expect(await who({ ...both, 'x-session-role': 'participant' })).toBe(participant.sessionId);
    expect(await who(both, { only: 'presenter' })).toBe(presenter.sessionId);
    expect(await who(both, { show: 'ABCDEF' })).toBe(presenter.sessionId);
  });

  it('is the session of the show that is asked for, when the other one is of another show', async () => {
    const elsewhere = claimsOf({ role: 'presenter', show: 'ZZZZZZ' });
    const both = await cookies(elsewhere, participant);
    expect(await who(both, { show: 'ABCDEF' })).toBe(participant.sessionId);
    expect(await who(both, { show: 'YYYYYY' })).toBe(elsewhere.sessionId);
  });

  it('is the one whose session still lives', async () => {
    const old = claimsOf({ role: 'presenter', ...expired });
    expect(await who(await cookies(old))).toBe('EXPIRED_SESSION');
    expect(await who(await cookies(old, participant))).toBe(participant.sessionId);
    expect(await who(await cookies(old, participant), { only: 'presenter' })).toBe('EXPIRED_SESSION');
  });

  it('is not allowed to be a participant where only presenters may', async () => {
    expect(await who(await bearer(participant), { only: 'presenter' })).toBe('FORBIDDEN');
    const post = { method: 'POST' };
    const ownSite = { ...(await cookies(participant)), origin: 'http://demo.test' };
    expect(await who(ownSite, { only: 'presenter' }, undefined, post)).toBe('FORBIDDEN');
  });

  it('is not believed of a cookie under the name of another role', async () => {
    const token = await signToken(SECRET, participant);
    expect(await who({ cookie: `rgl_presenter=${token}` })).toBe('UNAUTHORIZED');
  });

  it("changes nothing by cookie unless the site's own page, or an allowed one, asks", async () => {
    const headers = await cookies(participant);
    const post = { method: 'POST' };
    const from = (origin: string, allowed = '') =>
      who({ ...headers, origin }, {}, '/api/auth/renew', post, { ALLOWED_ORIGINS: allowed });
    expect(await who(headers, {}, '/api/auth/renew', post)).toBe('BAD_ORIGIN');
    expect(await from('https://evil.example')).toBe('BAD_ORIGIN');
    expect(await from('https://demo.test')).toBe('BAD_ORIGIN');
    expect(await from('null')).toBe('BAD_ORIGIN');
    expect(await from('http://demo.test')).toBe(participant.sessionId);
    expect(await from('https://other.example', 'https://other.example')).toBe(participant.sessionId);
    expect(await who(await bearer(participant), {}, '/api/auth/renew', post)).toBe(participant.sessionId);
  });

  it('goes on with the token of the login after a renewal, and not without one', async () => {
    const old = claimsOf({ role: 'presenter', ...expired });
    const { sessionId, role, show, issuedAt } = old;
    const record = {
      sessionId,
      ipHash: 'hash',
      createdAt: issuedAt,
      renewedAt: issuedAt,
      role,
      show,
      proof: 'none' as const,
    };
    await putRecord(env.SESSIONS, record, 60_000);
    expect(await who(await bearer(old))).toBe('EXPIRED_SESSION');
    await putRecord(env.SESSIONS, { ...record, renewedAt: Date.now() }, 60_000);
    expect(await who(await bearer(old))).toBe(sessionId);
    const ended = { ...record, renewedAt: issuedAt + 1 };
    await putRecord(env.SESSIONS, ended, 60_000);
    expect(await who(await bearer(old), {}, undefined, {}, { SESSION_TTL_SECONDS: '10' })).toBe(sessionId);
    await putRecord(env.SESSIONS, { ...ended, createdAt: 1, renewedAt: 2 }, 60_000);
    expect(await who(await bearer(old))).toBe('EXPIRED_SESSION');
  });
});

describe('the record of a session', () => {
  it('is refused when it holds a field more than was promised', async () => {
    const { sessionId, role, show } = claimsOf();
    const record = {
      sessionId,
      ipHash: 'hash',
      createdAt: 1,
      renewedAt: 1,
      role,
      show,
      proof: 'none' as const,
    };
    await putRecord(env.SESSIONS, record, 10_000);
    expect(await getRecord(env.SESSIONS, sessionId)).toEqual(record);
    await env.SESSIONS.put(`session:${sessionId}`, JSON.stringify({ ...record, address: '192.0.2.1' }));
    await expect(getRecord(env.SESSIONS, sessionId)).rejects.toThrow('session record');
  });
});

describe('labels', () => {
  it('are different for everybody in a show of three times as many as there are pairs', () => {
    for (const show of ['ABCDEF', '222222', 'ZZZZZZ', 'QW7RT9']) {
      const labels = new Set(Array.from({ length: PAIRS * 3 }, (_, i) => labelFor(show, i + 1)));
      expect(labels.size).toBe(PAIRS * 3);
    }
    expect(PAIRS).toBe(6_400);
  });

  it('are two plain words while there are pairs left, and then numbered', () => {
    expect(labelFor('ABCDEF', 1)).toMatch(/^[a-z]+-[a-z]+$/);
    expect(labelFor('ABCDEF', PAIRS - 1)).toMatch(/^[a-z]+-[a-z]+$/);
    expect(labelFor('ABCDEF', PAIRS + 1)).toBe(`${labelFor('ABCDEF', 1)}-2`);
    expect(labelFor('ABCDEF', 1)).not.toBe(labelFor('ABCDEG', 1));
  });

  it('tell the devices of presenters apart', () => {
    expect([1, 2, 3].map(presenterLabel)).toEqual(['presenter', 'presenter-2', 'presenter-3']);
  });
});
