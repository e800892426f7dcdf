/** KV that is down, that hangs, and that is a minute behind: rooms do not notice, and who cannot join is told why. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { AllocateResult, LoginResult } from '#lib/protocol/http.ts';
import { figures, LONG, spread } from '../faults/support/run.ts';
import { TestClient } from './support/client.ts';
import { DEBUG_TOKEN, freshAddress, TestSite } from './support/site.ts';
import { TestShow } from './support/show.ts';

const TAPS_EACH = 10;
const PHONES = LONG ? 50 : 10;
const JOINS = 20;

type Method = 'get' | 'put' | 'delete';

/** The test's KV, with another answer to some of its methods. */
function kvWith(
  answers: Partial<Record<Method, () => Promise<unknown>>>,
  asked: { times: number },
): KVNamespace {
  return new Proxy(env.SESSIONS, {
    get: (kv, name) => {
      const answer = answers[name as Method];
      if (answer) return () => ((asked.times += 1), answer());
      const value: unknown = Reflect.get(kv, name);
      return typeof value === 'function' ? (value as () => unknown).bind(kv) : value;
    },
  });
}

const fails = () => Promise.reject(new Error('KV is down'));

it('is not needed by a room: with KV down everybody buys, comes back and is told; who joins is refused', async () => {
  const show = await TestShow.open({ capacity: 100_000 });
  const { token } = show.presenter;
  const sessions = await Promise.all(
    Array.from({ length: PHONES }, () => show.site.join(show.presenter.show)),
  );
  const asked = { times: 0 };
  const SESSIONS = kvWith({ get: fails, put: fails, delete: fails }, asked);
  const down = new TestSite({ SESSIONS });
  const phones = await Promise.all(sessions.map((session) => TestClient.connect(show.site, session)));

  const tapMs: number[] = [];
  for (let tap = 0; tap < TAPS_EACH; tap += 1) {
    await Promise.all(
      phones.map(async (phone) => {
        const began = performance.now();
        expect((await phone.buy()).t).toBe('ack');
        tapMs.push(performance.now() - began);
      }),
    );
  }
  const refusals = await Promise.all(
    Array.from({ length: JOINS }, (_, index) => {
      const { show: code } = show.presenter;
      const body = index % 2 ? { role: 'participant', show: code } : { turnstileToken: DEBUG_TOKEN };
      return down.call<LoginResult>('/api/auth/login', { body, ip: freshAddress() });
    }),
  );
  const codes = new Set(refusals.map(({ status, error }) => `${status} ${error?.code}`));
  expect(codes).toEqual(new Set(['503 STORAGE_UNAVAILABLE']));
  for (const { error } of refusals) expect(error?.message).toMatch(/\S/);

  const all = PHONES * TAPS_EACH;
  await Promise.all(phones.map((phone) => phone.until(() => phone.state?.lanes.safe?.ops === all)));
  const back = await Promise.all(
    sessions.map((session, index) => {
      const { epoch, seq } = phones[index]!;
      return TestClient.connect(down, session, { epoch, since: seq });
    }),
  );
  expect(back.every(({ closed, welcome }) => closed === null && welcome.recovered)).toBe(true);
  const order = { token: sessions[0]!.token, body: { skuId: 'ticket' } };
  expect((await down.call<AllocateResult>('/api/demo/allocate', order)).status).toBe(200);
  expect((await down.call('/api/demo/state?skuId=ticket', { token })).status).toBe(200);
  expect(await show.failedChecks()).toEqual([]);
  expect(asked.times, 'KV was asked, and was down').toBeGreaterThanOrEqual(JOINS);
  figures('KV down', {
    'calls that KV failed': asked.times,
    taps: tapMs.length,
    'taps refused': 0,
    'tap to answer': spread(tapMs),
    'sockets that came back': back.length,
    joins: JOINS,
    'joins let in': 0,
    'joins told why': refusals.length,
  });
});

it('lets nobody back in who has signed out, though KV does not know it yet', async () => {
  const show = await TestShow.open({ capacity: 100_000 });
  const asked = { times: 0 };
  // A minute behind: what is written is there, and nobody sees it.
  const stale = new TestSite({ SESSIONS: kvWith({ get: () => Promise.resolve(null) }, asked) });
  const sessions = await Promise.all(
    Array.from({ length: PHONES }, () => show.site.join(show.presenter.show)),
  );
  const phones = await Promise.all(sessions.map((session) => TestClient.connect(stale, session)));
  await Promise.all(phones.map((phone) => phone.buy()));
  const leaving = sessions.slice(0, PHONES / 2);
  for (const { token } of leaving) await stale.call('/api/auth/logout', { token, body: {} });
  await Promise.all(phones.slice(0, leaving.length).map((phone) => phone.until(() => phone.closed !== null)));

  const closes = await Promise.all(
    leaving.map(async (session) => (await TestClient.connect(stale, session)).closed?.code),
  );
  const orders = await Promise.all(
    leaving.map(({ token }) => stale.call('/api/demo/allocate', { token, body: { skuId: 'ticket' } })),
  );
  expect(new Set(closes)).toEqual(new Set([4401]));
  expect(new Set(orders.map(({ status }) => status))).toEqual(new Set([401]));
  for (const phone of phones.slice(leaving.length)) expect((await phone.buy()).t).toBe('ack');
  const newcomer = await TestClient.connect(stale, await stale.join(show.presenter.show));
  expect((await newcomer.buy()).t, 'and who has just joined is in').toBe('ack');
  expect(await show.failedChecks()).toEqual([]);
  expect(asked.times).toBeGreaterThan(0);
  figures('KV stale', {
    'reads that knew nothing': asked.times,
    'signed out': leaving.length,
    'of these let in again': closes.filter((code) => code !== 4401).length,
    'bought after signing out': orders.filter(({ status }) => status === 200).length,
    'others cut': phones.slice(leaving.length).filter(({ closed }) => closed !== null).length,
  });
});
