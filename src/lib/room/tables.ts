/**
 * What a room stores, as its core uses it: SQLite in the object, or memory in a rehearsal. Synchronous throughout: what must be
 * atomic has no promise in it.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';

/** Names of single values. */
export type FactName =
  'opening' | 'closesAt' | 'endedAt' | 'endWatched' | 'settling' | 'summarised' | 'base' | 'told';
/** Which of the gauges: those of a commit that told nothing, or the larger ones that are written once a second. */
export type GaugeSlot = 'light' | 'full';

/** A stored run of events. */
export interface LogChunk {
  firstSeq: number;
  lastSeq: number;
  lines: string;
}

/** Ops that a commit allocated, as JSON, and the `seq` at which it ended. */
export interface StoredOps {
  lastSeq: number;
  ops: string;
}

/** What a room that wakes finds beside its log. */
export interface Standing {
  /** Ops under way in a lane that answers later, as JSON. */
  pending: string[];
  /** Guesses by session. */
  guesses: [session: string, value: number][];
  /** Sessions that logged out. */
  revoked: string[];
  /** True while a reset draws its line. */
  resetting: boolean;
}

/** A reset as it is stored. */
export interface ResetRow {
  key: string;
  fromEpoch: number;
  done: boolean;
  body: string;
}

/** The tables of one room. */
export interface Tables {
  /** Runs `work` as one transaction: all of it, or nothing when it throws. By type it cannot wait for anything. */
  atomically<T>(work: () => T extends Promise<unknown> ? never : T): T;
  /** Rows read and written since this was last asked. */
  takeSpent(): MeterCounts;
  /** Every single value, for a room that wakes. */
  readFacts(): ReadonlyMap<FactName, string>;
  /** A single value; null when it is not stored. */
  readFact(name: FactName): string | null;
  /** Stores a single value. */
  writeFact(name: FactName, value: string): void;
  /** Deletes a single value. */
  deleteFact(name: FactName): void;
  /** Appends a commit: a run of events, the ops that it allocated, and the gauges. */
  appendCommit(chunk: LogChunk, ops: string | null, gauges: string | null): void;
  /** Stored runs that hold events after `seq`, oldest first: up to event `last`. */
  readLogAfter(seq: number, upTo?: { last?: number }): readonly LogChunk[];
  /** Allocated ops of the whole life of the room, oldest first. */
  readOps(): readonly StoredOps[];
  /** The gauges of the newest commit that has some, and the two that are overwritten, in no order. */
  readGauges(): string[];
  /** Overwrites one of the two gauges outside of commits. */
  writeGauges(slot: GaugeSlot, value: string): void;
  /** What stands beside the log. */
  readStanding(): Standing;
  /** Stores an op that a lane will answer later. */
  writePending(op: string, answer: string): void;
  /** Deletes a pending op that has settled. */
  deletePending(op: string): void;
  /** The reset of an idempotency key; null when there is none. */
  readReset(key: string): ResetRow | null;
  /** A reset that has begun and is not done; null when there is none. */
  readUnfinishedReset(): ResetRow | null;
  /** Stores the intent once: the same key again while it is under way changes nothing. */
  beginReset(key: string, fromEpoch: number, body: string): void;
  /** The reset under way is done, for every key that asked for it. */
  finishResets(): void;
  /** Stores a session's answer to the current guess. */
  writeGuess(session: string, value: number): void;
  /** Deletes all answers to the guess. */
  clearGuesses(): void;
}

/** Lines of the events after `seq`, up to and with `last`. */
export function linesBetween(tables: Pick<Tables, 'readLogAfter'>, seq: number, last: number): string[] {
  if (seq >= last) return [];
  return tables
    .readLogAfter(seq, { last })
    .flatMap(({ firstSeq, lines }) =>
      lines.split('\n').filter((_, index) => firstSeq + index > seq && firstSeq + index <= last),
    );
}

/** Parses JSON that this room wrote into its own tables; it is trusted, because nobody else can write there. */
export function own<T>(json: string): T {
  return JSON.parse(json) as T;
}
