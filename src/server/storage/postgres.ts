/**
 * PostgreSQL: the tables, and the rows that its lanes keep there. Raw SQL on purpose: the statements are what a lane's name says.
 * Names have a prefix, because the database may be somebody's own.
 */
import type { CountedRow, InventoryRow } from '#lib/domain/auditor-rows.ts';
import type { Buyer, EngineRows, InventoryKey, OrderRow, OrdersKey, Tally } from '../lanes/engine-rows.ts';
import { newTally, ROWS_AT_ONCE } from '../lanes/engine-rows.ts';

/** A statement with its values. */
export type Statement = readonly [sql: string, ...values: (string | number)[]];

/** A database as statements need it. Promises reject with what the server said, or with how the connection failed. */
export interface PostgresPort {
  /** Runs one statement: its rows. */
  query<R>(tally: Tally, statement: Statement): Promise<R[]>;
  /** Runs `work` between `begin` and COMMIT on one connection; what `work` throws is thrown, and nothing is stored. */
  transaction<T>(
    tally: Tally,
    begin: string,
    work: (query: <R>(statement: Statement) => Promise<R[]>) => Promise<T>,
  ): Promise<T>;
}

/** One at a time: two that make the same table at once fail. */
const SCHEMA = `
SELECT pg_advisory_xact_lock(hashtext('revenue_guard'));
CREATE TABLE IF NOT EXISTS revenue_guard_inventory (
  show TEXT NOT NULL, sku TEXT NOT NULL, lane TEXT NOT NULL, epoch INTEGER NOT NULL,
  capacity INTEGER NOT NULL, allocated INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 0,
  fenced BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (show, sku, lane, epoch)
);
CREATE TABLE IF NOT EXISTS revenue_guard_orders (
  show TEXT NOT NULL, sku TEXT NOT NULL, lane TEXT NOT NULL, op TEXT COLLATE "C" NOT NULL,
  epoch INTEGER NOT NULL, who TEXT NOT NULL, units INTEGER NOT NULL,
  parent_version INTEGER NOT NULL, version INTEGER NOT NULL,
  read_allocated INTEGER NOT NULL, wrote_allocated INTEGER NOT NULL,
  read_at_ms BIGINT NOT NULL, wrote_at_ms BIGINT NOT NULL,
  PRIMARY KEY (show, sku, lane, op)
);`;

const THIS_SHELF = 'show = $1 AND sku = $2 AND lane = $3 AND epoch = $4';
const COUNTED_COLUMNS = `op, epoch, who, units, parent_version AS "parentVersion", version,
  read_allocated AS "readAllocated", wrote_allocated AS "wroteAllocated"`;
const ORDER_COLUMNS = `${COUNTED_COLUMNS}, read_at_ms AS "readAtMs", wrote_at_ms AS "wroteAtMs"`;

/** The rows of a database. */
export class PostgresRows implements EngineRows {
  readonly #db: PostgresPort;

  constructor(db: PostgresPort) {
    this.#db = db;
  }

