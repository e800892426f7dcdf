/** A reset is a barrier: every op is entirely before it, or refused STALE_EPOCH. */
import { resetRoom } from '#server/room/reset-calls.ts';
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import type { LaneId, LaneResult, Mode } from '#lib/domain/lane.ts';
import { modesOf } from '#lib/domain/by-lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import type { AllocateResult, ResetResult } from '#lib/protocol/http.ts';
import { TestClient } from './support/client.ts';
import { without } from './support/faulty-database.ts';
import { exportLog } from './support/log.ts';
import { inRoom, settled } from './support/inner-room.ts';
import { TestShow } from './support/show.ts';
import type { Answered } from './support/site.ts';
import { freshAddress } from './support/site.ts';

const allocations = (events: readonly RoomEvent[]) =>
  events.filter((event): event is EventOf<'allocated'> => event.kind === 'allocated');

/** Sends a reset over HTTP, from an address of its own unless one is given. */
const reset = (show: TestShow, key: string, ip = freshAddress(), body: object = {}) =>
  show.site.call<ResetResult>('/api/demo/reset', {
    token: show.presenter.token,
    body,
    ip,
    headers: { 'idempotency-key': key },
  });

const wakeUp = (show: TestShow) =>
  show.site.call('/api/demo/state?skuId=ticket', { token: show.presenter.token });

