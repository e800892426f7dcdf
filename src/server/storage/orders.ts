/**
 * D1: the stock that the eventual lane reads and writes blindly, and the order rows that record its lineage. Raw SQL on purpose:
 * the statements are what the demonstration shows.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Reading, TimedWrite } from '#lib/domain/write.ts';

/** Whose inventory it is: one row for each room, lane and epoch. */
export interface InventoryKey {
  show: string;
  sku: string;
  lane: string;
  epoch: number;
}

/** An order row: one blind write, which version it read and which it made. */
export interface OrderRow extends TimedWrite {
  epoch: number;
}

/** What a statement cost, as D1 itself reports it. */
export function d1Spent(...metas: (D1Meta & Record<string, unknown>)[]): MeterCounts {
  return {
    'd1.rowRead': metas.reduce((sum, meta) => sum + meta.rows_read, 0),
    'd1.rowWritten': metas.reduce((sum, meta) => sum + meta.rows_written, 0),
  };
}

/** Stores an untouched stock, unless there is one already. */
export async function stockInventory(
  db: D1Database,
  key: InventoryKey,
  capacity: number,
): Promise<MeterCounts> {
  const { meta } = await db
    .prepare('INSERT OR IGNORE INTO inventory (show, sku, lane, epoch, capacity) VALUES (?, ?, ?, ?, ?)')
    .bind(key.show, key.sku, key.lane, key.epoch, capacity)
    .run();
  return d1Spent(meta);
}

/**
 * Fences an epoch: after this no write of it can follow. The same batch stores the next epoch's stock, so
 * that there is always one.
 */
export async function fenceInventory(
  db: D1Database,
  key: InventoryKey,
  capacity: number,
): Promise<MeterCounts> {
  const results = await db.batch([
    db
      .prepare('UPDATE inventory SET fenced = 1 WHERE show = ? AND sku = ? AND lane = ? AND epoch = ?')
      .bind(key.show, key.sku, key.lane, key.epoch),
    db
      .prepare('INSERT OR IGNORE INTO inventory (show, sku, lane, epoch, capacity) VALUES (?, ?, ?, ?, ?)')
      .bind(key.show, key.sku, key.lane, key.epoch + 1, capacity),
  ]);
  return d1Spent(...results.map(({ meta }) => meta));
}

/** Reads the stock; null when the epoch is fenced or was never stocked. */
export async function readInventory(
  db: D1Database,
  key: InventoryKey,
): Promise<{ reading: Reading | null; spent: MeterCounts }> {
  const { results, meta } = await db
    .prepare(
      'SELECT allocated, capacity, version FROM inventory WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0',
    )
    .bind(key.show, key.sku, key.lane, key.epoch)
    .all<{ allocated: number; capacity: number; version: number }>();
  return { reading: results[0] ?? null, spent: d1Spent(meta) };
}

/**
 * The blind write: stores `wroteAllocated` whatever is stored by now, makes the next version, and inserts the order row with the
 * version that was read, in one batch. Returns the version made; null when the epoch was fenced meanwhile. For an op that has a
 * row already the insert fails on the primary key, and nothing changes.
 */
export async function writeInventory(
  db: D1Database,
  key: InventoryKey,
  order: Omit<OrderRow, 'version' | 'epoch'>,
): Promise<{ version: number | null; spent: MeterCounts }> {
  const [written, inserted] = await db.batch<{ version: number }>([
    db
      .prepare(
        `UPDATE inventory SET allocated = ?, version = version + 1
         WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0 RETURNING version`,
      )
      .bind(order.wroteAllocated, key.show, key.sku, key.lane, key.epoch),
    db
      .prepare(
        `INSERT INTO orders (show, sku, op, lane, epoch, who, units, parent_version, version,
                             read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
         SELECT show, sku, ?, lane, epoch, ?, ?, ?, version, ?, ?, ?, ? FROM inventory
         WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0`,
      )
      .bind(
        order.op,
        order.who,
        order.units,
        order.parentVersion,
        order.readAllocated,
        order.wroteAllocated,
        order.readAtMs,
        order.wroteAtMs,
        key.show,
        key.sku,
        key.lane,
        key.epoch,
      ),
  ]);
  const metas = [written?.meta, inserted?.meta].filter((meta) => meta !== undefined);
  return { version: written?.results[0]?.version ?? null, spent: d1Spent(...metas) };
}

const ORDER_COLUMNS = `op, epoch, who, units, parent_version AS parentVersion, version,
  read_allocated AS readAllocated, wrote_allocated AS wroteAllocated, read_at_ms AS readAtMs, wrote_at_ms AS wroteAtMs`;

/** The order row of one op, if it has one: written, or void (version 0). */
export async function readOrder(
  db: D1Database,
  key: Omit<InventoryKey, 'epoch'>,
  op: string,
): Promise<{ order: OrderRow | null; spent: MeterCounts }> {
  const { results, meta } = await db
    .prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op = ?`)
    .bind(key.show, key.sku, key.lane, op)
    .all<OrderRow>();
  return { order: results[0] ?? null, spent: d1Spent(meta) };
}

/** Inserts a void order row (version 0) for an op that has none, so that a late write of it fails. */
export async function voidOrder(
  db: D1Database,
  key: InventoryKey,
  buyer: { op: string; who: string; units: number },
): Promise<MeterCounts> {
  const { meta } = await db
    .prepare(
      `INSERT OR IGNORE INTO orders (show, sku, op, lane, epoch, who, units, parent_version, version,
                                     read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)`,
    )
    .bind(key.show, key.sku, buyer.op, key.lane, key.epoch, buyer.who, buyer.units)
    .run();
  return d1Spent(meta);
}

/** Deletes a void order row of an earlier epoch, of which no write can follow. */
export async function dropVoid(db: D1Database, key: InventoryKey, op: string): Promise<MeterCounts> {
  const { meta } = await db
    .prepare(
      'DELETE FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op = ? AND version = 0 AND epoch < ?',
    )
    .bind(key.show, key.sku, key.lane, op, key.epoch)
    .run();
  return d1Spent(meta);
}

/** Every order row of a lane in an epoch after a version, in the order in which the writes happened. */
export async function readOrders(
  db: D1Database,
  key: InventoryKey,
  afterVersion: number,
): Promise<{ orders: OrderRow[]; spent: MeterCounts }> {
  const { results, meta } = await db
    .prepare(
      `SELECT ${ORDER_COLUMNS} FROM orders
       WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND version > ? ORDER BY version`,
    )
    .bind(key.show, key.sku, key.lane, key.epoch, afterVersion)
    .all<OrderRow>();
  return { orders: results, spent: d1Spent(meta) };
}
