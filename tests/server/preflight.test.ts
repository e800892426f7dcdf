/** The pre-flight check: everything is really tried, what fails is a finding, and it is the presenter's alone. */
import { env } from 'cloudflare:workers';
import { describe, expect, inject, it } from 'vitest';
import type { PreflightResult } from '#lib/protocol/preflight.ts';
import { ATTEMPTS } from '#server/limiter.ts';
import { findShow } from '#server/storage/shows.ts';
import type { Overrides } from './support/site.ts';
import { TestSite, newShow } from './support/site.ts';

const PATH = '/api/demo/preflight?skuId=ticket';
const down = (name: string) => () => {
  throw new Error(`${name} is down`);
};

/** The check of a running show, on a site of which something is broken by now. */
async function check(overrides: Overrides = {}) {
  const { presenter } = await newShow();
  const site = new TestSite(overrides);
  return site.call<PreflightResult>(PATH, { token: presenter.token });
}

/** A binding whose named method fails. */
function broken<T extends object>(binding: T, method: string): T {
  return new Proxy(binding, {
    get: (real, name) => {
      if (name === method) return down(method);
      const value: unknown = Reflect.get(real, name);
      return typeof value === 'function' ? value.bind(real) : value;
    },
  });
}

describe('a site that works', () => {
  it('is told to work, with how long each part took, and what it cost is charged to the room', async () => {
    const { presenter, call } = await newShow();
    const before = (await findShow(env.DB, presenter.show)).value;
    const { status, data, meta } = await call<PreflightResult>(PATH);
    expect(status).toBe(200);
    expect(data.version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const probe of [
      data.database.read,
      data.database.write,
      data.sessions.read,
      data.sessions.write,
      data.room,
    ]) {
      expect(probe.ok).toBe(true);
      expect(probe.ms).toBeGreaterThanOrEqual(0);
    }
    expect(data.analytics).toBe(true);
    expect(data.turnstile).toEqual({ state: 'off', ms: null, siteKey: null });
    expect(data.debugToken).toBe(true);
    const spent = (meter: string) => meta.ledger.lines.find((line) => line.meter === meter)?.quantity ?? 0;
    expect(spent('kv.write')).toBeGreaterThanOrEqual(2);
    expect(spent('d1.rowWritten')).toBeGreaterThanOrEqual(1);
    // The show is as it was.
    expect((await findShow(env.DB, presenter.show)).value).toEqual(before);
  });

  it('says no secret', async () => {
    const { call } = await newShow();
    const { data } = await call<PreflightResult>(PATH);
    const text = JSON.stringify(data);
    expect(text).not.toContain(env.DEBUG_TOKEN);
    expect(text).not.toContain(env.SESSION_SECRET);
  });
});

describe('what is broken is a finding, and hides nothing else', () => {
  it('D1 that cannot be asked', async () => {
    const { status, data } = await check({ DB: broken(env.DB, 'prepare') });
    expect(status).toBe(200);
    expect([data.database.read.ok, data.database.write.ok]).toEqual([false, false]);
    expect([data.sessions.read.ok, data.sessions.write.ok, data.room.ok]).toEqual([true, true, true]);
  });

  it('KV that cannot be read, or cannot be written', async () => {
    const unread = (await check({ SESSIONS: broken(env.SESSIONS, 'get') })).data.sessions;
    expect([unread.read.ok, unread.write.ok]).toEqual([false, true]);
    const unwritten = (await check({ SESSIONS: broken(env.SESSIONS, 'put') })).data.sessions;
    expect([unwritten.read.ok, unwritten.write.ok]).toEqual([true, false]);
  });

  it('a room that does not answer', async () => {
    const ROOM = new Proxy(env.ROOM, { get: () => () => ({ state: down('room') }) });
    const { status, data } = await check({ ROOM });
    expect([status, data.room.ok, data.database.read.ok]).toEqual([200, false, true]);
  });

  it('Analytics Engine that was not bound', async () => {
    expect((await check({ TELEMETRY: undefined })).data.analytics).toBe(false);
  });
});

describe('Turnstile', () => {
  const keys = { TURNSTILE_SITE_KEY: 'a site key', TURNSTILE_VERIFY_URL: inject('siteverify') };

  it('is ready when siteverify answers and knows the secret', async () => {
    const { data } = await check({ ...keys, TURNSTILE_SECRET_KEY: inject('turnstileSecret') });
    expect(data.turnstile).toMatchObject({ state: 'ready', siteKey: 'a site key' });
    expect(data.turnstile.ms).toBeGreaterThanOrEqual(0);
  });

  it('is told apart when the secret is not its own, or when nobody answers', async () => {
    const wrong = await check({ ...keys, TURNSTILE_SECRET_KEY: 'not the secret' });
    expect(wrong.data.turnstile.state).toBe('wrong-secret');
    const nobody = { ...keys, TURNSTILE_VERIFY_URL: 'http://127.0.0.1:9/', TURNSTILE_SECRET_KEY: 'x' };
    expect((await check(nobody)).data.turnstile.state).toBe('unreachable');
  });
});

describe('it is the presenter’s', () => {
  it('and nobody else’s', async () => {
    const { on, asParticipant } = await newShow();
    expect((await asParticipant(PATH)).error?.code).toBe('FORBIDDEN');
    expect((await on.call(PATH)).error?.code).toBe('UNAUTHORIZED');
  });

  it('of this show, for something that it sells', async () => {
    const { call } = await newShow();
    for (const path of ['/api/demo/preflight', '/api/demo/preflight?skuId=other']) {
      const { status, error } = await call(path);
      expect([status, error?.code]).toEqual([400, 'INVALID_SKU']);
    }
  });

  it('and not of one who signed out', async () => {
    const { on, presenter, call } = await newShow();
    await call('/api/auth/logout', { method: 'POST' });
    const { status, error } = await on.call(PATH, { token: presenter.token });
    expect([status, error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it('a few times a minute, each session for itself', async () => {
    const { call } = await newShow();
    for (let run = 0; run < ATTEMPTS.acts; run++) expect((await call(PATH)).status).toBe(200);
    const refused = await call(PATH);
    expect([refused.status, refused.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.error?.retryAfterMs).toBeGreaterThan(0);
    expect((await check()).status).toBe(200);
  });
});
