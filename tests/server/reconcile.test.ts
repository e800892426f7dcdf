/** Reconciliation: whatever the database does, nothing is guessed, nothing is done twice, and every figure ends up exact. */
import { resetRoom } from '#server/room/reset-calls.ts';
import { describe, expect, it } from 'vitest';
import type { LaneResult } from '#lib/domain/lane.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import type { OpAnswer } from '#lib/room/allocate.ts';
import { without } from './support/faulty-database.ts';
import { inRoom, rowsOf, settled, until } from './support/inner-room.ts';
import type { Inner, Tap } from './support/inner-room.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

const onEventual = (answer: OpAnswer): LaneResult | string =>
  answer.kind === 'ack' ? (answer.lanes.eventual ?? 'nothing') : answer.refusal.code;

/** What a settled op is answered when it comes again. */
const inTheEnd = async ({ tap, room }: Inner, { op }: Tap) => {
  await settled(room);
  return onEventual(await tap({ op }).first);
};

/** A tap whose first write comes when the test says so, after the room has asked again. */
const lateTap = async ({ database, tap }: Inner): Promise<Tap> => {
  database.faults.push('late');
  const late = tap();
  await late.first;
  return late;
};

/** One op was allocated, once, in every count. */
const expectOneAllocated = async ({ room }: Inner) => {
  expect(await rowsOf(room.memory.opening.show)).toHaveLength(1);
  expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 1, stored: 1 });
};

describe('an op whose outcome is not known', () => {
  it('is answered pending, and settles once the database answers again', () =>
    inRoom({}, async (inner) => {
      const { room, database, tap } = inner;
      database.faults.push('refuse');
      const order = tap();
      expect(onEventual(await order.first)).toEqual({ status: 'pending', units: 1 });
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 0, inFlight: 1 });
      expect(await inTheEnd(inner, order)).toMatchObject({ status: 'allocated', units: 1 });
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 1, stored: 1, inFlight: 0 });
      expect(await rowsOf(room.memory.opening.show)).toEqual([{ op: order.op, version: 1, epoch: 1 }]);
    }));

  it('is found where it was written, when only the answer was lost', () =>
    inRoom({}, async (inner) => {
      inner.database.faults.push('lose the answer');
      const order = inner.tap();
      expect(onEventual(await order.first)).toMatchObject({ status: 'allocated' });
      expect(await rowsOf(inner.room.memory.opening.show)).toHaveLength(1);
    }));

  it('is done once, when it was written just before the database went dark', () =>
    inRoom({ capacity: 1 }, async (inner) => {
      const { room, database, tap } = inner;
      database.faults.push('go dark');
      const order = tap();
      expect(onEventual(await order.first)).toEqual({ status: 'pending', units: 1 });
      const again = tap({ op: order.op });
      expect(onEventual(await again.first)).toEqual({ status: 'pending', units: 1 });
      database.dark = false;
      // It took the only unit: a look at the stock alone would refuse it.
      expect(await inTheEnd(inner, order)).toMatchObject({ status: 'allocated' });
      expect(room.state().lanes.eventual).toMatchObject({
        acknowledged: 1,
        stored: 1,
        ops: 1,
        oversellDelta: 0,
      });
    }));

  it('is done once, when its first write comes after the second', () =>
    inRoom({}, async (inner) => {
      const late = await lateTap(inner);
      expect(await inTheEnd(inner, late)).toMatchObject({ status: 'allocated' });
      expect(await inner.database.writeLate()).toEqual(['refused']);
      await expectOneAllocated(inner);
    }));

  it('that is refused on the second try can never be written by the first', () =>
    inRoom({ capacity: 1 }, async (inner) => {
      const late = await lateTap(inner);
      await inner.tap({ who: 'guest-2' }).first;
      await settled(inner.room);
      expect(await inner.database.writeLate()).toEqual(['refused']);
      expect(await inTheEnd(inner, late)).toMatchObject({ status: 'refused', code: 'OUT_OF_STOCK' });
      await expectOneAllocated(inner);
    }));

  it('that its first try wrote is never answered refused, whatever the stock says by then', () =>
    inRoom({ capacity: 1 }, async (inner) => {
      const { room, database } = inner;
      const late = await lateTap(inner);
      database.dark = true;
      expect(await database.writeLate()).toEqual(['written']);
      database.dark = false;
      expect(await inTheEnd(inner, late)).toMatchObject({ status: 'allocated' });
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 1, stored: 1 });
    }));

  it('is told to its owner on every socket, once it is known', () =>
    inRoom({}, async ({ room, database, tap, socket }) => {
      const heard = socket('guest-1');
      database.faults.push('refuse');
      const { op, first } = tap();
      await first;
      await settled(room);
      const acks = heard.filter((message) => message.t === 'ack');
      expect(acks).toMatchObject([{ op, lanes: { eventual: { status: 'allocated' } } }]);
    }));
});

