/** The limiter's tables, in its object's own SQLite. Each call adds the rows that it read and wrote to `spent`. */
import * as v from 'valibot';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';

/** New epochs by SKU: what a reset answered. */
export type ResetEpochs = Record<string, number>;

/** A reset that was begun. Times are Unix milliseconds. */
export interface KnownReset {
  key: string;
  fingerprint: string;
  begunAt: number;
  doneAt: number | null;
  answer: ResetEpochs | null;
}

/** An idempotency key and what it was claimed for. */
export interface KeyClaim {
  key: string;
  /** Whose key it is: a session's id, or '' where it is any presenter's of the show. */
  owner: string;
  /** What the request asks for, in words of the caller's. */
  payload: string;
}

// A type, not an interface: rows have to fit the platform's record of column values.
type ResetRow = {
  key: string;
  fingerprint: string;
  begun_at: number;
  done_at: number | null;
  answer: string | null;
};

const resetEpochs = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.number()));

/** The SQL tables of a limiter object. Synchronous; every call adds the rows that it read and wrote to `spent`. */
export class LimiterTables {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** When logins were taken, the oldest first. */
  logins(spent: MeterCounts): number[] {
    return this.#run<{ at: number }>(spent, 'SELECT at FROM logins ORDER BY at').map(({ at }) => at);
  }

  /** Stores the time of a login. */
  addLogin(spent: MeterCounts, at: number): void {
    this.#run(spent, 'INSERT INTO logins (at) VALUES (?)', at);
  }

  /** Forgets logins up to a time. */
  forgetLogins(spent: MeterCounts, until: number): void {
    this.#run(spent, 'DELETE FROM logins WHERE at <= ?', until);
  }

  /** When the bucket of logins will be full again, or null when none was taken. */
  joinsFullAt(spent: MeterCounts): number | null {
    return this.#run<{ full_at: number }>(spent, 'SELECT full_at FROM joins')[0]?.full_at ?? null;
  }

  /** Stores when the bucket of joins will be full again. */
  setJoinsFullAt(spent: MeterCounts, fullAt: number): void {
    this.#run(spent, 'REPLACE INTO joins (slot, full_at) VALUES (1, ?)', fullAt);
  }

  /** True when the key is claimed for this by now. */
  claimKey(spent: MeterCounts, { key, owner, payload }: KeyClaim): boolean {
    this.#run(
      spent,
      'INSERT OR IGNORE INTO keys (key, owner, payload) VALUES (?, ?, ?)',
      key,
      owner,
      payload,
    );
    const same = 'SELECT 1 FROM keys WHERE key = ? AND owner = ? AND payload = ?';
    return this.#run(spent, same, key, owner, payload).length > 0;
  }

  /** True when any idempotency key is claimed. */
  hasKeys(spent: MeterCounts): boolean {
    return this.#run(spent, 'SELECT 1 FROM keys LIMIT 1').length > 0;
  }

  /** Every stored reset, in no order. */
  resets(spent: MeterCounts): KnownReset[] {
    const rows = this.#run<ResetRow>(spent, 'SELECT key, fingerprint, begun_at, done_at, answer FROM resets');
    return rows.map(({ key, fingerprint, begun_at, done_at, answer }) => ({
      key,
      fingerprint,
      begunAt: begun_at,
      doneAt: done_at,
      answer: answer === null ? null : v.parse(resetEpochs, answer),
    }));
  }

  /** Stores that a reset has begun; an earlier one of the same key is replaced. */
  beginReset(spent: MeterCounts, key: string, fingerprint: string, at: number): void {
    const begin = 'INSERT OR REPLACE INTO resets (key, fingerprint, begun_at) VALUES (?, ?, ?)';
    this.#run(spent, begin, key, fingerprint, at);
  }

  /** Stores the answer of a reset, once. */
  finishReset(spent: MeterCounts, key: string, answer: ResetEpochs, at: number): void {
    const finish = 'UPDATE resets SET done_at = ?, answer = ? WHERE key = ? AND done_at IS NULL';
    this.#run(spent, finish, at, JSON.stringify(answer), key);
  }

  /** Moves the beginning of a reset that is not done, so that it holds nothing any more. */
  backdateReset(spent: MeterCounts, key: string, byMs: number): void {
    const backdate = 'UPDATE resets SET begun_at = begun_at - ? WHERE key = ? AND done_at IS NULL';
    this.#run(spent, backdate, byMs, key);
  }

  /** Forgets resets that were done, or begun and never done, up to a time. */
  forgetResets(spent: MeterCounts, until: number): void {
    this.#run(spent, 'DELETE FROM resets WHERE COALESCE(done_at, begun_at) <= ?', until);
  }

  #run<R extends Record<string, SqlStorageValue>>(
    spent: MeterCounts,
    statement: string,
    ...values: SqlStorageValue[]
  ): R[] {
    const cursor = this.#sql.exec<R>(statement, ...values);
    const rows = cursor.toArray();
    addCounts(spent, { 'do.rowRead': cursor.rowsRead, 'do.rowWritten': cursor.rowsWritten });
    return rows;
  }
}
