/** The database of a generated show: a row that is read and blindly written, and a list of who wrote. Nothing checks. */
import type { D1Epoch } from '#lib/domain/audit-claims.ts';
import type { Write } from '#lib/domain/write.ts';
import { blindWrite } from '#lib/domain/write.ts';
import type { Reading } from '#lib/domain/write.ts';

/** The row and the orders of each epoch: what an audit is given as D1's rows. */
export class Database {
  readonly epochs: D1Epoch[] = [];
  readonly #capacity: number;
  #row = { allocated: 0, version: 0 };
  #orders: Write[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.startEpoch(1);
  }

  /** What a shopper reads before it pauses. */
  read(): Reading {
    return { ...this.#row, capacity: this.#capacity };
  }

  /** The blind write, and its order row. */
  write(reading: Reading, { op, who, units }: { op: string; who: string; units: number }): Write {
    const order: Write = {
      op,
      who,
      units,
      parentVersion: reading.version,
      version: this.#row.version + 1,
      readAllocated: reading.allocated,
      wroteAllocated: blindWrite(reading, units),
    };
    this.#row = { allocated: order.wroteAllocated, version: order.version };
    this.#orders.push(order);
    return order;
  }

  /** A fresh row; those of earlier epochs stay. */
  startEpoch(epoch: number): void {
    this.#row = { allocated: 0, version: 0 };
    this.#orders = [];
    this.epochs.push({ lane: 'eventual', epoch, rows: this.#orders });
  }
}