describe('a refusal that had to be made certain', () => {
  it('stays while its epoch lasts, and the op is decided anew after a reset', () =>
    inRoom({ capacity: 1 }, async (inner) => {
      const { room, tap } = inner;
      const late = await lateTap(inner);
      await tap({ who: 'guest-2' }).first;
      expect(await inTheEnd(inner, late)).toMatchObject({ code: 'OUT_OF_STOCK' });
      expect(await resetRoom(room, crypto.randomUUID(), 'host')).toEqual({ epoch: 2 });
      await tap({ op: late.op }).first;
      expect(await inTheEnd(inner, late)).toMatchObject({ status: 'allocated' });
      expect(await rowsOf(room.memory.opening.show)).toMatchObject([{ epoch: 1 }, { op: late.op, epoch: 2 }]);
    }));
});

describe('reports', () => {
  it('that come out of order are held back, and applied in the order of their versions', () => {
    const held = new Map<string, Promise<unknown>>();
    return inRoom({ bend: (lane) => slow(lane, held) }, async ({ room, database, tap }) => {
      const first = crypto.randomUUID();
      let release = () => {};
      held.set(first, new Promise<void>((resolve) => (release = resolve)));
      const early = tap({ op: first });
      await until(() => database.batches === 1);
      const late = tap({ who: 'guest-2' });
      await until(() => database.batches === 2);
      await scheduler.wait(100);
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 0, inFlight: 2 });
      release();
      const [one, two] = await Promise.all([early.first, late.first]);
      const seqs = [one, two].map((answer) => (onEventual(answer) as LaneResult).seq ?? 0);
      expect(seqs[0]).toBeLessThan(seqs[1] ?? 0);
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 2, inFlight: 0 });
    });
  });

  it('that never come are read from the rows, when the gap has been open for two seconds', () => {
    const held = new Map<string, Promise<unknown>>();
    return inRoom({ bend: (lane) => slow(lane, held) }, async ({ room, database, tap }) => {
      const lost = crypto.randomUUID();
      held.set(lost, new Promise(() => {}));
      const early = tap({ op: lost });
      await until(() => database.batches === 1);
      const openedAt = Date.now();
      const late = tap({ who: 'guest-2' });
      const answers = await Promise.all([early.first, late.first]);
      expect(answers.map((answer) => (onEventual(answer) as LaneResult).status)).toEqual([
        'allocated',
        'allocated',
      ]);
      expect(Date.now() - openedAt).toBeGreaterThanOrEqual(2_000);
      expect(Date.now() - openedAt).toBeLessThan(4_000);
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 2, inFlight: 0 });
    });
  });

  it('that take very long are answered pending after five seconds, and told when they come', () => {
    const held = new Map<string, Promise<unknown>>();
    return inRoom({ bend: (lane) => slow(lane, held) }, async ({ room, tap, socket }) => {
      const heard = socket('guest-1');
      const op = crypto.randomUUID();
      let release = () => {};
      held.set(op, new Promise<void>((resolve) => (release = resolve)));
      const { first } = tap({ op });
      expect(onEventual(await first)).toEqual({ status: 'pending', units: 1 });
      release();
      await settled(room);
      expect(heard.filter(({ t }) => t === 'ack')).toMatchObject([
        { op, lanes: { eventual: { status: 'allocated' } } },
      ]);
    });
  });
});

