/**
 * Reads of D1 for the recount: every order row of a room's lane in the order of its primary key, so that each row is read once,
 * and the counter that shoppers write. An index by version would cost one row written with each order, which is the price of
 * a thousand rows read (domain/prices).
 */
import type { CountedRow, InventoryRow } from '#lib/domain/auditor-rows.ts';
import { ROWS_AT_ONCE } from '../lanes/engine-rows.ts';
import type { InventoryKey, OrdersKey, Tally } from '../lanes/engine-rows.ts';
import { query, spend } from './d1.ts';

/** A page of rows of all epochs: those after an op in the order of op ids. */
export async function readRowsBehind(
  db: D1Database,
  { show, sku, lane }: OrdersKey,
  op: string,
  { spent }: Tally,
): Promise<{ rows: CountedRow[]; isLast: boolean }> {
  const select = `SELECT op, epoch, who, units, parent_version AS parentVersion, version,
                         read_allocated AS readAllocated, wrote_allocated AS wroteAllocated
                  FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op > ? ORDER BY op LIMIT ${ROWS_AT_ONCE}`;
  const rows = await spend(spent, query<CountedRow>(db, select, show, sku, lane, op));
  return { rows, isLast: rows.length < ROWS_AT_ONCE };
}

/** The current counter of an epoch, fenced or not; null when it was never stocked. */
export async function readCounter(
  db: D1Database,
  { show, sku, lane, epoch }: InventoryKey,
  { spent }: Tally,
): Promise<InventoryRow | null> {
  const select =
    'SELECT allocated, version FROM inventory WHERE show = ? AND sku = ? AND lane = ? AND epoch = ?';
  const rows = await spend(spent, query<InventoryRow>(db, select, show, sku, lane, epoch));
  return rows[0] ?? null;
}
