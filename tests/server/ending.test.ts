/** The end of a show: by its presenter, by its time, or twice at once; what stays, and what is forgotten. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import type { FullRoomState, RoomState } from '#lib/domain/room-state.ts';
import type { DownOf } from '#lib/protocol/down.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import { endShow } from '#server/room/ending.ts';
import { linesBetween } from '#lib/room/tables.ts';
import { closeConnection, Connections } from '#lib/room/connections.ts';
import type { Subscriber } from '#lib/room/connections.ts';
import { TestClient } from './support/client.ts';
import { without } from './support/faulty-database.ts';
import { inRoom, until } from './support/inner-room.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const DAY_MS = 86_400_000;

const logOut = ({ site }: TestShow, token: string) =>
  site.call('/api/auth/logout', { method: 'POST', token });

/** What D1 kept of a show that has ended. */
async function summariesOf({ presenter }: TestShow): Promise<RoomState[]> {
  const { results } = await env.DB.prepare('SELECT state FROM summaries WHERE show = ?')
    .bind(presenter.show)
    .all<{ state: string }>();
  return results.map(({ state }) => JSON.parse(state) as RoomState);
}

const alarmOf = ({ room }: TestShow) => runInDurableObject(room, (_room, state) => state.storage.getAlarm());
const closings = async (show: TestShow, token: string) =>
  (await exportLog(show.site, token)).events.filter(({ kind }) => kind === 'closed');

/** A show with a phone whose session can still read when the presenter's is gone. */
async function openWithPhone(mode: 'safe' | 'eventual' = 'safe') {
  const show = await TestShow.open({ capacity: 5 }, mode);
  const session = await show.site.join(show.presenter.show);
  const phone = await TestClient.connect(show.site, session);
  await phone.buy();
  return { show, session, phone };
}

