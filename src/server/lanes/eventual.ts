/** The eventual lane: one shopper invocation for each op, and the rows in D1 that record what happened. */
import { d1Rows } from '../storage/orders.ts';
import { overRows } from './over-rows.ts';
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
    ...overRows(id, d1Rows(db)),
  };
}