describe('a reset', () => {
  it('reaches every SKU of the show, or the one that is named', async () => {
    const show = await TestShow.open();
    const presenter = await show.site.openShow({ skus: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
    const call = (body: object) =>
      show.site.call<ResetResult>('/api/demo/reset', { token: presenter.token, body, ip: freshAddress() });
    expect((await call({})).data.epochs).toEqual({ a: 2, b: 2, c: 2 });
    expect((await call({ skuId: 'b' })).data.epochs).toEqual({ b: 3 });
  });

  it('that is asked for twice at once, with two keys, is one reset for both', async () => {
    const show = await TestShow.open({}, 'eventual');
    const phone = await show.phone();
    // One op in flight keeps the first from being done before the second comes.
    phone.send({ t: 'allocate', op: crypto.randomUUID(), epoch: 1 });
    await show.stage.until(() => show.stage.state?.lanes.eventual?.inFlight === 1);
    const keys = [crypto.randomUUID(), crypto.randomUUID()];
    const answers = await Promise.all(keys.map((key) => reset(show, key)));
    expect(answers.map(({ data }) => data.epochs)).toEqual([{ ticket: 2 }, { ticket: 2 }]);
    for (const key of keys) expect((await reset(show, key)).data.epochs).toEqual({ ticket: 2 });
    const { events } = await exportLog(show.site, show.presenter.token);
    expect(events.filter(({ kind }) => kind === 'reset')).toHaveLength(1);
  });
});

describe.each(modesOf(PAIR))('a reset that races 500 ops in mode %s', (mode: Mode) => {
  it('finds each of them before it, or refuses it as stale', async () => {
    const show = await TestShow.open({ capacity: 10_000 }, mode);
    const { token } = show.presenter;
    const buy = () =>
      show.site.call<AllocateResult>('/api/demo/allocate', { token, body: { skuId: 'ticket', mode } });
    // The presenter's own bucket holds 200; the rush brings the rest, each shopper with a bucket of its own.
    const rushing = show.rush(350);
    const answers: Promise<Answered<AllocateResult>>[] = [];
    let resetting: ReturnType<typeof reset> | null = null;
    for (let wave = 0; wave < 15; wave++) {
      for (let tap = 0; tap < 10; tap++) answers.push(buy());
      await scheduler.wait(20);
      // As soon as something was sold, and with more on the way.
      if (allocations(show.stage.events).length > 0) resetting ??= reset(show, crypto.randomUUID());
    }
    await show.stage.until(() => allocations(show.stage.events).length > 0);
    expect((await (resetting ?? reset(show, crypto.randomUUID()))).data).toEqual({ epochs: { ticket: 2 } });
    answers.push(buy());
    const told = await Promise.all(answers);
    const rushed = await rushing;
    expect(rushed.allocated + rushed.refused).toBe(350);
    await show.settled(() => show.stage.epoch === 2);

    const { events } = await exportLog(show.site, token);
    const line = events.findIndex(({ kind }) => kind === 'reset');
    const before = allocations(events.slice(0, line));
    const after = allocations(events.slice(line));
    expect(before.every(({ epoch }) => epoch === 1) && after.every(({ epoch }) => epoch === 2)).toBe(true);
    const where = new Map(allocations(events).map(({ body, epoch }) => [`${body.lane} ${body.op}`, epoch]));
    let stale = 0;
    for (const { status, data, error } of told) {
      if (status !== 200) {
        expect(['STALE_EPOCH', 'BUSY']).toContain(error?.code);
        stale += Number(error?.code === 'STALE_EPOCH');
        continue;
      }
      for (const [lane, result] of Object.entries(data.lanes) as [LaneId, LaneResult][]) {
        if (result.status === 'allocated') expect(where.get(`${lane} ${data.opId}`)).toBe(data.epoch);
        else expect(result).toMatchObject({ status: 'refused', code: 'STALE_EPOCH' });
      }
    }
    // The race was one: ops on both sides of the line.
    expect(before.length).toBeGreaterThan(0);
    expect(after.length).toBeGreaterThan(0);
    expect(mode === 'safe' || stale + (rushed.byCode.STALE_EPOCH ?? 0) > 0).toBe(true);

    const { results: rows } = await env.DB.prepare(
      'SELECT op, epoch FROM orders WHERE show = ? AND version > 0 ORDER BY epoch, version',
    )
      .bind(show.presenter.show)
      .all();
    const logged = allocations(events).filter(({ body }) => body.lane === 'eventual');
    expect(rows).toEqual(logged.map(({ body, epoch }) => ({ op: body.op, epoch })));
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('a reset that meets trouble', () => {
  it('goes on by itself when the room dies in the middle of it', async () => {
    const show = await TestShow.open({}, 'eventual');
    const phone = await show.phone();
    const op = crypto.randomUUID();
    const key = crypto.randomUUID();
    const answer = await without('inventory', async () => {
      const asked = reset(show, key).catch(() => null);
      await runInDurableObject(show.room, async (_room, state) => {
        const begun = () =>
          state.storage.sql.exec('SELECT 1 FROM resets WHERE done = 0').toArray().length > 0;
        while (!begun()) await scheduler.wait(5);
      });
      await show.die();
      return asked;
    });
    // Whoever asked cannot know; the room does.
    expect(answer === null || answer.status >= 500).toBe(true);
    await phone.until(() => phone.closed !== null);
    const stage = await TestClient.connect(show.site, show.presenter);
    await stage.until(() => stage.epoch === 2);
    expect((await reset(show, key)).data).toEqual({ epochs: { ticket: 2 } });
    expect(await stage.buy({ op })).toMatchObject({ t: 'ack', epoch: 2 });
  });

  it('waits for a database that fails, sells nothing meanwhile, and ends as soon as it answers', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    await phone.buy();
    const key = crypto.randomUUID();
    const early = await without('inventory', async () => {
      const asked = await reset(show, key);
      expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
      return asked;
    });
    expect([early.status, early.error?.code]).toEqual([503, 'STORAGE_UNAVAILABLE']);
    await show.stage.until(() => show.stage.epoch === 2);
    await phone.until(() => phone.epoch === 2);
    expect(phone.state?.lanes.safe?.acknowledged).toBe(0);
    expect(await phone.buy()).toMatchObject({ t: 'ack', epoch: 2 });
    expect((await reset(show, key)).data).toEqual({ epochs: { ticket: 2 } });
    await wakeUp(show);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('begins no epoch before the line is drawn, though nothing is in flight any more', () => {
    let draw = () => {};
    const drawn = new Promise<void>((resolve) => (draw = resolve));
    const bend = (lane: StoredLane): StoredLane => ({
      ...lane,
      fence: (room) => drawn.then(() => lane.fence(room)),
    });
    return inRoom({ bend }, async ({ room, tap }) => {
      const inFlight = tap();
      const resetting = resetRoom(room, crypto.randomUUID(), 'host');
      expect(await inFlight.first).toMatchObject({ epoch: 1, lanes: { eventual: { status: 'allocated' } } });
      expect(room.state()).toMatchObject({ epoch: 1, lanes: { eventual: { ops: 1, inFlight: 0 } } });
      expect(await tap().first).toMatchObject({ refusal: { code: 'STALE_EPOCH' } });
      draw();
      expect(await resetting).toEqual({ epoch: 2 });
      expect(await tap().first).toMatchObject({ epoch: 2, lanes: { eventual: { status: 'allocated' } } });
    });
  });

  it('waits for an op whose outcome is not known, and leaves it in its own epoch', () =>
    inRoom({}, async ({ room, database, tap }) => {
      database.faults.push('go dark');
      const { op, first } = tap();
      await first;
      const resetting = resetRoom(room, crypto.randomUUID(), 'host');
      await scheduler.wait(700);
      expect(room.state().epoch).toBe(1);
      database.dark = false;
      expect(await resetting).toEqual({ epoch: 2 });
      expect(await tap({ op }).first).toMatchObject({
        epoch: 1,
        lanes: { eventual: { status: 'allocated' } },
      });
      await settled(room);
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 0, stored: 0, inFlight: 0 });
    }));
});
