/** The rows of a lane in Redis: what changes them is a script each (scripts.ts), what reads them are plain commands. */
import * as v from 'valibot';
import type { Reading } from '#lib/domain/write.ts';
import { counted, ROWS_AT_ONCE, VERSIONS_AN_EPOCH, voidRow } from '../../lanes/engine-rows.ts';
import type { Buyer, EngineRows, InventoryKey, OrderRow, OrdersKey, Tally } from '../../lanes/engine-rows.ts';
import { orderFields } from '../order-fields.ts';
import type { RedisConnection } from './connection.ts';
import { keysOf } from './keys.ts';
import { DROP_VOID, FENCE, OPEN, VOID } from './scripts.ts';

const orderRow = v.object({ op: v.string(), ...orderFields.entries });
const texts = v.array(v.string());
const textOrNull = v.nullable(v.string());
const field = v.nullable(v.pipe(v.string(), v.transform(Number), v.safeInteger()));
const shelf = v.tuple([field, field, field, field]);

/** The order rows and shelves of a lane in Redis. */
export class RedisRows implements EngineRows {
  readonly redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.redis = redis;
  }

  async stock(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    await this.run(OPEN, key, capacity, tally);
  }

  async fence(key: InventoryKey, capacity: number, tally: Tally): Promise<void> {
    await this.run(FENCE, key, capacity, tally);
  }

  async readOrder(key: OrdersKey, op: string, tally: Tally): Promise<OrderRow | null> {
    const [, orders] = keysOf(key);
    const stored = v.parse(textOrNull, await this.redis.send(tally, 'HGET', orders, op));
    return stored === null ? null : orderOf(stored);
  }

  async voidOrder(key: InventoryKey, buyer: Buyer, tally: Tally): Promise<void> {
    await this.run(VOID, key, JSON.stringify(voidRow(key.epoch, buyer)), tally);
  }

  async dropVoid(key: InventoryKey, op: string, tally: Tally): Promise<void> {
    await this.run(DROP_VOID, key, op, tally);
  }

  async ordersAfter(key: InventoryKey, version: number, tally: Tally): Promise<OrderRow[]> {
    const [, , , versions] = keysOf(key);
    const epoch = key.epoch * VERSIONS_AN_EPOCH;
    const range = [`(${epoch + version}`, `(${epoch + VERSIONS_AN_EPOCH}`];
    const ops = await this.redis.send(tally, 'ZRANGEBYSCORE', versions, ...range);
    return this.#rowsOf(key, v.parse(texts, ops), tally);
  }

  async rowsBehind(key: OrdersKey, op: string, tally: Tally) {
    const [, , all] = keysOf(key);
    const from = op === '' ? '-' : `(${op}`;
    const page = await this.redis.send(tally, 'ZRANGEBYLEX', all, from, '+', 'LIMIT', 0, ROWS_AT_ONCE);
    const ops = v.parse(texts, page);
    const rows = await this.#rowsOf(key, ops, tally);
    return { rows: rows.map(counted), isLast: ops.length < ROWS_AT_ONCE };
  }

  async counter(key: InventoryKey, tally: Tally) {
    const stored = await this.#shelf(key, tally);
    return stored && { allocated: stored.allocated, version: stored.version };
  }

  /** Reads the shelf; null when the epoch is fenced or was never stocked. */
  async read(key: InventoryKey, tally: Tally): Promise<Reading | null> {
    const stored = await this.#shelf(key, tally);
    return stored && !stored.fenced ? stored : null;
  }

  /** Runs a script over the keys of a room's lane. */
  run(script: string, key: InventoryKey, what: string | number, tally: Tally): Promise<unknown> {
    const keys = keysOf(key);
    return this.redis.send(tally, 'EVAL', script, keys.length, ...keys, key.epoch, what);
  }

  /** Deletes everything of a room's lane; locks end by themselves. */
  async forget(key: OrdersKey, tally: Tally): Promise<void> {
    await this.redis.send(tally, 'DEL', ...keysOf(key));
  }

  async #shelf(key: InventoryKey, tally: Tally): Promise<(Reading & { fenced: boolean }) | null> {
    const [shelves] = keysOf(key);
    const names = ['allocated', 'capacity', 'version', 'fenced'].map((name) => `${key.epoch}:${name}`);
    const stored = v.parse(shelf, await this.redis.send(tally, 'HMGET', shelves, ...names));
    const [allocated, capacity, version, fenced] = stored;
    if (allocated === null || capacity === null || version === null) return null;
    return { allocated, capacity, version, fenced: fenced === 1 };
  }

  async #rowsOf(key: OrdersKey, ops: readonly string[], tally: Tally): Promise<OrderRow[]> {
    const [, orders] = keysOf(key);
    const rows: OrderRow[] = [];
    for (let at = 0; at < ops.length; at += ROWS_AT_ONCE) {
      const page = await this.redis.send(tally, 'HMGET', orders, ...ops.slice(at, at + ROWS_AT_ONCE));
      // A void that was dropped meanwhile is not there.
      const stored = v.parse(v.array(textOrNull), page);
      rows.push(...stored.flatMap((each) => (each === null ? [] : orderOf(each))));
    }
    return rows;
  }
}

/** Reads a stored order row. */
export function orderOf(stored: string): OrderRow {
  return v.parse(orderRow, JSON.parse(stored));
}

/** What a script says that writes an order: its row; null where there is no open shelf. Throws for an op that has a row. */
export function writtenBy(said: unknown, op: string): OrderRow | 'none' | 'stale' {
  const answer = v.parse(v.string(), said);
  if (answer === 'known') throw new Error(`op ${op} has a row already`);
  return answer === 'none' || answer === 'stale' ? answer : orderOf(answer);
}
