/**
 * The database's order rows, counted again page by page: each is held against the allocation of the log that made its
 * version. Only the log is believed, never the room's counters. A row that the log does not have yet is wrong only once
 * nothing can be on its way any more.
 */
import { count, Finding } from './audit-findings.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import type { Write } from './write.ts';

/** An order row as the database has it. Version 0 is a place that was taken so that nothing can be written there. */
export interface CountedRow extends Write {
  epoch: number;
}

/** The inventory's counter, which the lane's shoppers read and write. */
export interface InventoryRow {
  allocated: number;
  version: number;
}

/** What a recount came to, in this epoch. */
export interface RowsFigure {
  ok: boolean;
  found: string;
  /** Rows in the database, and allocations of the log that they were held against. */
  rows: number;
  allocations: number;
}

/** Compares the database's order rows with the log, page by page. Make one for each recount. */
export class RowsRecount {
  readonly #orders: OrdersByEpoch;
  readonly #epoch: number;
  readonly #finding = new Finding();
  /** Versions whose rows were seen, by epoch; version `i + 1` at `i`. */
  readonly #seen = new Map<number, Uint8Array>();
  /** Rows of this epoch, and those of them that the log does not have. */
  #rows = 0;
  #earlier = 0;
  readonly #unheard: string[] = [];

  /**
   * @param orders the log's allocations of the lane by epoch; they must not grow before the recount is finished
   * @param epoch the epoch that the log had reached
   */
  constructor(orders: OrdersByEpoch, epoch: number) {
    this.#orders = orders;
    this.#epoch = epoch;
    for (const [each, logged] of orders) this.#seen.set(each, new Uint8Array(logged.length));
  }

  /** Takes some rows, in any order, each once. */
  take(rows: readonly CountedRow[]): void {
    for (const row of rows) {
      // A reset came meanwhile: what the epoch after it has written is for the next recount.
      if (row.epoch > this.#epoch || row.version === 0) continue;
      if (row.epoch === this.#epoch) this.#rows += 1;
      else this.#earlier += 1;
      this.#take(row);
    }
  }

  /**
   * Ends the recount.
   * @param settled true when nothing was in flight from before the first row was read until after the last
   * @param inventory the counter as it was read in between; null when it was not
   */
  finish(settled: boolean, inventory: InventoryRow | null): RowsFigure {
    for (const [epoch, logged] of this.#orders) this.#missing(epoch, logged);
    const logged = this.#orders.get(this.#epoch) ?? [];
    if (settled) {
      for (const op of this.#unheard) {
        this.#finding.wrong(`epoch ${this.#epoch}: row of op ${op} is not in the log`);
      }
      if (inventory) this.#holdInventory(inventory, logged);
    }
    const waiting = settled || this.#unheard.length === 0 ? '' : `, ${this.#unheard.length} not reported yet`;
    const before = this.#earlier === 0 ? '' : `; ${this.#earlier} of earlier epochs as logged`;
    this.#finding.figure = `${count(this.#rows, 'row')}, ${count(logged.length, 'allocation')}${waiting}${before}`;
    const { ok, found } = this.#finding.check('d1');
    return { ok, found, rows: this.#rows, allocations: logged.length };
  }

  #take(row: CountedRow): void {
    const order = this.#orders.get(row.epoch)?.[row.version - 1];
    const seen = this.#seen.get(row.epoch);
    if (!order || !seen) {
      // Nothing of an epoch that is over can still be on its way.
      if (row.epoch === this.#epoch) this.#unheard.push(row.op);
      else this.#finding.wrong(`epoch ${row.epoch}: row of op ${row.op} is not in the log`);
      return;
    }
    if (seen[row.version - 1]) {
      this.#finding.wrong(`epoch ${row.epoch}: version ${row.version} has a second row, op ${row.op}`);
      return;
    }
    seen[row.version - 1] = 1;
    const fields = Object.keys(order) as (keyof Write)[];
    const wrong = fields.find((field) => order[field] !== row[field]);
    if (!wrong) return;
    this.#finding.wrong(`op ${order.op}: ${wrong} is ${row[wrong]} in its row, ${order[wrong]} in the log`);
  }

  #missing(epoch: number, logged: readonly Write[]): void {
    const seen = this.#seen.get(epoch);
    for (const [index, { op }] of logged.entries()) {
      if (!seen?.[index]) this.#finding.wrong(`epoch ${epoch}: op ${op} has no row`);
    }
  }

  #holdInventory({ allocated, version }: InventoryRow, logged: readonly Write[]): void {
    const stored = logged.at(-1)?.wroteAllocated ?? 0;
    if (allocated !== stored) {
      this.#finding.wrong(`the database’s counter says ${allocated}, the log’s newest write ${stored}`);
    }
    if (version !== logged.length) {
      this.#finding.wrong(`the database’s counter is at version ${version}, the log at ${logged.length}`);
    }
  }
}
