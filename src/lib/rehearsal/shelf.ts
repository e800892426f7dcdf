/**
 * The eventual lane's table: one row with a version, and a row for each order, as a database has them. It does what it is
 * told, and never more: it does not compare the version that a writer read with the one that it writes over.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Reading } from '#lib/domain/stock.ts';

/** The lane whose stock stands here. */
export const SHELF_LANE: LaneId = 'eventual';

/** A row of the table of orders. */
export interface OrderRow {
  op: string;
  who: string;
  units: number;
  parentVersion: number;
  version: number;
  readAllocated: number;
  wroteAllocated: number;
}

/** The eventual lane's table in memory: one versioned row of stock, and one row for each order. */
export class Shelf {
  readonly #capacity: number;
  #allocated = 0;
  #version = 0;
  /** True once a reset has taken this epoch's row away: what is under way finds nothing to write to. */
  #fenced = false;
  /** Orders of each epoch. */
  readonly orders = new Map<number, OrderRow[]>();
  #epoch = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Reads the row; null when it is gone. */
  read(): Reading | null {
    if (this.#fenced) return null;
    return { allocated: this.#allocated, capacity: this.#capacity, version: this.#version };
  }

  /** Writes over whatever stands there, and puts the order beside it. Null when the row is gone. */
  write(order: Omit<OrderRow, 'version'>): OrderRow | null {
    if (this.#fenced) return null;
    this.#version += 1;
    this.#allocated = order.wroteAllocated;
    const row = { ...order, version: this.#version };
    const rows = this.orders.get(this.#epoch) ?? [];
    rows.push(row);
    this.orders.set(this.#epoch, rows);
    return row;
  }

  /** Takes the row away. */
  fence(): void {
    this.#fenced = true;
  }

  /** A full shelf for a new epoch. */
  restart(epoch: number): void {
    this.#epoch = epoch;
    this.#allocated = 0;
    this.#version = 0;
    this.#fenced = false;
  }
}
