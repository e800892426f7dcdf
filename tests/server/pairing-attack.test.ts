/** Attacks on pairing: used, late, stolen, guessed and forged codes, and codes for those who may not have one. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import type { PairOffer, PairStatus } from '#lib/protocol/pairing.ts';
import { ATTEMPTS, limiterName } from '#server/limiter.ts';
import { MAX_TRIES, OFFERS, PAIRING_TTL_MS } from '#server/sessions/pairing-secrets.ts';
import { SITE, TestSite, freshAddress, logIn, newShow } from './support/site.ts';

const asks = { method: 'POST' };
type Code = Pick<PairOffer, 'show' | 'secret'>;
const redeem = (on: TestSite, { show, secret }: Code, headers: Record<string, string> = {}) =>
  on.call<LoginResult>('/api/auth/pair/redeem', { body: { show, secret }, headers, ip: freshAddress() });
const deskOf = (show: string) => env.LIMITER.getByName(limiterName('pair', show));
/** The same id with another secret behind it. */
const guess = ({ show, secret }: Code, nth: number): Code => {
  const [id = '', key = ''] = secret.split('.');
  return { show, secret: `${id}.${String(nth).padStart(2, '0')}${key.slice(2)}` };
};

async function offered(overrides = {}) {
  const show = await newShow({}, overrides);
  const { data: offer } = await show.call<PairOffer>('/api/auth/pair', asks);
  return { ...show, offer };
}

afterEach(() => vi.useRealTimers());

