/**
 * The database's order rows, held against the allocations that the log tells: all rows of some epochs at once, or counted again
 * page by page, each against the allocation that made its version. Only the log is believed, never the room's counters. A row
 * that the log does not have yet is wrong only once nothing can be on its way any more.
 */
import type { AuditTotals } from './audit-totals.ts';
import type { AuditClaims, D1Epoch } from './audit-claims.ts';
import { count, Finding } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import type { LaneId } from './lane.ts';
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
    holdRow(row, order, this.#finding);
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

/**
 * Holds the database's rows against the log's allocations. A row that the log does not have yet is in order only while a
 * given state says that as many ops are in flight, and only with a version newer than the log's.
 */
export function compareRows(
  claims: AuditClaims,
  logged: (lane: LaneId) => OrdersByEpoch,
  totals: AuditTotals,
  findings: Findings,
): void {
  const { d1Orders, state } = claims;
  if (!d1Orders) {
    findings.d1.figure = 'no rows given';
    return;
  }
  let rows = 0;
  let allocations = 0;
  let waiting = 0;
  for (const asked of d1Orders) {
    const given = { ...asked, rows: known(asked, asked.rows) };
    const orders = known(asked, logged(asked.lane).get(asked.epoch) ?? []);
    rows += given.rows.length;
    allocations += orders.length;
    const surplus = compareEpoch(given, orders, findings);
    let free = given.epoch === totals.epoch ? (state?.lanes[asked.lane]?.inFlight ?? 0) : 0;
    for (const row of surplus) {
      if (free > 0 && row.version > orders.length) {
        free -= 1;
        waiting += 1;
      } else findings.d1.wrong(`epoch ${given.epoch}: row of op ${row.op} is not in the log`);
    }
  }
  const reported = waiting > 0 ? `, ${waiting} in flight and not reported yet` : '';
  findings.d1.figure = `${count(rows, 'row')}, ${count(allocations, 'allocation')}${reported}`;
}

/** What stood in the database before the room asked. */
function known({ upToVersion = Infinity }: D1Epoch, orders: readonly Write[]): readonly Write[] {
  return orders.filter(({ version }) => version <= upToVersion);
}

/** Compares one epoch and returns the rows that the log does not have. */
function compareEpoch(given: D1Epoch, orders: readonly Write[], findings: Findings): Write[] {
  const byOp = new Map(orders.map((order) => [order.op, order]));
  const surplus: Write[] = [];
  for (const row of given.rows) {
    const order = byOp.get(row.op);
    if (!order) {
      surplus.push(row);
      continue;
    }
    byOp.delete(row.op);
    holdRow(row, order, findings.d1);
  }
  for (const op of byOp.keys()) findings.d1.wrong(`epoch ${given.epoch}: op ${op} has no row`);
  return surplus;
}

function holdRow(row: Write, order: Write, finding: Finding): void {
  const wrong = (Object.keys(order) as (keyof Write)[]).find((field) => order[field] !== row[field]);
  if (wrong)
    finding.wrong(`op ${order.op}: ${wrong} is ${row[wrong]} in its row, ${order[wrong]} in the log`);
}
