/**
 * D1: the stock that the eventual lane reads and writes blindly, and the order rows that record its lineage. Raw SQL on purpose:
 * the statements are what the demonstration shows.
 */
import type { Reading, TimedWrite } from '#lib/domain/write.ts';
import type { EngineRows, InventoryKey, OrderRow, Tally } from '../lanes/engine-rows.ts';
import { batch, query, spend } from './d1.ts';
import type { Statement } from './d1.ts';
import { readCounter, readRowsBehind } from './recount.ts';

/** The rows of D1. */
export function d1Rows(db: D1Database): EngineRows {
  return {
    async stock(key, capacity, { spent }) {
      await spend(spent, query(db, ...untouched(key, capacity)));
    },
    async fence(key, capacity, { spent }) {
      const fence = 'UPDATE inventory SET fenced = 1 WHERE show = ? AND sku = ? AND lane = ? AND epoch = ?';
      const next = untouched({ ...key, epoch: key.epoch + 1 }, capacity);
      await spend(spent, batch(db, [[fence, ...valuesOf(key)], next]));
    },
    async readOrder({ show, sku, lane }, op, { spent }) {
      const select = `SELECT ${ORDER_COLUMNS} FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op = ?`;
      const rows = await spend(spent, query<OrderRow>(db, select, show, sku, lane, op));
      return rows[0] ?? null;
    },
    async voidOrder({ show, sku, lane, epoch }, { op, who, units }, { spent }) {
      const insert = `INSERT OR IGNORE INTO orders (show, sku, op, lane, epoch, who, units, parent_version, version,
                                                    read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
                      VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)`;
      await spend(spent, query(db, insert, show, sku, op, lane, epoch, who, units));
    },
    async dropVoid({ show, sku, lane, epoch }, op, { spent }) {
      const drop =
        'DELETE FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op = ? AND version = 0 AND epoch < ?';
      await spend(spent, query(db, drop, show, sku, lane, op, epoch));
    },
    ordersAfter(key, version, { spent }) {
      const select = `SELECT ${ORDER_COLUMNS} FROM orders
                      WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND version > ? ORDER BY version`;
      return spend(spent, query<OrderRow>(db, select, ...valuesOf(key), version));
    },
    rowsBehind: (key, op, tally) => readRowsBehind(db, key, op, tally),
    counter: (key, tally) => readCounter(db, key, tally),
  };
}

/** Reads the stock; null when the epoch is fenced or was never stocked. */
export async function readInventory(
  db: D1Database,
  key: InventoryKey,
  { spent }: Tally,
): Promise<Reading | null> {
  const select = `SELECT allocated, capacity, version FROM inventory
                  WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0`;
  const rows = await spend(spent, query<Reading>(db, select, ...valuesOf(key)));
  return rows[0] ?? null;
}

/**
 * The blind write: stores `wroteAllocated` whatever is stored by now, makes the next version, and inserts the order row with the
 * version that was read, in one batch. Returns the version made; null when the epoch was fenced meanwhile. For an op that has a
 * row already the insert fails on the primary key, and nothing changes.
 */
export async function writeInventory(
  db: D1Database,
  key: InventoryKey,
  order: Omit<TimedWrite, 'version'>,
  { spent }: Tally,
): Promise<number | null> {
  const { op, who, units, parentVersion, readAllocated, wroteAllocated, readAtMs, wroteAtMs } = order;
  const written = batch<{ version: number }>(db, [
    [
      `UPDATE inventory SET allocated = ?, version = version + 1
       WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0 RETURNING version`,
      wroteAllocated,
      ...valuesOf(key),
    ],
    [
      `INSERT INTO orders (show, sku, op, lane, epoch, who, units, parent_version, version,
                           read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
       SELECT show, sku, ?, lane, epoch, ?, ?, ?, version, ?, ?, ?, ? FROM inventory
       WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0`,
      ...[op, who, units, parentVersion, readAllocated, wroteAllocated, readAtMs, wroteAtMs],
      ...valuesOf(key),
    ],
  ]);
  const rows = await spend(spent, written);
  return rows[0]?.[0]?.version ?? null;
}

const ORDER_COLUMNS = `op, epoch, who, units, parent_version AS parentVersion, version,
  read_allocated AS readAllocated, wrote_allocated AS wroteAllocated, read_at_ms AS readAtMs, wrote_at_ms AS wroteAtMs`;

function untouched(key: InventoryKey, capacity: number): Statement {
  const insert = 'INSERT OR IGNORE INTO inventory (show, sku, lane, epoch, capacity) VALUES (?, ?, ?, ?, ?)';
  return [insert, ...valuesOf(key), capacity];
}

function valuesOf({ show, sku, lane, epoch }: InventoryKey): [string, string, string, number] {
  return [show, sku, lane, epoch];
}
