/**
 * Recounts a lane from its engine's own rows, independently of the room's counters. Every row read is billed, or is work for an
 * engine that sells, so a recount without new writes waits until the rows of the last one are paid off.
 */
import type { OrdersByEpoch } from '#lib/domain/audit-lineage.ts';
import { rowsOfLanes } from '#lib/domain/auditor.ts';
import type { RowsStanding } from '#lib/domain/auditor.ts';
import { RowsRecount } from '#lib/domain/auditor-rows.ts';
import type { RowsFigure } from '#lib/domain/auditor-rows.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { newestVersion } from '#lib/domain/lineage.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { StoredLane } from '../lanes/stored-lane.ts';
import type { RoomContext } from '#lib/room/context.ts';

/** Rows a second that recounts may read on average: $0.0000001 a second, $0.0002 in half an hour. */
const ROWS_PER_SECOND = 100;

/** What the log says by now, and which moment that is. */
export interface LogReached {
  orders: (lane: LaneId) => OrdersByEpoch;
  epoch: number;
  seq: number;
  /** True when nothing was in flight at that event. */
  settled: boolean;
}

/** Result of a look at the rows; `spent` when they were counted again, because that has to be stored. */
export interface Looked {
  standing: RowsStanding;
  spent: boolean;
}

/** Looks at the rows of several lanes for one line of the audit: at once, so that a silent engine holds up no other. */
export async function lookAtRows(recounts: readonly Recount[], log: LogReached): Promise<Looked> {
  const looked = await Promise.all(recounts.map((recount) => recount.look(log)));
  const standing = rowsOfLanes(looked.map((each) => each.standing));
  return { standing, spent: looked.some(({ spent }) => spent) };
}

/** The recount of one lane. */
export class Recount {
  readonly #room: RoomContext;
  readonly #lane: StoredLane;
  #newest: RowsStanding['newest'] = null;
  #failed = false;
  /** Writes that the log told when the rows were last counted with nothing in flight; null when they never were. */
  #countedSettled: string | null = null;
  #countedAtMs = -Infinity;
  #rowsRead = 0;

  constructor(room: RoomContext, lane: StoredLane) {
    this.#room = room;
    this.#lane = lane;
  }

  /** The rows as they stand, counted again when it is time; then true for `spent`, because it has to be stored. */
  async look(log: LogReached): Promise<Looked> {
    const due = this.#isDue(log);
    if (due) await this.#countAgain(log);
    return { standing: { newest: this.#newest, failed: this.#failed }, spent: due };
  }

  #isDue(log: LogReached): boolean {
    if (this.#failed || this.#newest === null) return true;
    if (log.settled && this.#countedSettled !== this.#writesOf(log)) return true;
    return this.#room.commits.steady() - this.#countedAtMs >= (1_000 * this.#rowsRead) / ROWS_PER_SECOND;
  }

  async #countAgain(log: LogReached): Promise<void> {
    try {
      let counted = await this.#count(log);
      // Nothing is called broken on one reading: what is wrong is wrong a second time.
      if (!counted.figure.ok && this.#newest?.figure.ok !== false) counted = await this.#count(log);
      this.#newest = { figure: counted.figure, seq: log.seq };
      this.#failed = false;
      this.#countedSettled = counted.settled ? this.#writesOf(log) : null;
    } catch (error) {
      this.#failed = true;
      this.#room.failed(error, 'recount_failed');
    }
    this.#countedAtMs = this.#room.commits.steady();
  }

  async #count(log: LogReached): Promise<{ figure: RowsFigure; settled: boolean }> {
    const lane = this.#lane;
    const { show, sku } = this.#room.memory.opening;
    const room = { show, sku: sku.id, epoch: log.epoch };
    const before = log.settled && this.#stillSettled(log);
    const recount = new RowsRecount(log.orders(lane.id), log.epoch);
    const spent: MeterCounts = {};
    let rows = 0;
    try {
      const { inventory, spent: ofCounter } = await lane.counter(room);
      addCounts(spent, ofCounter);
      for (let op = '', isLast = false; !isLast;) {
        const page = await lane.rowsBehind(room, op);
        addCounts(spent, page.spent);
        recount.take(page.rows);
        rows += page.rows.length;
        op = page.rows.at(-1)?.op ?? '';
        isLast = page.isLast;
      }
      const settled = before && this.#stillSettled(log);
      return { figure: recount.finish(settled, inventory), settled };
    } finally {
      this.#rowsRead = Math.max(rows, spent['d1.rowRead'] ?? 0);
      this.#room.memory.meters.add(spent);
    }
  }

  /** True while nothing can be on its way to the database that the log does not tell. */
  #stillSettled({ epoch, orders }: LogReached): boolean {
    const { facts, pending } = this.#room.memory;
    const { id } = this.#lane;
    const { lineage } = ofLane(facts.lanes, id);
    const logged = orders(id).get(epoch)?.length ?? 0;
    return facts.epoch === epoch && pending.size === 0 && newestVersion(lineage) <= logged;
  }

  #writesOf({ epoch, orders }: LogReached): string {
    return `${epoch}:${orders(this.#lane.id).get(epoch)?.length ?? 0}`;
  }
}
