/**
 * The tables of a room, in the SQLite of its object. Every SQL string of a room is here.
 *
 * - `facts`: single values, by name
 * - `commits`: one row for each commit with events: the events as lines of JSON, just as they are exported, the ops that it
 *   allocated with their answers, which are kept as long as the room lives, and the gauges at that time. A row for each op
 *   would be billed as one, and op ids are random, so that a commit of a hundred would touch a hundred pages; a row for the
 *   gauges would be a second row and a second page
 * - `gauges`: two rows that are overwritten: gauges of commits without events, and the gauges that grow with the crowd
 * - `pending`: ops admitted to a lane that answers later, and not settled yet
 * - `resets`: resets begun and done, by idempotency key
 * - `revoked`: sessions that logged out
 * - `guesses`: answers to the current guess, one row for each session, overwritten by a new answer
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type {
  FactName,
  GaugeSlot,
  LogChunk,
  ResetRow,
  Standing,
  StoredOps,
  Tables,
} from '#lib/room/tables.ts';
import { CountedSql } from './counted-sql.ts';
import { ROOM_SCHEMA } from './room-schema.ts';
import { bringUpToDate } from './schema.ts';
import type { Found } from './schema.ts';

const SLOTS: Record<GaugeSlot, number> = { light: 1, full: 2 };

/** The tables of one room. Synchronous throughout: what must be atomic has no promise in it. */
export class RoomTables implements Tables {
  /** Those of newer code may not be touched. */
  readonly found: Found;
  readonly #storage: DurableObjectStorage;
  readonly #sql: CountedSql;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = new CountedSql(storage.sql);
    this.found = bringUpToDate(ROOM_SCHEMA, this.#sql, storage);
  }

  /** Runs `work` as one transaction: all of it, or nothing when it throws. By type it cannot wait for anything. */
  atomically<T>(work: () => T extends Promise<unknown> ? never : T): T {
    return this.#storage.transactionSync(work);
  }

  /** Resolves when everything written so far is durable. */
  async durable(): Promise<void> {
    await this.#storage.sync();
  }

  /** Rows read and written since this was last asked. */
  takeSpent(): MeterCounts {
    return this.#sql.takeSpent();
  }

  /** Every single value, for a room that wakes. */
  readFacts(): Map<FactName, string> {
    const rows = this.#sql.run<{ name: FactName; value: string }>('SELECT name, value FROM facts');
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  /** A single value; null when it is not stored. */
  readFact(name: FactName): string | null {
    return this.#sql.run<{ value: string }>('SELECT value FROM facts WHERE name = ?', name)[0]?.value ?? null;
  }

  /** Stores a single value. */
  writeFact(name: FactName, value: string): void {
    const write =
      'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
    this.#sql.run(write, name, value);
  }

  /** Deletes a single value. */
  deleteFact(name: FactName): void {
    this.#sql.run('DELETE FROM facts WHERE name = ?', name);
  }

  /** Appends a commit: a run of events, the ops that it allocated, and the gauges. */
  appendCommit({ firstSeq, lastSeq, lines }: LogChunk, ops: string | null, gauges: string | null): void {
    const append = 'INSERT INTO commits (first_seq, last_seq, lines, ops, gauges) VALUES (?, ?, ?, ?, ?)';
    this.#sql.run(append, firstSeq, lastSeq, lines, ops, gauges);
  }

  /** Stored runs that hold events after `seq`, oldest first: up to event `last`, and at most so many runs. */
  readLogAfter(seq: number, { last = Number.MAX_SAFE_INTEGER, runs = -1 } = {}): LogChunk[] {
    const select = `SELECT first_seq AS firstSeq, last_seq AS lastSeq, lines FROM commits
                    WHERE first_seq >= (SELECT COALESCE(MAX(first_seq), 0) FROM commits WHERE first_seq <= ?)
                      AND first_seq <= ?
                    ORDER BY first_seq LIMIT ?`;
    return this.#sql.run<LogChunk>(select, seq + 1, last, runs);
  }

  /** Sizes in bytes of at most `runs` runs after event `seq`, the last of its run; oldest first. The runs are not read. */
  readRunSizes(seq: number, runs: number): number[] {
    const select =
      'SELECT octet_length(lines) AS bytes FROM commits WHERE first_seq > ? ORDER BY first_seq LIMIT ?';
    return this.#sql.run<{ bytes: number }>(select, seq, runs).map(({ bytes }) => bytes);
  }

  /** Allocated ops of the whole life of the room, oldest first. */
  readOps(): StoredOps[] {
    return this.#sql.run<StoredOps>(
      'SELECT last_seq AS lastSeq, ops FROM commits WHERE ops IS NOT NULL ORDER BY first_seq',
    );
  }

