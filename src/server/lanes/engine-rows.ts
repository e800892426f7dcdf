/**
 * An engine's rows: what every engine keeps of a lane, whatever it is made of, and what is asked of it beside buying. For each
 * room, lane and epoch one shelf (units allocated, capacity, version, fenced or not); for each op one order row, which names the
 * version that it read and the one that it made. So lineage, audit and recount are the same on all of them.
 */
import type { CountedRow, InventoryRow } from '#lib/domain/auditor-rows.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { TimedWrite, Write } from '#lib/domain/write.ts';
import type { RetryCause } from '#lib/domain/work.ts';

/** Whose shelf it is: one for each room, lane and epoch. */
export interface InventoryKey {
  show: string;
  sku: string;
  lane: string;
  epoch: number;
}

/** Whose order rows they are: those of all epochs lie together, because an op is an op of all of them. */
export type OrdersKey = Omit<InventoryKey, 'epoch'>;

/** An order row: one write, which version it read and which it made; or a void (version 0), a place that was taken. */
export interface OrderRow extends TimedWrite {
  epoch: number;
}

/** An order row as a recount takes it. */
export function counted({ readAtMs: _readAtMs, wroteAtMs: _wroteAtMs, ...row }: OrderRow): CountedRow {
  return row;
}

/** A buyer as an order row has it. */
export type Buyer = Pick<Write, 'op' | 'who' | 'units'>;

/** Rows of one page of a recount: some 100 kB of JSON, which a room parses within milliseconds. */
export const ROWS_AT_ONCE = 500;
/** More versions than an epoch can have, so that a version's place among those of all epochs is one number. */
export const VERSIONS_AN_EPOCH = 1e9;

/** A void: the row of an op for which nothing was written, and nothing can be. */
export function voidRow(epoch: number, { op, who, units }: Buyer): OrderRow {
  const nothing = { parentVersion: 0, version: 0, readAllocated: 0, wroteAllocated: 0 };
  return { op, epoch, who, units, ...nothing, readAtMs: 0, wroteAtMs: 0 };
}

/** What something took, added up while it goes on, so that it stands there also when it fails. */
export interface Tally {
  /** What the platform bills for it. */
  readonly spent: MeterCounts;
  /** Times that the whole purchase was tried. */
  attempts: number;
  /** Requests to the engine that were waited for. */
  roundTrips: number;
  readonly retries: Partial<Record<RetryCause, number>>;
}

/** Nothing yet. */
export function newTally(): Tally {
  return { spent: {}, attempts: 1, roundTrips: 0, retries: {} };
}

/** Counts that a purchase is tried once more, and why. */
export function countRetry(tally: Tally, cause: RetryCause): void {
  tally.attempts += 1;
  tally.retries[cause] = (tally.retries[cause] ?? 0) + 1;
}

/** The rows of one engine. Every promise may reject: then the engine has failed, and what was written is not known. */
export interface EngineRows {
  /** Stores an untouched shelf, unless there is one already. */
  stock(key: InventoryKey, capacity: number, tally: Tally): Promise<void>;
  /** Fences an epoch: no write of it can follow. Stores the next epoch's shelf too, so that there is always one. Idempotent. */
  fence(key: InventoryKey, capacity: number, tally: Tally): Promise<void>;
  /** The order row of one op, as it surely stands (never from a copy that may be behind); null when it has none. */
  readOrder(key: InventoryKey, op: string, tally: Tally): Promise<OrderRow | null>;
  /** Inserts a void order row for an op that has none, so that a late write of it fails. Changes nothing where there is one. */
  voidOrder(key: InventoryKey, buyer: Buyer, tally: Tally): Promise<void>;
  /** Deletes a void order row of an earlier epoch than the key's, of which no write can follow. */
  dropVoid(key: InventoryKey, op: string, tally: Tally): Promise<void>;
  /** The order rows of an epoch after a version (so without voids), in the order of their versions. */
  ordersAfter(key: InventoryKey, version: number, tally: Tally): Promise<OrderRow[]>;
  /** A page of order rows of all epochs, voids too: those after an op in the order of op ids, '' to begin. */
  rowsBehind(key: OrdersKey, op: string, tally: Tally): Promise<{ rows: CountedRow[]; isLast: boolean }>;
  /** The counter of an epoch as it stands, fenced or not; null when it was never stocked. */
  counter(key: InventoryKey, tally: Tally): Promise<InventoryRow | null>;
}
