/**
 * The eventual lane of a rehearsal: what a careless service does, over a table in memory. It reads, pauses, and writes blindly:
 * one row with a version, and a row for each order, as a database has them. The version that a writer read is never compared
 * with the one that it writes over, so the races are real races of the rehearsal's shoppers; nothing is drawn.
 */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Write } from '#lib/domain/write.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { blindWrite, fits } from '#lib/domain/write.ts';
import type { Reading } from '#lib/domain/write.ts';
import type { DeferredLane, Fenced, LaneRoom, Order, Outcome, Report } from '#lib/room/lane.ts';
import type { Schedule } from './schedule.ts';

/** What a database would have billed for the reading: the row of the stock. */
const READING: MeterCounts = { 'd1.rowRead': 1 };
/** The same for the blind write: the stock is found and written, the order is put beside it. */
const WRITING: MeterCounts = { 'd1.rowRead': 1, 'd1.rowWritten': 2 };

/** Read, pause, write blindly, in memory. */
export class MemoryLane implements DeferredLane {
  readonly id: LaneId = 'eventual';
  readonly answers = 'later';
  /** Orders of each epoch, by version. */
  readonly orders = new Map<number, Write[]>();
  readonly #schedule: Schedule;
  /** Unix milliseconds. */
  readonly #now: () => number;
  readonly #pauseMs: number;
  #stock: Reading;
  #epoch = 1;

  /** @param pauseMs the race window: how long a shopper leaves what it read alone before it writes */
  constructor(capacity: number, schedule: Schedule, now: () => number, pauseMs: number) {
    this.#stock = { allocated: 0, capacity, version: 0 };
    this.#schedule = schedule;
    this.#now = now;
    this.#pauseMs = pauseMs;
  }

  /** The row of the stock as it stands. */
  get stock(): Reading {
    return this.#stock;
  }

  carryOut(order: Order, _again: boolean, report: (report: Report) => void): void {
    const { epoch, buyer } = order;
    if (epoch !== this.#epoch) return report(refused('STALE_EPOCH', READING));
    const read = this.#stock;
    if (!fits(read.allocated, read.capacity, buyer.units)) return report(refused('OUT_OF_STOCK', READING));
    const readAtMs = this.#now();
    this.#schedule.after(this.#pauseMs, () => {
      const spent = { 'd1.rowRead': 2, 'd1.rowWritten': 2 };
      // A reset has taken the row away: what is under way finds nothing to write to.
      if (epoch !== this.#epoch) return report(refused('STALE_EPOCH', spent));
      const write = this.#write(order, read);
      report({ outcome: { kind: 'written', write, times: { readAtMs, wroteAtMs: this.#now() } }, spent });
    });
  }

  fence({ epoch, capacity }: LaneRoom, done: (fenced: Fenced) => void): void {
    if (epoch === this.#epoch) this.#restart(capacity);
    done({ spent: WRITING });
  }

  writesAfter(): ReturnType<DeferredLane['writesAfter']> {
    // Reports come in the order of their versions, so nobody waits for one that is missing.
    throw new Error('No write of a rehearsal is ever missing.');
  }

  /** Takes the row away, and puts a full one there for the next epoch. */
  #restart(capacity: number): void {
    this.#epoch += 1;
    this.#stock = { allocated: 0, capacity, version: 0 };
  }

  /** Writes over whatever stands there by now. */
  #write({ epoch, buyer }: Order, read: Reading): Write {
    const wroteAllocated = blindWrite(read, buyer.units);
    this.#stock = { ...this.#stock, allocated: wroteAllocated, version: this.#stock.version + 1 };
    const { op, who, units } = buyer;
    const { version: parentVersion, allocated: readAllocated } = read;
    const write = {
      op,
      who,
      units,
      parentVersion,
      version: this.#stock.version,
      readAllocated,
      wroteAllocated,
    };
    const rows = this.orders.get(epoch) ?? [];
    rows.push(write);
    this.orders.set(epoch, rows);
    return write;
  }
}

function refused(code: Extract<Outcome, { kind: 'refused' }>['code'], spent: MeterCounts): Report {
  return { outcome: { kind: 'refused', code }, spent };
}
