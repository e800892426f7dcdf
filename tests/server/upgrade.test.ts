/** A deployment never ends a show: whatever older code has stored goes on, and what newer code has stored is left alone. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { ATTEMPTS, limiterName } from '#server/limiter.ts';
import type { Room } from '#server/room/room.ts';
import { RoomTables } from '#server/storage/room-tables.ts';
import { NEWER_STATE } from '#server/storage/schema.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { OLD_STATES, OldShow } from './support/old-state.ts';
import { TestShow } from './support/show.ts';
import { newShow, TestSite } from './support/site.ts';

const site = new TestSite();

/** Everybody of an old show, connected. */
async function back(old: OldShow) {
  const { presenter, phones } = old.told;
  const connect = async (person: (typeof phones)[number]) => {
    const { token, show } = await old.session(person);
    return TestClient.connect(site, { token, show, skus: [] }, null, 'ticket');
  };
  const stage = await connect(presenter);
  return { stage, phones: await Promise.all(phones.map(connect)) };
}

const failedChecks = async (token: string) =>
  (
    await site.call<{ checks: { ok: boolean }[] }>('/api/demo/audit?skuId=ticket', { token })
  ).data.checks.filter(({ ok }) => !ok);

it('has a state of every version of the tables', () => {
  expect(OLD_STATES.map(({ name }) => name)).toEqual(['tables-1', 'tables-2', 'tables-3', 'tables-4']);
});