describe('a code is good once', () => {
  it('the second device that shows it is told that it was used', async () => {
    const { on, offer } = await offered();
    expect((await redeem(on, offer)).status).toBe(200);
    const again = await redeem(on, offer);
    expect([again.status, again.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    expect(again.error?.message).toMatch(/has been used/);
    expect(again.headers.get('set-cookie')).toBeNull();
  });

  it('of twenty devices that show it at once, one comes in', async () => {
    const { on, call, offer } = await offered();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(on, offer)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19);
    expect((await call<PairStatus>('/api/auth/pair')).data.devices).toHaveLength(1);
  });

  it('also when what follows fails: it is not good a second time', async () => {
    const { on, offer } = await offered();
    const broken = new TestSite({
      SESSIONS: new Proxy(env.SESSIONS, {
        get: () => () => Promise.reject(new Error('KV is down')),
      }),
    });
    expect((await redeem(broken, offer)).error?.code).toBe('STORAGE_UNAVAILABLE');
    expect((await redeem(on, offer)).error?.message).toMatch(/has been used/);
  });
});

describe('a code is good for two minutes', () => {
  it('and says so to who shows it later', async () => {
    const { on, offer } = await offered();
    vi.useFakeTimers({ toFake: ['Date'], now: offer.expiresAt });
    const late = await redeem(on, offer);
    expect([late.status, late.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    expect(late.error?.message).toMatch(/no longer good/);
  });

  it('up to the last millisecond', async () => {
    const { on, offer } = await offered();
    vi.useFakeTimers({ toFake: ['Date'], now: offer.expiresAt - 1 });
    expect((await redeem(on, offer)).status).toBe(200);
    expect(offer.expiresAt - Date.now()).toBeLessThanOrEqual(PAIRING_TTL_MS);
  });
});

describe('a code belongs to its show and to the session that made it', () => {
  it('opens no other show', async () => {
    const mine = await offered();
    const yours = await newShow();
    const stolen = await redeem(mine.on, { show: yours.presenter.show, secret: mine.offer.secret });
    expect([stolen.status, stolen.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    expect(stolen.error?.message).toMatch(/not a sign-in code of this show/);
    // The attempt took nothing from it.
    expect((await redeem(mine.on, mine.offer)).status).toBe(200);
  });

  it('dies when that session signs out, though the show goes on', async () => {
    const { on, presenter, call, offer } = await offered();
    await logIn(on, { show: presenter.show }, { token: presenter.token });
    await call('/api/auth/logout', asks);
    const late = await redeem(on, offer);
    expect([late.status, late.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    expect(late.error?.message).toMatch(/has signed out/);
  });

  it('dies with the show', async () => {
    const { on, call, offer } = await offered();
    await call('/api/auth/logout', asks);
    const late = await redeem(on, offer);
    expect([late.status, late.error?.code]).toEqual([410, 'SHOW_ENDED']);
  });
});

describe('nobody but a signed-in presenter of the show gets a code', () => {
  it.each(['', '/withdraw'])('not a participant, not a stranger: POST /api/auth/pair%s', async (path) => {
    const { on, asParticipant } = await newShow();
    const participant = await asParticipant(`/api/auth/pair${path}`, asks);
    expect([participant.status, participant.error?.code]).toEqual([403, 'FORBIDDEN']);
    const stranger = await on.call(`/api/auth/pair${path}`, asks);
    expect([stranger.status, stranger.error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it('nor may they see which devices there are, or end the show', async () => {
    const { on, asParticipant } = await newShow();
    expect((await asParticipant('/api/auth/pair')).status).toBe(403);
    expect((await asParticipant('/api/auth/end', asks)).status).toBe(403);
    expect((await on.call('/api/auth/pair')).status).toBe(401);
    expect((await on.call('/api/auth/end', asks)).status).toBe(401);
  });

  it('nor a presenter that signed out: the signature of its token is not enough', async () => {
    const { on, presenter } = await newShow();
    const second = (await logIn(on, { show: presenter.show }, { token: presenter.token })).data;
    await on.call('/api/auth/logout', { ...asks, token: second.token });
    for (const [path, method] of [
      ['/api/auth/pair', 'POST'],
      ['/api/auth/pair', 'GET'],
      ['/api/auth/pair/withdraw', 'POST'],
      ['/api/auth/end', 'POST'],
    ] as const) {
      const answer = await on.call(path, { method, token: second.token });
      expect([path, answer.status, answer.error?.code]).toEqual([path, 401, 'UNAUTHORIZED']);
    }
  });

  it('nor another site by its visitor’s cookie; nor may it sign its visitor in', async () => {
    const { on, presenter, offer } = await offered();
    const headers = { cookie: `rgl_presenter=${presenter.token}`, origin: 'https://evil.example' };
    const asked = await on.call('/api/auth/pair', { body: {}, headers });
    expect([asked.status, asked.error?.code]).toEqual([403, 'BAD_ORIGIN']);
    const foreign = await redeem(on, offer, { origin: 'https://evil.example' });
    expect([foreign.status, foreign.error?.code]).toEqual([403, 'BAD_ORIGIN']);
    expect((await redeem(on, offer, { origin: SITE })).status).toBe(200);
  });
});

describe('guessing', () => {
  it('under a right id ends the code after a few tries, and tells a wrong secret nothing', async () => {
    const { on, offer } = await offered();
    for (let nth = 0; nth < MAX_TRIES; nth++) {
      const answer = await redeem(on, guess(offer, nth));
      expect([answer.status, answer.error?.code]).toEqual([403, 'INVALID_TOKEN']);
      expect(answer.error?.message).toMatch(/not a sign-in code of this show/);
    }
    // Now not even the right one is.
    expect((await redeem(on, offer)).error?.message).toMatch(/not a sign-in code of this show/);
  });

  it('is answered alike before and after the code was used: a wrong secret does not learn which', async () => {
    const { on, offer } = await offered();
    const before = (await redeem(on, guess(offer, 1))).error;
    await redeem(on, offer);
    expect((await redeem(on, guess(offer, 2))).error).toEqual(before);
  });

  it('of ids is held back, and keeps nobody out who has a code', async () => {
    const { on, offer } = await offered();
    const random = () => ({ show: offer.show, secret: `${'A'.repeat(22)}.${'B'.repeat(32)}` });
    const codes: string[] = [];
    for (let nth = 0; nth < ATTEMPTS.acts + 2; nth++) {
      const { error } = await redeem(on, random());
      codes.push(error?.code ?? '');
      if (nth >= ATTEMPTS.acts) expect(error?.retryAfterMs).toBeGreaterThan(0);
    }
    expect(codes.filter((code) => code === 'INVALID_TOKEN')).toHaveLength(ATTEMPTS.acts);
    expect(codes.slice(ATTEMPTS.acts)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect((await redeem(on, offer)).status).toBe(200);
  });

  it('cannot be made easier by asking for many codes', async () => {
    const { call } = await newShow();
    for (let nth = 0; nth < OFFERS.acts; nth++) {
      expect((await call('/api/auth/pair', asks)).status).toBe(200);
    }
    const refused = await call('/api/auth/pair', asks);
    expect([refused.status, refused.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.error?.retryAfterMs).toBeGreaterThan(0);
  });
});

describe('the secret', () => {
  it('has 192 random bits behind an id of 128, and no two are alike', async () => {
    const { call } = await newShow();
    const secrets = new Set<string>();
    for (let nth = 0; nth < 3; nth++) {
      const { data } = await call<PairOffer>('/api/auth/pair', asks);
      expect(data.secret).toMatch(/^[\w-]{22}\.[\w-]{32}$/);
      for (const part of data.secret.split('.')) secrets.add(part);
    }
    expect(secrets.size).toBe(6);
  });

  it('is stored nowhere but as a hash, and stands in no log line, used or not', async () => {
    const lines: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => lines.push(String(line)));
    const { on, presenter, offer } = await offered();
    const [, key = ''] = offer.secret.split('.');
    await redeem(on, guess(offer, 1));
    const { token } = (await redeem(on, offer)).data;
    await redeem(on, offer);
    log.mockRestore();
    expect(lines.join('\n')).toContain('"event":"presenter_paired"');
    for (const secret of [key, offer.secret, token]) expect(lines.join('\n')).not.toContain(secret);

    const stored = await runInDurableObject(deskOf(presenter.show), (_object, state) =>
      state.storage.sql
        .exec('SELECT * FROM pairings')
        .toArray()
        .flatMap((row) => Object.values(row))
        .map((value) =>
          value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : String(value),
        ),
    );
    expect(stored.length).toBeGreaterThan(5);
    expect(stored.filter((value) => value.includes(key))).toEqual([]);
    const { keys } = await env.SESSIONS.list();
    for (const { name } of keys) {
      expect(`${name} ${(await env.SESSIONS.get(name)) ?? ''}`).not.toContain(key);
    }
  });

  it('is forgotten, with what became of it, a day later', async () => {
    const { presenter, on, offer } = await offered();
    await redeem(on, offer);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_001 });
    const left = await runInDurableObject(deskOf(presenter.show), async (object, state) => {
      await object.alarm();
      return state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'pairings'").toArray();
    });
    expect(left).toEqual([]);
  });
});
