/**
 * A turn: the one synchronous step in which a room changes. Everything that waited is decided on memory, all of it is
 * written in one transaction, and only then is anybody told: persist, then tell, then nothing.
 */
import type { EventDraft, RoomEvent } from '#lib/domain/events.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Sha256Hex } from '#lib/domain/log.ts';
import { chainNext } from '#lib/domain/log.ts';
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { KnownOp } from '#lib/domain/op.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { apply } from '#lib/domain/reduce.ts';
import type { RoomTables } from '../storage/room-tables.ts';
import type { Cursors } from './feed.ts';
import { saveGauges } from './memory.ts';
import type { RoomMemory } from './memory.ts';

/**
 * Events in one row of the log: far below the 2 MB that a row may hold, at some 500 bytes an event.
 */
const MAX_CHUNK_EVENTS = 1_000;

/** What storing the gauges costs: one row by its key. */
const GAUGES_COST: MeterCounts = { 'do.rowWritten': 1 };

/** A row to write with the turn's transaction. It cannot wait for anything: nothing asynchronous fits the type. */
export type RowWrite = (tables: RoomTables) => undefined | void;

/** What is decided together, stored together, and told afterwards. */
export class Turn {
  readonly memory: RoomMemory;
  readonly nowMs: number;
  readonly told: ChainedEvent[] = [];
  /** Ops decided in this turn: their rows are not written yet. */
  readonly decided = new Map<string, KnownOp>();
  readonly #sha256: Sha256Hex;
  readonly #writes: RowWrite[] = [];
  readonly #effects: (() => void)[] = [];

  constructor(memory: RoomMemory, nowMs: number, sha256: Sha256Hex) {
    this.memory = memory;
    this.nowMs = nowMs;
    this.#sha256 = sha256;
  }

  /** True when there is something to store. */
  get changes(): boolean {
    return this.told.length > 0 || this.#writes.length > 0;
  }

  /** Numbers, chains and applies an event. */
  tell(draft: EventDraft): RoomEvent {
    const chained = chainNext(this.memory.facts, draft, this.nowMs, this.#sha256);
    apply(this.memory.facts, chained.event);
    this.told.push(chained);
    return chained.event;
  }

  /** Writes rows in the turn's transaction. */
  write(rows: RowWrite): void {
    this.#writes.push(rows);
  }

  /** Does something once the turn is stored. Sends are held back by the platform until it is durable. */
  after(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Stores the whole turn, or nothing. */
  persist(tables: RoomTables, cursors: Cursors): void {
    tables.atomically(() => {
      for (const write of this.#writes) write(tables);
      for (let start = 0; start < this.told.length; start += MAX_CHUNK_EVENTS) {
        appendChunk(tables, this.told.slice(start, start + MAX_CHUNK_EVENTS));
      }
      // The gauges hold what all of this cost, their own row too: a room that wakes knows what it showed.
      this.memory.meters.add(tables.takeSpent());
      this.memory.meters.add(GAUGES_COST);
      saveGauges(tables, this.memory, cursors, this.nowMs);
    });
    tables.takeSpent();
  }

  /** Tells everybody. Call once, after {@link persist}. One who cannot be told keeps nobody else from hearing. */
  finish(failed: (error: unknown) => void): void {
    for (const effect of this.#effects) {
      try {
        effect();
      } catch (error) {
        failed(error);
      }
    }
  }
}

function appendChunk(tables: RoomTables, events: ChainedEvent[]): void {
  const first = events[0]?.event;
  const last = events.at(-1)?.event;
  if (!first || !last) return;
  const lines = events.map(({ json }) => json).join('\n');
  tables.appendLog({ firstSeq: first.seq, lastSeq: last.seq, lines });
}

/** Refusals that wait to be told: a refusal changes nothing, so it needs no commit of its own. */
export class Refusals {
  readonly #counts = new Map<LaneId, Map<ErrorCode, number>>();

  get any(): boolean {
    return this.#counts.size > 0;
  }

  /** Counts one op that a lane refused, or that was refused on the lane's behalf. */
  count(lane: LaneId, code: ErrorCode): void {
    const codes = this.#counts.get(lane) ?? new Map<ErrorCode, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.#counts.set(lane, codes);
  }

  /** Tells them all, one event for each lane, without anybody's name. */
  tellIn(turn: Turn): void {
    for (const [lane, codes] of this.#counts) {
      turn.tell({ kind: 'refused', body: { lane, counts: Object.fromEntries(codes) } });
    }
    this.#counts.clear();
  }
}