describe.each(OLD_STATES)('a show that was stored as $name', (state) => {
  it('goes on: its log is the same byte for byte, what was in flight settles, and it sells', async () => {
    const old = new OldShow(state);
    await old.put();
    const { stage, phones } = await back(old);
    const { told } = old;
    expect(stage.welcome).toMatchObject({ epoch: told.epoch, wakes: told.wakes + 1 });
    const { token } = await old.session(told.presenter);
    const asked = await site.call<RoomState>('/api/demo/state?skuId=ticket', { token });
    expect(asked.data.ledger.virtualUsd).toBeGreaterThanOrEqual(told.ledger.virtualUsd);
    await stage.until(() => stage.state?.lanes.eventual?.inFlight === 0);
    for (const [index, { op, units }] of told.pending.entries()) {
      const answer = await phones[index]!.buy({ op, units });
      expect(answer).toMatchObject({ t: 'ack', op, epoch: told.epoch });
      expect(answer).toMatchObject({ lanes: { eventual: { status: 'allocated', units } } });
    }
    const { safe, eventual } = stage.state!.lanes;
    expect(safe?.acknowledged).toBe(told.lanes.safe?.acknowledged);
    const settled = told.pending.reduce((sum, { units }) => sum + units, 0);
    expect(eventual?.acknowledged).toBe(ofLane(told.lanes, 'eventual').acknowledged + settled);
    expect(await phones[0]!.buy()).toMatchObject({ lanes: { safe: { status: 'allocated' } } });
    const { lines } = await exportLog(site, token);
    expect(old.lines).toHaveLength(told.seq);
    expect(lines.slice(0, told.seq)).toEqual(old.lines);
    expect(await failedChecks(token)).toEqual([]);
  });

  it('knows its ops, its resets and who has logged out', async () => {
    const old = new OldShow(state);
    await old.put();
    const { phones } = await back(old);
    const { told } = old;
    expect(told.acks.length).toBeGreaterThan(5);
    for (const { op, session, epoch, lanes } of told.acks) {
      const index = told.phones.findIndex(({ sessionId }) => sessionId === session);
      const units = Object.values(lanes)[0]?.units ?? 0;
      expect(await phones[index]!.buy({ op, units, epoch })).toMatchObject({ t: 'ack', epoch, lanes });
    }
    const { token } = await old.session(told.gone);
    const { status, error } = await site.call('/api/demo/state?skuId=ticket', { token });
    expect([status, error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it('finishes a reset that had begun', async () => {
    const old = new OldShow(state);
    const key = crypto.randomUUID();
    await old.put(`INSERT INTO resets VALUES ('${key}', ${old.told.epoch}, 0, '{"by":"presenter"}')`);
    const { stage, phones } = await back(old);
    for (const client of [stage, phones[0]!]) await client.until(() => client.epoch === old.told.epoch + 1);
    expect(await phones[0]!.buy()).toMatchObject({ lanes: { safe: { status: 'allocated' } } });
    await stage.until(() => stage.state?.lanes.eventual?.inFlight === 0);
    const { token } = await old.session(old.told.presenter);
    expect(await failedChecks(token)).toEqual([]);
  });

  it('has the tables of a show that was opened today, and an alarm', async () => {
    const old = new OldShow(state);
    await old.put();
    const { token } = await old.session(old.told.presenter);
    expect((await site.call('/api/demo/state?skuId=ticket', { token })).status).toBe(200);
    const { room } = await TestShow.open();
    const tablesOf = (stub: typeof room) =>
      runInDurableObject(stub, (_room, { storage }) => columnsOf(storage.sql));
    expect(await tablesOf(old.room)).toEqual(await tablesOf(room));
    const alarm = await runInDurableObject(old.room, (_room, { storage }) => storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now());
  });
});

/** Tables and their columns. */
function columnsOf(sql: SqlStorage): Record<string, string[]> {
  const names = (query: string) =>
    sql
      .exec<{ name: string }>(query)
      .toArray()
      .map(({ name }) => name);
  const tables = names(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
  );
  return Object.fromEntries(
    tables.map((table) => [table, names(`SELECT name FROM pragma_table_info('${table}')`)]),
  );
}

describe('a state of the first version', () => {
  const [first] = OLD_STATES;

  it('goes on also when newer code had made its own tables beside it', async () => {
    const old = new OldShow(first!);
    await old.put(`
      CREATE TABLE commits (first_seq INTEGER PRIMARY KEY, last_seq INTEGER, lines TEXT, ops TEXT, gauges TEXT);
      CREATE TABLE gauges (slot INTEGER PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE guesses (session TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    `);
    const { stage, phones } = await back(old);
    expect(stage.welcome.epoch).toBe(old.told.epoch);
    expect((await phones[0]!.buy()).t).toBe('ack');
  });

  it('is as it was when it cannot be brought up to date: all of it is one transaction', () =>
    runInDurableObject(env.ROOM.getByName('scratch'), (_room, { storage }) => {
      const { sql } = storage;
      for (const name of Object.keys(columnsOf(sql))) sql.exec(`DROP TABLE ${name}`);
      sql.exec(first!.room);
      sql.exec("INSERT INTO ops VALUES ('broken', 'no JSON')");
      const before = columnsOf(sql);
      expect(() => new RoomTables(storage)).toThrow(/JSON/);
      expect(columnsOf(sql)).toEqual(before);
      sql.exec("DELETE FROM ops WHERE op = 'broken'");
      expect(new RoomTables(storage).found).toBe('raised');
      expect(new RoomTables(storage).found).toBe('current');
    }));
});

describe('a show that newer code has stored', () => {
  const newer = async () => {
    const show = await TestShow.open();
    await runInDurableObject(show.room, (_room, { storage }) => {
      storage.sql.exec('UPDATE schema SET version = version + 1');
    });
    await show.cut();
    return show;
  };

  it('is refused in a sentence, on calls and sockets, and none of it is changed', async () => {
    const show = await newer();
    const { token } = show.presenter;
    for (const path of ['state', 'log', 'audit', 'summary']) {
      const { status, error } = await site.call(
        `/api/demo/${path}?skuId=ticket&show=${show.presenter.show}`,
        {
          token,
        },
      );
      expect([path, status, error?.code, error?.message]).toEqual([
        path,
        503,
        'STORAGE_UNAVAILABLE',
        NEWER_STATE,
      ]);
    }
    const client = await TestClient.connect(site, show.presenter);
    expect(client.closed).toEqual({ code: 1011, reason: NEWER_STATE });
  });

  it('goes on once newer code is back, and is closed in time though its alarm passed meanwhile', async () => {
    const show = await newer();
    await runInDurableObject(show.room, async (room, { storage }) => {
      await storage.deleteAlarm();
      await (room as unknown as Room).onAlarm();
      expect(await storage.getAlarm()).toBeGreaterThan(Date.now());
      storage.sql.exec('UPDATE schema SET version = version - 1');
    });
    await show.cut();
    const stage = await TestClient.connect(site, show.presenter);
    expect(stage.welcome.wakes).toBe(2);
  });
});

describe('what limits an address', () => {
  /** Changes the tables of a limiter's object, which then knows nothing but them. */
  async function altered(name: string, sql: string) {
    await runInDurableObject(env.LIMITER.getByName(name), (_limiter, { storage }) => {
      storage.sql.exec(sql);
    });
    await evictDurableObject(env.LIMITER.getByName(name));
    return env.LIMITER.getByName(name);
  }

  it('goes on counting in tables that older code made', async () => {
    const name = limiterName('pair', crypto.randomUUID());
    const now = Date.now();
    for (let login = 0; login < ATTEMPTS.acts; login++) await env.LIMITER.getByName(name).takeAttempt(now);
    const limiter = await altered(
      name,
      'DROP TABLE schema; DROP TABLE pairings; DROP TABLE joins; DROP TABLE keys',
    );
    expect(await limiter.pairingStatus('nobody', now)).toMatchObject({ devices: [] });
    expect(await limiter.takeAttempt(now)).toMatchObject({ ok: false });
  });

  it('refuses in a sentence what newer code has stored', async () => {
    const { on, presenter } = await newShow();
    await env.LIMITER.getByName(limiterName('pair', presenter.show)).pairingStatus('nobody', Date.now());
    await altered(limiterName('pair', presenter.show), 'UPDATE schema SET version = version + 1');
    const asked = { token: presenter.token, method: 'POST' };
    const { status, error } = await on.call('/api/auth/pair', asked);
    expect([status, error?.code, error?.message]).toEqual([503, 'STORAGE_UNAVAILABLE', NEWER_STATE]);
  });
});