  /** The gauges of the newest commit that has some, and the two that are overwritten, in no order. */
  readGauges(): string[] {
    const rows = this.#sql.run<{ value: string }>(
      `SELECT value FROM gauges UNION ALL
       SELECT gauges FROM (SELECT gauges FROM commits ORDER BY first_seq DESC LIMIT 1) WHERE gauges IS NOT NULL`,
    );
    return rows.map(({ value }) => value);
  }

  /** Overwrites one of the two gauges outside of commits. */
  writeGauges(slot: GaugeSlot, value: string): void {
    this.#sql.run('REPLACE INTO gauges (slot, value) VALUES (?, ?)', SLOTS[slot], value);
  }

  /** What stands beside the log. One statement: each is in the way of the first answer of a room that wakes. */
  readStanding(): Standing {
    const rows = this.#sql.run<{ kind: keyof Standing; key: string; value: string | number | null }>(
      `SELECT 'pending' AS kind, op AS key, answer AS value FROM pending
       UNION ALL SELECT 'guesses', session, value FROM guesses
       UNION ALL SELECT 'revoked', session, NULL FROM revoked
       UNION ALL SELECT 'resetting', key, NULL FROM resets WHERE done = 0`,
    );
    const of = (kind: keyof Standing) => rows.filter((row) => row.kind === kind);
    return {
      pending: of('pending').map(({ value }) => String(value)),
      guesses: of('guesses').map(({ key, value }) => [key, Number(value)]),
      revoked: of('revoked').map(({ key }) => key),
      resetting: of('resetting').length > 0,
    };
  }

  /** Stores an op that a lane will answer later, or what lanes have answered since. */
  writePending(op: string, answer: string): void {
    this.#sql.run('INSERT OR REPLACE INTO pending (op, answer) VALUES (?, ?)', op, answer);
  }

  /** Deletes a pending op that has settled. */
  deletePending(op: string): void {
    this.#sql.run('DELETE FROM pending WHERE op = ?', op);
  }

  /** The reset of an idempotency key; null when there is none. */
  readReset(key: string): ResetRow | null {
    return this.#resets('WHERE key = ?', key)[0] ?? null;
  }

  /** A reset that has begun and is not done; null when there is none. */
  readUnfinishedReset(): ResetRow | null {
    return this.#resets('WHERE done = 0')[0] ?? null;
  }

  /** Stores the intent once: the same key again while it is under way changes nothing. */
  beginReset(key: string, fromEpoch: number, body: string): void {
    const begin = 'INSERT OR IGNORE INTO resets (key, from_epoch, done, body) VALUES (?, ?, 0, ?)';
    this.#sql.run(begin, key, fromEpoch, body);
  }

  /** The reset under way is done, for every key that asked for it. */
  finishResets(): void {
    this.#sql.run('UPDATE resets SET done = 1 WHERE done = 0');
  }

  /** Stores that a session has logged out. */
  writeRevoked(session: string): void {
    this.#sql.run('INSERT OR IGNORE INTO revoked (session) VALUES (?)', session);
  }

  /** Stores a session's answer to the current guess. */
  writeGuess(session: string, value: number): void {
    this.#sql.run('REPLACE INTO guesses (session, value) VALUES (?, ?)', session, value);
  }

  /** Deletes all answers to the guess. */
  clearGuesses(): void {
    this.#sql.run('DELETE FROM guesses');
  }

  #resets(where: string, ...bindings: string[]): ResetRow[] {
    const rows = this.#sql.run<{ key: string; fromEpoch: number; done: number; body: string }>(
      `SELECT key, from_epoch AS fromEpoch, done, body FROM resets ${where}`,
      ...bindings,
    );
    return rows.map((row) => ({ ...row, done: row.done === 1 }));
  }
}