describe("a show whose presenter's session ends", () => {
  it('can still be read: its log ends with its closing, and its audit is green', async () => {
    const { show, session } = await openWithPhone();
    await logOut(show, show.presenter.token);
    const { events } = await exportLog(show.site, session.token);
    expect(events.at(-1)).toMatchObject({ kind: 'closed', body: { by: 'presenter' } });
    const { token } = session;
    const { data } = await show.site.call<AuditResult>('/api/demo/audit?skuId=ticket', { token });
    expect(data.checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('leaves its last state in D1, and asks to be forgotten a day later', async () => {
    const { show, session } = await openWithPhone();
    const before = Date.now();
    await logOut(show, show.presenter.token);
    const { token } = session;
    const { data } = await show.site.call<RoomState>('/api/demo/state?skuId=ticket', { token });
    const [summary] = await summariesOf(show);
    expect(summary).toMatchObject({ seq: data.seq, lanes: data.lanes, show: show.presenter.show });
    const alarm = (await alarmOf(show)) ?? 0;
    expect(alarm).toBeGreaterThanOrEqual(before + DAY_MS);
    expect(alarm).toBeLessThanOrEqual(Date.now() + DAY_MS);
  });

  it('settles what is in flight first: the last state is the last', async () => {
    const { show, session, phone } = await openWithPhone('eventual');
    phone.send({ t: 'allocate', op: crypto.randomUUID(), epoch: 1, units: 2 });
    await show.stage.until(() => show.stage.state?.lanes.eventual?.inFlight === 1);
    await logOut(show, show.presenter.token);
    expect(await summariesOf(show)).toEqual([]);
    const { token } = session;
    const state = async () =>
      ofLane(
        (await show.site.call<RoomState>('/api/demo/state?skuId=ticket', { token })).data.lanes,
        'eventual',
      );
    await phone.until(() => phone.closed !== null);
    await runDurableObjectAlarm(show.room);
    const [summary] = await summariesOf(show);
    expect(summary?.lanes.eventual).toEqual(await state());
    expect(summary?.lanes.eventual).toMatchObject({ ops: 2, acknowledged: 3, inFlight: 0 });
  });

  it('ends all the same while D1 fails, and its summary comes later', async () => {
    const { show, phone } = await openWithPhone();
    await without('summaries', () => logOut(show, show.presenter.token));
    await phone.until(() => phone.closed !== null);
    expect(phone.closed?.code).toBe(4410);
    expect(await summariesOf(show)).toEqual([]);
    expect((await alarmOf(show)) ?? Infinity).toBeLessThanOrEqual(Date.now() + 10_000);
    await runDurableObjectAlarm(show.room);
    expect(await summariesOf(show)).toHaveLength(1);
  });
});

describe('a show whose time is up', () => {
  it('closes by itself, and says why', async () => {
    const { show, session, phone } = await openWithPhone();
    await show.room.extend(Date.now() + 100);
    await phone.until(() => phone.closed !== null);
    await show.stage.until(() => show.stage.closed !== null);
    expect([phone.closed?.code, show.stage.closed?.code]).toEqual([4410, 4410]);
    expect(await closings(show, session.token)).toMatchObject([{ body: { by: 'expiry' } }]);
    expect(await summariesOf(show)).toHaveLength(1);
  });

  it('closes also when it slept through it', async () => {
    const { show, session, phone } = await openWithPhone();
    await show.sleep();
    await show.room.extend(Date.now() + 100);
    await show.sleep();
    await phone.until(() => phone.closed !== null);
    expect(await closings(show, session.token)).toHaveLength(1);
  });

  it('lives on when it was extended in time', async () => {
    const { show, phone } = await openWithPhone();
    await show.room.extend(Date.now() + 100);
    const closesAt = Date.now() + 600_000;
    await show.room.extend(closesAt);
    await phone.until(() => phone.state?.closesAt === closesAt);
    await runDurableObjectAlarm(show.room);
    expect(await phone.buy()).toMatchObject({ t: 'ack' });
    expect(phone.closed).toBeNull();
  });

  it('is not changed by alarms that come early, late or twice, nor by being closed twice', async () => {
    const { show, session, phone } = await openWithPhone();
    const { seq } = phone;
    await runDurableObjectAlarm(show.room);
    await runDurableObjectAlarm(show.room);
    expect((await phone.buy()).t).toBe('ack');
    expect((await alarmOf(show)) ?? 0).toBeGreaterThan(Date.now());
    await Promise.all([
      show.room.close('presenter'),
      show.room.close('expiry'),
      logOut(show, show.presenter.token),
    ]);
    await runDurableObjectAlarm(show.room);
    await runDurableObjectAlarm(show.room);
    await show.room.close('expiry');
    await show.room.extend(Date.now() + 600_000);
    expect(await closings(show, session.token)).toHaveLength(1);
    expect(await summariesOf(show)).toHaveLength(1);
    expect(phone.seq).toBeGreaterThan(seq);
  });
});

describe('a session that expires while its socket is open', () => {
  it('loses the socket with 4401, and nobody else does', async () => {
    const { show, session, phone } = await openWithPhone();
    const other = await show.phone();
    await show.room.renew(session.sessionId, Date.now() + 100);
    await phone.until(() => phone.closed !== null);
    expect(phone.closed?.code).toBe(4401);
    await show.stage.until(() => show.stage.state?.people.phones === 1);
    expect((await other.buy()).t).toBe('ack');
    // Next comes a look who is still there, which leaves the room the time to fall asleep first.
    expect((await alarmOf(show)) ?? 0).toBeGreaterThan(Date.now() + 10_000);
  });

  it('keeps it when it is renewed, also through sleep', async () => {
    const { show, session, phone } = await openWithPhone();
    await show.room.renew(session.sessionId, Date.now() + 60_000);
    await show.room.renew(session.sessionId, Date.now() + 600_000);
    await show.sleep();
    await runDurableObjectAlarm(show.room);
    expect((await phone.buy()).t).toBe('ack');
    expect(phone.closed).toBeNull();
  });

  it('does not wake the room again and again while a dead peer keeps its closed socket', () => {
    const connections = new Connections();
    const socket = { close: () => undefined } as unknown as Subscriber;
    const caller = {
      sessionId: 's',
      role: 'participant',
      label: 'guest-1',
      expiresAt: 5,
      ipHash: '',
    } as const;
    const connection = connections.add(socket, caller, 0, 0);
    expect(connections.nextExpiry()).toBe(5);
    closeConnection(connection, 4401, 'expired');
    expect(connections.nextExpiry()).toBe(Infinity);
  });
});

describe('ops that are in flight when their show ends', () => {
  const OPS = 6;
  const RACE = { RACE_WINDOW_MS: '300' };

  /** A show of the eventual lane that ends while phones wait for their answers. */
  async function endMidFlight(ending: (show: TestShow) => Promise<unknown>) {
    const show = await TestShow.open({ capacity: 2 }, 'eventual', RACE);
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    await phone.until(() => phone.state?.mode === 'eventual');
    const ops = Array.from({ length: OPS }, () => crypto.randomUUID());
    for (const op of ops) phone.send({ t: 'allocate', op, epoch: 1 });
    await show.stage.until(() => show.stage.state?.lanes.eventual?.inFlight === OPS);
    await ending(show);
    return { show, session, phone, ops };
  }
  /** What anybody can read of it afterwards. */
  async function roomAsItStands({ site }: TestShow, { token }: { token: string }) {
    const { events } = await exportLog(site, token);
    const { data } = await site.call<RoomState>('/api/demo/state?skuId=ticket', { token });
    const { lines: _lines, ...ledger } = data.ledger as FullRoomState['ledger'];
    return { events, state: { ...data, ledger } };
  }
  const byPresenter = (show: TestShow) => logOut(show, show.presenter.token);
  const byTime = (show: TestShow) => show.room.extend(Date.now());

  it.each([
    ['by its presenter', byPresenter],
    ['by its time', byTime],
  ])('%s settle before anybody leaves: the last frame is what log and state say', async (_how, ending) => {
    const { show, session, phone, ops } = await endMidFlight(ending);
    await phone.until(() => phone.events.some(({ kind }) => kind === 'closed'));
    // Nobody new comes in, and nothing new is admitted.
    const late = await TestClient.connect(show.site, session);
    expect(late.closed?.code).toBe(4410);
    expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'SHOW_ENDED' });
    expect(phone.closed, 'it waits for its answers').toBeNull();
    for (const client of [phone, show.stage]) await client.until(() => client.closed !== null);
    expect([phone.closed?.code, show.stage.closed?.code]).toEqual([4410, 4410]);
    for (const op of ops) expect(await phone.answerTo(op)).toMatchObject({ t: 'ack' });
    const { events, state } = await roomAsItStands(show, session);
    for (const client of [phone, show.stage]) {
      expect(client.seq).toBe(events.at(-1)?.seq);
      const { lanes, ledger, epoch } = client.state!;
      expect({ lanes, ledger, epoch }).toEqual({
        lanes: state.lanes,
        ledger: state.ledger,
        epoch: state.epoch,
      });
      expect(lanes.eventual).toMatchObject({ inFlight: 0, ops: OPS, oversellDelta: OPS - 2 });
    }
    expect(events.at(-1)?.kind, 'what it came to is told last').toBe('cost');
  });

  it('are counted in the log when the lane refuses them', () => {
    const soldOut = { outcome: { kind: 'refused', code: 'OUT_OF_STOCK' }, spent: {} } as const;
    const bend = (lane: StoredLane): StoredLane => ({
      ...lane,
      carryOut: () => scheduler.wait(100).then(() => soldOut),
    });
    return inRoom({ bend }, async ({ room, tap, socket }) => {
      const heard = socket('guest-1');
      const { first } = tap();
      await until(() => room.memory.pending.size === 1);
      await endShow(room, env.DB, 'presenter');
      await first;
      await until(() => heard.closed !== null);
      const { state } = heard.findLast(({ t }) => t === 'frame') as DownOf<'frame'>;
      expect(state.seq).toBe(room.memory.facts.seq);
      expect(state.lanes.eventual).toMatchObject({ refused: { OUT_OF_STOCK: 1 }, inFlight: 0 });
    });
  });

  it('goes on after a restart in the middle: who is still connected hears the end of it', async () => {
    const { show, session, phone } = await endMidFlight(byPresenter);
    await show.sleep();
    for (const client of [phone, show.stage]) {
      await client.until(() => client.closed !== null);
      expect(client.closed?.code).toBe(4410);
      expect(client.state?.lanes.eventual).toMatchObject({ inFlight: 0, ops: OPS });
    }
    expect((await roomAsItStands(show, session)).events.at(-1)?.seq).toBe(phone.seq);
  });

  it('is not waited for longer than some seconds when the database does not answer', () =>
    inRoom(
      { bend: (lane) => ({ ...lane, carryOut: () => new Promise(() => undefined) }) },
      async ({ room, tap, socket }) => {
        void tap();
        const heard = socket('guest-1');
        await until(() => room.memory.pending.size === 1);
        const endedAtMs = Date.now();
        await endShow(room, env.DB, 'presenter');
        expect(heard.closed, 'it is waited for').toBeNull();
        await until(() => heard.closed !== null);
        expect(heard.closed).toBe(4410);
        expect(Date.now() - endedAtMs).toBeLessThan(8_000);
      },
    ));

  it('is not denied to who asks again under the same id', async () => {
    const { show, session, phone, ops } = await endMidFlight(byPresenter);
    const again = (op: string) =>
      show.site.call('/api/demo/allocate', {
        token: session.token,
        body: { skuId: 'ticket' },
        headers: { 'idempotency-key': op },
      });
    const stands = /admitted before its end/;
    const early = await again(ops[0]!);
    expect([early.status, early.error?.code]).toEqual([410, 'SHOW_ENDED']);
    expect(early.error?.message).toMatch(stands);
    await phone.until(() => phone.closed !== null);
    expect((await again(ops[0]!)).error?.message).toMatch(stands);
    expect((await again(crypto.randomUUID())).error?.message).toMatch(/Nothing was bought/);
  });
});

it('is over once, when its time and its presenter end it while the room is storing something', () =>
  inRoom({ mode: 'safe' }, async ({ room, tap }) => {
    const order = tap();
    await Promise.all([endShow(room, env.DB, 'presenter'), endShow(room, env.DB, 'expiry')]);
    expect(await order.first).toMatchObject({ kind: 'ack' });
    const { seq } = room.state();
    const kinds = linesBetween(room.ports.tables, 0, seq).map(
      (line) => (JSON.parse(line) as { kind: string }).kind,
    );
    expect(kinds.filter((kind) => kind === 'closed')).toHaveLength(1);
  }));
