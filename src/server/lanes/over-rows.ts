/** What a lane does beside selling, over an engine's rows: the same for every lane. */
import type { LaneId } from '#lib/domain/lane.ts';
import { newTally } from './engine-rows.ts';
import type { EngineRows } from './engine-rows.ts';
import type { StoredLane } from './stored-lane.ts';

/** The part of a lane that only reads and keeps its rows. */
export function overRows(
  lane: LaneId,
  rows: EngineRows,
): Pick<StoredLane, 'open' | 'fence' | 'writesAfter' | 'rowsBehind' | 'counter'> {
  return {
    async open({ show, sku, epoch, capacity }) {
      const tally = newTally();
      await rows.stock({ show, sku, lane, epoch }, capacity, tally);
      return tally.spent;
    },
    async fence({ show, sku, epoch, capacity }) {
      const tally = newTally();
      await rows.fence({ show, sku, lane, epoch }, capacity, tally);
      return tally.spent;
    },
    async writesAfter({ show, sku, epoch }, version) {
      const tally = newTally();
      const orders = await rows.ordersAfter({ show, sku, lane, epoch }, version, tally);
      const writes = orders.map(({ readAtMs, wroteAtMs, epoch: _epoch, ...write }) => ({
        write,
        times: { readAtMs, wroteAtMs },
      }));
      return { writes, spent: tally.spent };
    },
    async rowsBehind({ show, sku }, op) {
      const tally = newTally();
      return { ...(await rows.rowsBehind({ show, sku, lane }, op, tally)), spent: tally.spent };
    },
    async counter({ show, sku, epoch }) {
      const tally = newTally();
      return { inventory: await rows.counter({ show, sku, lane, epoch }, tally), spent: tally.spent };
    },
  };
}