describe('a commit that cannot be stored', () => {
  it('leaves nothing behind: the op is refused, and the next one is as if it had never been', () =>
    inRoom({ mode: 'safe' }, async ({ room, tables, tap }) => {
      const { seq } = room.state();
      tables.broken = 1;
      expect(onEventual(await tap().first)).toBe('STORAGE_UNAVAILABLE');
      expect(room.state()).toMatchObject({ seq, lanes: { safe: { acknowledged: 0, inFlight: 0 } } });
      expect(await tap().first).toMatchObject({ lanes: { safe: { status: 'allocated', seq: seq + 1 } } });
    }));

  it('loses no report that it should have stored', () => {
    const held = new Map<string, Promise<unknown>>();
    return inRoom({ bend: (lane) => slow(lane, held) }, async ({ room, tables, database, tap }) => {
      const ops = [1, 2, 3].map(() => crypto.randomUUID());
      let release = () => {};
      const gate = new Promise<void>((resolve) => (release = resolve));
      for (const op of ops) held.set(op, gate);
      const taps = ops.map((op, index) => tap({ op, who: `guest-${index}` }));
      await until(() => database.batches === 3);
      // The first commit of reports is lost, and so is the next.
      tables.broken = 2;
      release();
      await Promise.all(taps.map(({ first }) => first));
      await settled(room);
      expect(tables.broken).toBe(0);
      expect(room.state().lanes.eventual).toMatchObject({ acknowledged: 3, ops: 3, inFlight: 0 });
    });
  });
});

describe('while D1 fails', () => {
  const buy = (show: TestShow, token: string, key: string) =>
    show.site.call<AllocateResult>('/api/demo/allocate', {
      token,
      body: { skuId: 'ticket' },
      headers: { 'idempotency-key': key },
    });

  it('an order over HTTP is answered 202 and a tap pending, and both settle when it is back', async () => {
    const show = await TestShow.open({}, 'eventual');
    const { token } = await show.site.join(show.presenter.show);
    const phone = await show.phone();
    const key = crypto.randomUUID();
    const op = crypto.randomUUID();
    const [called, tapped] = await without('orders', async () => [
      await buy(show, token, key),
      await phone.buy({ op }),
    ]);
    expect([called.status, called.data.lanes]).toEqual([202, { eventual: { status: 'pending', units: 1 } }]);
    expect(tapped).toMatchObject({ t: 'ack', lanes: { eventual: { status: 'pending' } } });
    await show.settled();
    const again = await buy(show, token, key);
    expect([again.status, again.data.lanes.eventual?.status]).toEqual([200, 'allocated']);
    const acks = phone.messages.filter((message) => message.t === 'ack' && message.op === op);
    expect(acks.at(-1)).toMatchObject({ lanes: { eventual: { status: 'allocated' } } });
    expect(show.stage.state?.lanes.eventual).toMatchObject({ acknowledged: 2, ops: 2 });
    expect(await show.failedChecks()).toEqual([]);
  });

  it('a rush waits, and counts nobody who may still be served as refused', async () => {
    const show = await TestShow.open({ capacity: 1_000 }, 'eventual');
    const { rushing } = await without('orders', async () => {
      const rushing = show.rush(20);
      await show.stage.until(() => show.stage.state?.lanes.eventual?.inFlight === 20);
      await scheduler.wait(700);
      return { rushing };
    });
    expect(await rushing).toEqual({ requested: 20, allocated: 20, refused: 0, byCode: {} });
    await show.settled();
    expect(show.stage.state?.lanes.eventual?.ops).toBe(20);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('a room that dies settles what was pending when it lives again', async () => {
    const show = await TestShow.open({}, 'eventual');
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    await without('orders', async () => {
      expect(await phone.buy({ op })).toMatchObject({ lanes: { eventual: { status: 'pending' } } });
      await show.die();
    });
    await phone.until(() => phone.closed !== null);
    const back = await TestClient.connect(show.site, session);
    await back.until(() => back.state?.lanes.eventual?.inFlight === 0);
    expect(back.state?.lanes.eventual).toMatchObject({ acknowledged: 1, stored: 1, ops: 1 });
    expect(await back.buy({ op })).toMatchObject({ t: 'ack', lanes: { eventual: { status: 'allocated' } } });
    expect(await show.failedChecks()).toEqual([]);
  });
});

/** Holds a report back until it is released. */
function slow(lane: StoredLane, held: Map<string, Promise<unknown>>): StoredLane {
  return {
    ...lane,
    carryOut: async (order, again) => {
      const report = await lane.carryOut(order, again);
      await held.get(order.buyer.op);
      return report;
    },
  };
}
