/**
 * A transaction: the one synchronous step in which a room changes. Everything that waited is decided on memory, all of it is
 * written in one transaction of the storage, and only then is anything sent: persist, then send.
 */
import type { EventDraft, RoomEvent } from '#lib/domain/events.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Sha256Hex } from '#lib/domain/log.ts';
import { chainNext } from '#lib/domain/log.ts';
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { KnownOp } from '#lib/domain/op.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { apply } from '#lib/domain/reduce.ts';
import type { LogChunk, Tables } from './tables.ts';
import { fullGauges, nextGauges } from './memory.ts';
import type { Cursors, RoomMemory } from './memory.ts';
import { storedOps } from './stored-ops.ts';

/**
 * Most events in one row of the log: at some 500 bytes an event far below the 2 MB of a row
 * (developers.cloudflare.com/durable-objects/platform/limits, read in 2026-11).
 */
const MAX_CHUNK_EVENTS = 1_000;

/** Cost of storing gauges in a row of their own, which is read by key and written. */
const GAUGES_COST: MeterCounts = { 'do.rowRead': 1, 'do.rowWritten': 1 };

/** Writes rows in the transaction. Synchronous by type. */
export type RowWrite = (tables: Tables) => undefined | void;

/** What is decided together, stored together, and sent afterwards. */
export class Transaction {
  readonly memory: RoomMemory;
  /** `atMs` of its events, Unix milliseconds. */
  readonly nowMs: number;
  /** The same moment in steady milliseconds, for durations. */
  readonly steadyMs: number;
  readonly appended: ChainedEvent[] = [];
  /** Refusals of this transaction, by lane and code. */
  refused: [LaneId, ErrorCode][] = [];
  /** True once it has settled an op that was in flight, perhaps the last one. */
  settles = false;
  /** The foreseen cursors. */
  cursors: Cursors;
  /** Ops that this transaction allocated for good. */
  readonly #kept: KnownOp[] = [];
  readonly #sha256: Sha256Hex;
  readonly #writes: RowWrite[] = [];
  readonly #effects: (() => void)[] = [];
  #fully = false;
  #forTaps = false;

  constructor(memory: RoomMemory, nowMs: number, steadyMs: number, sha256: Sha256Hex) {
    this.memory = memory;
    this.cursors = memory.told;
    this.nowMs = nowMs;
    this.steadyMs = steadyMs;
    this.#sha256 = sha256;
  }

  /** True when there is something to store. */
  get changes(): boolean {
    return this.appended.length > 0 || this.#kept.length > 0 || this.#writes.length > 0 || this.#fully;
  }

  /** True when there are ops to store but no event: rows are keyed by the `seq` of their events, so one is needed. */
  get lacksEvent(): boolean {
    return this.#kept.length > 0 && this.appended.length === 0;
  }

  /** Numbers, chains and applies an event. */
  append(draft: EventDraft): RoomEvent {
    const chained = chainNext(this.memory.facts, draft, this.nowMs, this.#sha256);
    apply(this.memory.facts, chained.event);
    this.appended.push(chained);
    return chained.event;
  }

  /** Stores an allocated op with its answer, for as long as the room lives. */
  keep(op: KnownOp): void {
    this.#kept.push(op);
    this.memory.ops.set(op.op, op);
  }

  /** Stores the full gauges with this transaction, even if there is nothing else to store. */
  saveFully(): void {
    this.#fully = true;
  }

  /** Charges the cost of storing this transaction to taps. */
  forTaps(): void {
    this.#forTaps = true;
  }

  /** Writes rows in the transaction. */
  write(rows: RowWrite): void {
    this.#writes.push(rows);
  }

  /** Does something once the transaction is stored. Sends are held back by the platform until it is durable. */
  after(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Stores the whole transaction, or nothing. */
  persist(tables: Tables): void {
    const { cursors } = this;
    const { meters } = this.memory;
    // Rows that were read and written before this transaction are not part of its cost.
    meters.add(tables.takeSpent());
    tables.atomically(() => {
      for (const write of this.#writes) write(tables);
      // The gauges include the cost of the rows that are still to be written, so that a woken room knows what it showed.
      const runs = this.#runs();
      const spent = tables.takeSpent();
      addCounts(spent, { 'do.rowRead': runs.length, 'do.rowWritten': runs.length });
      if (this.#fully || runs.length === 0) addCounts(spent, GAUGES_COST);
      if (this.#forTaps) meters.addForTaps(spent);
      else meters.add(spent);
      const gauges = nextGauges(this.memory, cursors);
      for (const [place, { chunk, ops }] of runs.entries()) {
        tables.appendCommit(chunk, ops, place === runs.length - 1 ? gauges : null);
      }
      if (this.#fully) tables.writeGauges('full', fullGauges(this.memory, cursors, this));
      else if (runs.length === 0) tables.writeGauges('light', gauges);
    });
    tables.takeSpent();
  }

  /** Runs the effects. Call once, after {@link persist}. One that fails does not stop the others. */
  finish(failed: (error: unknown) => void): void {
    for (const effect of this.#effects) {
      try {
        effect();
      } catch (error) {
        failed(error);
      }
    }
  }

  /** Rows of the log, usually one. Ops are stored beside their events, remaining ones with the last row. */
  #runs(): { chunk: LogChunk; ops: string | null }[] {
    const runs = [];
    for (let start = 0; start < this.appended.length; start += MAX_CHUNK_EVENTS) {
      const end = start + MAX_CHUNK_EVENTS;
      const events = this.appended.slice(start, end);
      const first = events[0]?.event.seq ?? 0;
      const lines = events.map(({ json }) => json).join('\n');
      const ops = this.#kept.slice(start, end < this.appended.length ? end : undefined);
      const chunk = { firstSeq: first, lastSeq: first + events.length - 1, lines };
      runs.push({ chunk, ops: storedOps(ops) });
    }
    return runs;
  }
}
