/**
 * What every lane over an engine promises of one order, whatever the engine: it is written at most once, what is answered is what
 * the rows say, and after a fence nothing follows. And what careless lanes do not promise, and break.
 */
import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Report } from '#lib/room/lane.ts';
import { siteLane } from '#server/engines/site-lanes.ts';
import { atOnce, ENGINES_HERE, isBlind, LANES_HERE, objectOf, Shelf } from './support/connected.ts';

/** Round trips of a sale that nobody is in the way of. */
const TRIPS: Partial<Record<LaneId, number>> = {
  'postgres-blind': 2,
  'postgres-conditional': 1,
  'postgres-for-update': 4,
  'postgres-serializable': 4,
  'dynamodb-put': 2,
  'dynamodb-conditional': 1,
  'redis-script': 1,
};

const kinds = (reports: readonly Report[]) =>
  reports.map(({ outcome }) => (outcome.kind === 'refused' ? outcome.code : outcome.kind));
const count = (reports: readonly Report[], kind: string) =>
  kinds(reports).filter((each) => each === kind).length;

describe.each(LANES_HERE)('an order on %s', (lane) => {
  it('is written once, however often it comes at the same moment', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    const order = shelf.order();
    const reports = await atOnce(6, (turn) => shelf.sell(order, { again: turn % 2 === 1 }));
    expect(kinds(reports)).toEqual(reports.map(() => 'written'));
    expect(new Set(reports.map(({ outcome }) => JSON.stringify(outcome))).size).toBe(1);
    expect(await shelf.writes()).toMatchObject([{ op: order.buyer.op, parentVersion: 0, version: 1 }]);
    expect(await shelf.counter()).toEqual({ allocated: 1, version: 1 });
  });

  it('that was written is found when it is asked again, although nothing is left', async () => {
    const shelf = await Shelf.stocked(lane, 1);
    const order = shelf.order();
    const first = await shelf.sell(order);
    expect(kinds([first, await shelf.sell()])).toEqual(['written', 'OUT_OF_STOCK']);
    expect((await shelf.sell(order, { again: true })).outcome).toEqual(first.outcome);
    expect(await shelf.counter()).toEqual({ allocated: 1, version: 1 });
  });

  it('that is refused on the second try can never be written by the first', async () => {
    const shelf = await Shelf.stocked(lane, 1);
    const order = shelf.order();
    const slow = shelf.sell(order, { pauseMs: 400 });
    const other = await shelf.sell(shelf.order(), { pauseMs: 0 });
    const again = await shelf.sell(order, { again: true });
    const reports = [await slow, again];
    // Careful lanes may have sold to it before the other came; what counts is that both tries are told the same.
    const isSold = kinds([other])[0] === 'OUT_OF_STOCK';
    expect(kinds(reports)).toEqual(reports.map(() => (isSold ? 'written' : 'OUT_OF_STOCK')));
    expect(await shelf.writes()).toHaveLength(1);
  });

  it('tells what it took', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    await shelf.sell();
    const { outcome, work } = await shelf.sell();
    expect(outcome).toMatchObject({ kind: 'written', write: { parentVersion: 1, version: 2 } });
    expect(work?.attempts).toBe(1);
    const trips = TRIPS[lane];
    if (trips === undefined) expect(work?.roundTrips).toBeGreaterThan(0);
    else expect(work?.roundTrips).toBe(trips);
  });

  it('that an object was killed over is settled by the rows: once, or not at all', async () => {
    const shelf = await Shelf.stocked(lane, 8);
    const orders = Array.from({ length: 16 }, () => shelf.order());
    const sent = orders.map((order) => shelf.sell(order).catch(() => null));
    // Some have been written by then, some are on their way, some wait.
    await Promise.race(sent);
    await runInDurableObject(objectOf(lane), (_object, state) => state.abort('killed by the test')).catch(
      () => undefined,
    );
    await Promise.all(sent);
    const settled = await Promise.all(orders.map((order) => settle(shelf, order)));
    const told = settled.flatMap(({ outcome }) => (outcome.kind === 'written' ? [outcome.write] : []));
    expect(told.sort((a, b) => a.version - b.version)).toEqual(await shelf.writes());
    if (!isBlind(lane)) expect(told).toHaveLength(8);
  });

  it('is busy where too many wait, and then has sold nothing', async () => {
    const shelf = await Shelf.stocked(lane, 1_000);
    const reports = await atOnce(300, () => shelf.sell(shelf.order(), { pauseMs: 0 }));
    const [written, busy] = [count(reports, 'written'), count(reports, 'BUSY')];
    expect([written + busy, busy > 0]).toEqual([300, true]);
    expect(await shelf.writes()).toHaveLength(written);
  });

  it('pays each of its round trips at a distance', async () => {
    const { distances } = siteLane(ENGINES_HERE, lane);
    if (!distances.includes(80)) return;
    const shelf = await Shelf.stocked(lane, 10);
    const far = () => shelf.sell(shelf.order(undefined, 1, 80), { pauseMs: 0 });
    await far();
    const beganMs = Date.now();
    const { work } = await far();
    expect(Date.now() - beganMs).toBeGreaterThanOrEqual((work?.roundTrips ?? Infinity) * 80);
  });
});