  async stock(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    const insert = `INSERT INTO revenue_guard_inventory (show, sku, lane, epoch, capacity)
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;
    await this.#db.query(tally, [insert, ...valuesOf(key), capacity]);
  }

  async fence(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    const fence = `WITH fence AS (UPDATE revenue_guard_inventory SET fenced = TRUE WHERE ${THIS_SHELF})
                   INSERT INTO revenue_guard_inventory (show, sku, lane, epoch, capacity)
                   VALUES ($1, $2, $3, $4::integer + 1, $5) ON CONFLICT DO NOTHING`;
    await this.#db.query(tally, [fence, ...valuesOf(key), capacity]);
  }

  async readOrder({ show, sku, lane }: OrdersKey, op: string, tally: Tally): Promise<OrderRow | null> {
    const select = `SELECT ${ORDER_COLUMNS} FROM revenue_guard_orders
                    WHERE show = $1 AND sku = $2 AND lane = $3 AND op = $4`;
    const [row] = await this.#db.query<OrderRow>(tally, [select, show, sku, lane, op]);
    return row ?? null;
  }

  async voidOrder(key: InventoryKey, { op, who, units }: Buyer, tally: Tally): Promise<void> {
    const insert = `INSERT INTO revenue_guard_orders (show, sku, lane, epoch, op, who, units, parent_version, version,
                                                      read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING`;
    await this.#db.query(tally, [insert, ...valuesOf(key), op, who, units]);
  }

  async dropVoid({ show, sku, lane, epoch }: InventoryKey, op: string, tally: Tally): Promise<void> {
    const drop = `DELETE FROM revenue_guard_orders
                  WHERE show = $1 AND sku = $2 AND lane = $3 AND op = $4 AND version = 0 AND epoch < $5`;
    await this.#db.query(tally, [drop, show, sku, lane, op, epoch]);
  }

  ordersAfter(key: InventoryKey, version: number, tally: Tally): Promise<OrderRow[]> {
    const select = `SELECT ${ORDER_COLUMNS} FROM revenue_guard_orders
                    WHERE ${THIS_SHELF} AND version > $5 ORDER BY version`;
    return this.#db.query<OrderRow>(tally, [select, ...valuesOf(key), version]);
  }

  async rowsBehind(
    { show, sku, lane }: OrdersKey,
    op: string,
    tally: Tally,
  ): ReturnType<EngineRows['rowsBehind']> {
    const select = `SELECT ${COUNTED_COLUMNS} FROM revenue_guard_orders
                    WHERE show = $1 AND sku = $2 AND lane = $3 AND op > $4 ORDER BY op LIMIT ${ROWS_AT_ONCE}`;
    const rows = await this.#db.query<CountedRow>(tally, [select, show, sku, lane, op]);
    return { rows, isLast: rows.length < ROWS_AT_ONCE };
  }

  async counter(key: InventoryKey, tally: Tally): Promise<InventoryRow | null> {
    const select = `SELECT allocated, version FROM revenue_guard_inventory WHERE ${THIS_SHELF}`;
    const [row] = await this.#db.query<InventoryRow>(tally, [select, ...valuesOf(key)]);
    return row ?? null;
  }
}

/** Makes the tables where they are missing. */
export async function makeTables(db: PostgresPort): Promise<void> {
  const tally = newTally();
  const [found] = await db.query<{ missing: boolean }>(tally, [
    `SELECT to_regclass('revenue_guard_inventory') IS NULL OR to_regclass('revenue_guard_orders') IS NULL AS missing`,
  ]);
  // Asked first, because a role that may not make tables may not even ask for one that is there.
  if (found?.missing) await db.query(tally, [SCHEMA]);
}

/** Deletes everything of a room's lane. */
export async function forgetRoom(db: PostgresPort, { show, sku, lane }: OrdersKey): Promise<void> {
  const tally = newTally();
  for (const table of ['revenue_guard_orders', 'revenue_guard_inventory']) {
    await db.query(tally, [
      `DELETE FROM ${table} WHERE show = $1 AND sku = $2 AND lane = $3`,
      show,
      sku,
      lane,
    ]);
  }
}

/** Whose shelf it is, as the values of {@link THIS_SHELF}. */
function valuesOf({ show, sku, lane, epoch }: InventoryKey): [string, string, string, number] {
  return [show, sku, lane, epoch];
}

/** Reads nothing: a connection and both tables are there when this does not fail. */
export const PING: Statement = ['SELECT 1 FROM revenue_guard_inventory, revenue_guard_orders LIMIT 0'];

/** How the lanes' transactions begin. */
export const BEGIN = 'BEGIN';
export const BEGIN_SERIALIZABLE = 'BEGIN ISOLATION LEVEL SERIALIZABLE';

/** Reads a shelf: a row of `allocated`, `capacity` and `version`; none when the epoch is fenced or was never stocked. */
export function readShelf(key: InventoryKey): Statement {
  return [
    `SELECT allocated, capacity, version FROM revenue_guard_inventory WHERE ${THIS_SHELF} AND NOT fenced`,
    ...valuesOf(key),
  ];
}

/** The same, and nobody else reads it like that or writes it until this transaction ends. */
export function lockShelf(key: InventoryKey): Statement {
  const [select, ...values] = readShelf(key);
  return [`${select} FOR UPDATE`, ...values];
}

/**
 * Stores `wroteAllocated` whatever stands there by now, and the order row with it: a row of the `version` made, none when the epoch
 * was fenced. Fails on the primary key for an op that has a row already, and changes nothing.
 */
export function writeShelf(key: InventoryKey, order: Omit<OrderRow, 'version' | 'epoch'>): Statement {
  const { op, who, units, parentVersion, readAllocated, wroteAllocated, readAtMs, wroteAtMs } = order;
  return [
    `WITH shelf AS (
       UPDATE revenue_guard_inventory SET allocated = $5, version = version + 1
       WHERE ${THIS_SHELF} AND NOT fenced RETURNING version)
     INSERT INTO revenue_guard_orders (show, sku, lane, epoch, op, who, units, parent_version, version,
                                       read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
     SELECT $1, $2, $3, $4, $6, $7, $8::integer, $9::integer, version, $10::integer, $5, $11::bigint, $12::bigint
     FROM shelf RETURNING version`,
    ...valuesOf(key),
    ...[wroteAllocated, op, who, units, parentVersion, readAllocated, readAtMs, wroteAtMs],
  ];
}

/**
 * Sells in one statement, if all of the units are left: a row of the `version` made and of `wroteAllocated`, what is allocated by
 * it; none when too few are left or the epoch is fenced. Fails on the primary key for an op that has a row already.
 */
export function sellShelf(
  key: InventoryKey,
  { op, who, units }: Pick<OrderRow, 'op' | 'who' | 'units'>,
  atMs: number,
): Statement {
  return [
    `WITH shelf AS (
       UPDATE revenue_guard_inventory SET allocated = allocated + $5, version = version + 1
       WHERE ${THIS_SHELF} AND NOT fenced AND allocated + $5 <= capacity RETURNING allocated, version)
     INSERT INTO revenue_guard_orders (show, sku, lane, epoch, op, who, units, parent_version, version,
                                       read_allocated, wrote_allocated, read_at_ms, wrote_at_ms)
     SELECT $1, $2, $3, $4, $6, $7, $5, version - 1, version, allocated - $5, allocated, $8::bigint, $8
     FROM shelf RETURNING version, wrote_allocated AS "wroteAllocated"`,
    ...valuesOf(key),
    ...[units, op, who, atMs],
  ];
}
