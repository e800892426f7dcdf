/** The eventual lane: one shopper invocation for each op, and the rows in D1 that record what happened. */
import { fenceInventory, readOrders, stockInventory } from '../storage/orders.ts';
import { readCounter, readRowsBehind } from '../storage/recount.ts';
import type { StoredLane } from './stored-lane.ts';
import type { Shopper } from './shopper.ts';

/**
 * The eventual lane over a database and a way to call shoppers.
 * @param pauseMs the race window: how long a shopper leaves what it read alone before it writes.
 */
export function eventualLane(db: D1Database, shopper: Pick<Shopper, 'shop'>, pauseMs: number): StoredLane {
  const id = 'eventual';
  return {
    id,
    async carryOut(order, again) {
      return await shopper.shop(order, pauseMs, again);
    },
    open: ({ show, sku, epoch, capacity }) => stockInventory(db, { show, sku, lane: id, epoch }, capacity),
    fence: ({ show, sku, epoch, capacity }) => fenceInventory(db, { show, sku, lane: id, epoch }, capacity),
    async writesAfter({ show, sku, epoch }, version) {
      const { value: orders, spent } = await readOrders(db, { show, sku, lane: id, epoch }, version);
      const writes = orders.map(({ readAtMs, wroteAtMs, epoch: _epoch, ...write }) => ({
        write,
        times: { readAtMs, wroteAtMs },
      }));
      return { writes, spent };
    },
    rowsBehind: ({ show, sku }, op) => readRowsBehind(db, { show, sku, lane: id }, op),
    counter: ({ show, sku, epoch }) => readCounter(db, { show, sku, lane: id, epoch }),
  };
}