/** Asks again until the outcome is known, as a room does. */
async function settle(shelf: Shelf, order: ReturnType<Shelf['order']>): Promise<Report> {
  for (;;) {
    const report = await shelf.sell(order, { again: true }).catch(() => null);
    if (report && report.outcome.kind !== 'unknown') return report;
    await scheduler.wait(20);
  }
}

describe.each(LANES_HERE)('the shelf of %s', (lane) => {
  it('is sold to a crowd exactly once, or by careless statements too often and miscounted', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    const reports = await atOnce(40, () => shelf.sell());
    const written = count(reports, 'written');
    const writes = await shelf.writes();
    expect(written + count(reports, 'OUT_OF_STOCK')).toBe(40);
    expect(writes.map(({ version }) => version)).toEqual(writes.map((_, index) => index + 1));
    const counter = await shelf.counter();
    expect([writes.length, counter?.version]).toEqual([written, written]);
    if (isBlind(lane)) {
      expect(written).toBeGreaterThan(10);
      expect(counter?.allocated).toBeLessThan(written);
      expect(counter?.allocated).toBe(writes.at(-1)?.wroteAllocated);
    } else {
      expect([written, counter?.allocated]).toEqual([10, 10]);
      for (const { parentVersion, version, readAllocated, wroteAllocated } of writes)
        expect([parentVersion, readAllocated, wroteAllocated]).toEqual([version - 1, version - 1, version]);
    }
  });

  it('is sold all or nothing', async () => {
    const shelf = await Shelf.stocked(lane, 5);
    const sell = (units: number) => {
      const order = shelf.order();
      return shelf.sell({ ...order, buyer: { ...order.buyer, units } });
    };
    const reports = [await sell(4), await sell(2), await sell(1), await sell(1)];
    expect(kinds(reports)).toEqual(['written', 'OUT_OF_STOCK', 'written', 'OUT_OF_STOCK']);
    expect(await shelf.counter()).toEqual({ allocated: 5, version: 2 });
  });

  it('is fenced while orders are under way: after the fence no write of the epoch follows', async () => {
    const shelf = await Shelf.stocked(lane, 1_000);
    const fence = () => objectOf(lane).fence(shelf.room);
    const sent = Array.from({ length: 30 }, () => shelf.sell(shelf.order(), { pauseMs: 60 }));
    await Promise.race(sent.slice(0, 3));
    await fence();
    const atTheFence = await shelf.writes();
    const reports = await Promise.all(sent);
    expect(count(reports, 'written') + count(reports, 'STALE_EPOCH')).toBe(30);
    expect(await shelf.writes()).toEqual(atTheFence);
    expect(atTheFence).toHaveLength(count(reports, 'written'));
    await fence();
    expect(kinds([await shelf.sell()])).toEqual(['STALE_EPOCH']);
    expect(kinds([await shelf.sell(shelf.order(undefined, 2))])).toEqual(['written']);
    expect(await shelf.writes(2)).toMatchObject([{ parentVersion: 0, version: 1, wroteAllocated: 1 }]);
    expect(await shelf.writes()).toEqual(atTheFence);
  });

  it('that was never stocked sells nothing', async () => {
    const shelf = await Shelf.stocked(lane, 10);
    const order = shelf.order(undefined, 7);
    expect(kinds([await shelf.sell(order), await shelf.sell(order, { again: true })])).toEqual([
      'STALE_EPOCH',
      'STALE_EPOCH',
    ]);
    expect(await shelf.counter(7)).toBeNull();
  });

  it('lets an op that was voided be decided anew in the next epoch', async () => {
    const shelf = await Shelf.stocked(lane, 1);
    await shelf.sell();
    const order = shelf.order();
    expect(kinds([await shelf.sell(order, { again: true }), await shelf.sell(order)])).toEqual([
      'OUT_OF_STOCK',
      'OUT_OF_STOCK',
    ]);
    expect(await shelf.rows()).toContainEqual(
      expect.objectContaining({ op: order.buyer.op, version: 0, epoch: 1 }),
    );
    await objectOf(lane).fence(shelf.room);
    expect(kinds([await shelf.sell(shelf.order(order.buyer.op, 2), { again: true })])).toEqual(['written']);
  });

  it('is recounted by its rows, all epochs in the order of ops', async () => {
    const shelf = await Shelf.stocked(lane, 30);
    await atOnce(12, () => shelf.sell());
    await objectOf(lane).fence(shelf.room);
    await shelf.sell(shelf.order(undefined, 2));
    const rows = await shelf.rows();
    const ops = rows.map(({ op }) => op);
    expect(ops).toEqual([...ops].sort());
    const written = [...(await shelf.writes()), ...(await shelf.writes(2))];
    expect(rows.map(({ epoch: _, ...write }) => write)).toEqual(
      written.sort((a, b) => (a.op < b.op ? -1 : 1)),
    );
    expect(rows.map(({ epoch }) => epoch).sort()).toEqual([...written.slice(1).map(() => 1), 2]);
    await objectOf(lane).forget(shelf.room);
    expect([await shelf.rows(), await shelf.counter(), await shelf.counter(2)]).toEqual([[], null, null]);
  });
});
