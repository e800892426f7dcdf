/**
 * D1: the stock that the eventual lane reads and writes blindly, and the order rows that record its lineage. Raw SQL on purpose:
 * the statements are what the demonstration shows.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Reading, TimedWrite, Write } from '#lib/domain/write.ts';
import { batch, query } from './d1.ts';
import type { Metered, Statement } from './d1.ts';

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

/** Stores an untouched stock, unless there is one already. */
export async function stockInventory(
  db: D1Database,
  key: InventoryKey,
  capacity: number,
): Promise<MeterCounts> {
  return (await query(db, ...untouched(key, capacity))).spent;
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
  const fence = 'UPDATE inventory SET fenced = 1 WHERE show = ? AND sku = ? AND lane = ? AND epoch = ?';
  const next = untouched({ ...key, epoch: key.epoch + 1 }, capacity);
  return (await batch(db, [[fence, ...valuesOf(key)], next])).spent;
}

/** Reads the stock; null when the epoch is fenced or was never stocked. */
export async function readInventory(db: D1Database, key: InventoryKey): Promise<Metered<Reading | null>> {
  const { value, spent } = await query<Reading>(
    db,
    'SELECT allocated, capacity, version FROM inventory WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND fenced = 0',
    ...valuesOf(key),
  );
  return { value: value[0] ?? null, spent };
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
): Promise<Metered<number | null>> {
  const { op, who, units, parentVersion, readAllocated, wroteAllocated, readAtMs, wroteAtMs } = order;
  const { value, spent } = await batch<{ version: number }>(db, [
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
  return { value: value[0]?.[0]?.version ?? null, spent };
}

const ORDER_COLUMNS = `op, epoch, who, units, parent_version AS parentVersion, version,
  read_allocated AS readAllocated, wrote_allocated AS wroteAllocated, read_at_ms AS readAtMs, wrote_at_ms AS wroteAtMs`;

/** The order row of one op: written, or void (version 0); null when it has none. */
export async function readOrder(
  db: D1Database,
  { show, sku, lane }: Omit<InventoryKey, 'epoch'>,
  op: string,
): Promise<Metered<OrderRow | null>> {
  const select = `SELECT ${ORDER_COLUMNS} FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op = ?`;
  const { value, spent } = await query<OrderRow>(db, select, show, sku, lane, op);
  return { value: value[0] ?? null, spent };
}

/** Inserts a void order row (version 0) for an op that has none, so that a late write of it fails. */
export async function voidOrder(
  db: D1Database,
  { show, sku, lane, epoch }: InventoryKey,
  { op, who, units }: Pick<Write, 'op' | 'who' | 'units'>,
): Promise<MeterCounts> {
  const insert = `INSERT OR IGNORE INTO orders (show, sku, op, lane, epoch, who, units, parent_version, version,
                                                read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
                  VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)`;
  return (await query(db, insert, show, sku, op, lane, epoch, who, units)).spent;
}

/** Deletes a void order row of an earlier epoch, of which no write can follow. */
export async function dropVoid(
  db: D1Database,
  { show, sku, lane, epoch }: InventoryKey,
  op: string,
): Promise<MeterCounts> {
  const drop =
    'DELETE FROM orders WHERE show = ? AND sku = ? AND lane = ? AND op = ? AND version = 0 AND epoch < ?';
  return (await query(db, drop, show, sku, lane, op, epoch)).spent;
}

/** Every order row of a lane in an epoch after a version, in the order in which the writes happened. */
export function readOrders(
  db: D1Database,
  key: InventoryKey,
  afterVersion: number,
): Promise<Metered<OrderRow[]>> {
  const select = `SELECT ${ORDER_COLUMNS} FROM orders
                  WHERE show = ? AND sku = ? AND lane = ? AND epoch = ? AND version > ? ORDER BY version`;
  return query<OrderRow>(db, select, ...valuesOf(key), afterVersion);
}

function untouched(key: InventoryKey, capacity: number): Statement {
  const insert = 'INSERT OR IGNORE INTO inventory (show, sku, lane, epoch, capacity) VALUES (?, ?, ?, ?, ?)';
  return [insert, ...valuesOf(key), capacity];
}

function valuesOf({ show, sku, lane, epoch }: InventoryKey): [string, string, string, number] {
  return [show, sku, lane, epoch];
}
