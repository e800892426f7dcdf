/** What is kept of a show, where, and until when: a day after its end nothing of it is left anywhere. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { roomName } from '#lib/protocol/paths.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import { limiterName } from '#server/limiter.ts';
import { forgetShows } from '#server/storage/retention.ts';
import { TestClient } from './support/client.ts';
import { without } from './support/faulty-database.ts';
import { newShow } from './support/site.ts';

const skus = [{ id: 'a', capacity: 5 }, { id: 'b' }];

/** A show that left something in every store: orders on both lanes, a reset, a pairing, somebody who left. */
async function endedShow() {
  const { on, presenter, participant, call, asParticipant } = await newShow({ skus });
  const phone = await TestClient.connect(on, participant);
  for (const { id } of skus) {
    await call('/api/demo/control', { body: { skuId: id, mode: 'both' } });
    const headers = { 'idempotency-key': crypto.randomUUID() };
    await asParticipant('/api/demo/allocate', { body: { skuId: id }, headers });
  }
  await call('/api/demo/reset', { body: {} });
  await call('/api/auth/pair', { method: 'POST' });
  const leaving = await on.join(presenter.show);
  await on.call('/api/auth/logout', { method: 'POST', token: leaving.token });
  await call('/api/auth/end', { method: 'POST' });
  await phone.until(() => phone.closed !== null);
  const rooms = skus.map(({ id }) => env.ROOM.getByName(roomName(presenter.show, id)));
  for (const room of rooms) await evictDurableObject(room);
  return { on, show: presenter.show, rooms };
}

/** Moves the clock of everything that runs here. */
function setClock(now: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now });
  onTestFinished(() => void vi.useRealTimers());
}

/** Rows of a show in each table of D1 that has any; whichever tables there are. */
async function rowsOf(show: string): Promise<Record<string, number>> {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
    sql: string;
  }>();
  const counts: Record<string, number> = {};
  for (const { name, sql } of results) {
    const column = name === 'shows' ? 'code' : /\bshow\s+TEXT/.exec(sql) ? 'show' : null;
    if (column === null) continue;
    const count = env.DB.prepare(`SELECT COUNT(*) AS n FROM ${name} WHERE ${column} = ?`);
    const n = await count.bind(show).first<number>('n');
    if (n) counts[name] = n;
  }
  return counts;
}

function leftIn(stub: DurableObjectStub<undefined>) {
  return runInDurableObject(stub, async (_, { storage }) => {
    const tables = storage.sql.exec(
      "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'",
    );
    return { tables: tables.toArray(), values: (await storage.list()).size, alarm: await storage.getAlarm() };
  });
}
const NOTHING = { tables: [], values: 0, alarm: null };

describe('of a show that has ended', () => {
  it('everything is kept for a day: rows of every table, its rooms, its keys', async () => {
    const { on, show, rooms } = await endedShow();
    expect(Object.keys(await rowsOf(show)).sort()).toEqual([
      'departures',
      'inventory',
      'orders',
      'presenters',
      'shows',
      'summaries',
    ]);
    setClock(Date.now() + KEPT_MS - 60_000);
    for (const room of rooms) await runDurableObjectAlarm(room);
    expect((await on.call(`/api/demo/summary?show=${show}`)).status).toBe(200);
    expect((await rowsOf(show))['orders']).toBe(2);
  });

  it('nothing is left anywhere when its day is over', async () => {
    const { on, show, rooms } = await endedShow();
    setClock(Date.now() + KEPT_MS + 60_000);
    for (const room of rooms) await runDurableObjectAlarm(room);
    expect(await rowsOf(show)).toEqual({});
    for (const room of rooms) expect(await leftIn(room)).toEqual(NOTHING);
    expect(await leftIn(env.LIMITER.getByName(limiterName('keys', show)))).toEqual(NOTHING);
    for (const kind of ['pair', 'join'] as const) {
      const limiter = env.LIMITER.getByName(limiterName(kind, show));
      await runDurableObjectAlarm(limiter);
      expect(await leftIn(limiter), kind).toEqual(NOTHING);
    }
    const { status, error } = await on.call(`/api/demo/summary?show=${show}`);
    expect([status, error?.code]).toEqual([404, 'UNKNOWN_SHOW']);
  });

  it('a room that finds D1 silent forgets later, and answers nobody meanwhile', async () => {
    const { on, show, rooms } = await endedShow();
    const [room] = rooms;
    if (!room) throw new Error('no room');
    setClock(Date.now() + KEPT_MS + 60_000);
    await without('orders', () => runDurableObjectAlarm(room));
    expect((await on.call(`/api/demo/log?show=${show}&skuId=a`)).status).toBe(410);
    expect((await leftIn(room)).alarm).toBe(Date.now() + 600_000);
    await runDurableObjectAlarm(room);
    expect(await leftIn(room)).toEqual(NOTHING);
    expect(await rowsOf(show)).toEqual({});
  });

  it('a live show loses nothing when another one is forgotten', async () => {
    const { presenter, asParticipant } = await newShow();
    await asParticipant('/api/demo/allocate', { body: { skuId: 'ticket' } });
    const before = await rowsOf(presenter.show);
    expect(await forgetShows(env.DB, presenter.show, Date.now())).toBeGreaterThan(Date.now() + KEPT_MS);
    expect(await rowsOf(presenter.show)).toEqual(before);
  });

  it('what a show left whose rooms were never opened goes with the next one', async () => {
    const code = crypto.randomUUID();
    const add = 'INSERT INTO shows (code, opened_at, closes_at, skus) VALUES (?, 0, 1, ?)';
    await env.DB.prepare(add).bind(code, '[]').run();
    await env.DB.prepare("INSERT INTO presenters VALUES (?, 'somebody', 1)").bind(code).run();
    await forgetShows(env.DB, 'ANYONE', Date.now());
    expect(await rowsOf(code)).toEqual({});
  });
});

describe('of a session', () => {
  it('KV keeps its record and its logout for as long as its token is good, and nothing for longer', async () => {
    const { presenter, participant, asParticipant } = await newShow();
    await asParticipant('/api/auth/logout', { method: 'POST' });
    const { keys } = await env.SESSIONS.list();
    const own = keys.filter(({ name }) =>
      [presenter, participant].some(({ sessionId }) => name.endsWith(sessionId)),
    );
    expect(own.map(({ name }) => name.split(':')[0]).sort()).toEqual(['gone', 'session']);
    const latest = Date.now() / 1_000 + 1_200;
    for (const { name, expiration } of keys) {
      expect(expiration, name).toBeLessThanOrEqual(Math.ceil(latest));
    }
  });
});
