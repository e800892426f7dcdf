/** The limiter's tables, in its object's own SQLite. */
import * as v from 'valibot';
import type { CountedSql } from './counted-sql.ts';

/** New epochs by SKU: what a reset answered. */
export type ResetEpochs = Record<string, number>;

/** A reset that was begun. Times are Unix milliseconds. */
export interface KnownReset extends Omit<ResetRow, 'answer'> {
  answer: ResetEpochs | null;
}

interface ResetRow {
  key: string;
  fingerprint: string;
  begunAt: number;
  doneAt: number | null;
  answer: string | null;
}

/** An idempotency key and what it was claimed for. */
export interface KeyClaim {
  key: string;
  /** Whose key it is: a session's id, or '' where it is any presenter's of the show. */
  owner: string;
  /** What the request asks for, in words of the caller's. */
  payload: string;
}

const resetEpochs = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.number()));

/** The SQL tables of a limiter object. */
export class LimiterTables {
  readonly #sql: CountedSql;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** When logins were taken, the oldest first, Unix milliseconds. */
  logins(): number[] {
    return this.#sql.run<{ at: number }>('SELECT at FROM logins ORDER BY at').map(({ at }) => at);
  }

  /** Stores the time of a login. */
  addLogin(at: number): void {
    this.#sql.run('INSERT INTO logins (at) VALUES (?)', at);
  }

  /** Forgets logins up to a time. */
  forgetLogins(until: number): void {
    this.#sql.run('DELETE FROM logins WHERE at <= ?', until);
  }

  /** When the bucket of joins will be full again, Unix milliseconds; null when none was taken. */
  joinsFullAt(): number | null {
    return this.#sql.run<{ at: number }>('SELECT full_at AS at FROM joins')[0]?.at ?? null;
  }

  /** Stores when the bucket of joins will be full again. */
  setJoinsFullAt(fullAt: number): void {
    this.#sql.run('REPLACE INTO joins (slot, full_at) VALUES (1, ?)', fullAt);
  }

  /** True when the key is claimed for this by now. */
  claimKey({ key, owner, payload }: KeyClaim): boolean {
    const claim = 'INSERT OR IGNORE INTO keys (key, owner, payload) VALUES (?, ?, ?)';
    this.#sql.run(claim, key, owner, payload);
    const same = 'SELECT 1 FROM keys WHERE key = ? AND owner = ? AND payload = ?';
    return this.#sql.run(same, key, owner, payload).length > 0;
  }

  /** True when any idempotency key is claimed. */
  hasKeys(): boolean {
    return this.#sql.run('SELECT 1 FROM keys LIMIT 1').length > 0;
  }

  /** Every stored reset, in no order. */
  resets(): KnownReset[] {
    const rows = this.#sql.run<ResetRow>(
      'SELECT key, fingerprint, begun_at AS begunAt, done_at AS doneAt, answer FROM resets',
    );
    return rows.map((row) => ({
      ...row,
      answer: row.answer === null ? null : v.parse(resetEpochs, row.answer),
    }));
  }

  /** Stores that a reset has begun; an earlier one of the same key is replaced. */
  beginReset(key: string, fingerprint: string, at: number): void {
    const begin = 'INSERT OR REPLACE INTO resets (key, fingerprint, begun_at) VALUES (?, ?, ?)';
    this.#sql.run(begin, key, fingerprint, at);
  }

  /** Stores the answer of a reset, once. */
  finishReset(key: string, answer: ResetEpochs, at: number): void {
    const finish = 'UPDATE resets SET done_at = ?, answer = ? WHERE key = ? AND done_at IS NULL';
    this.#sql.run(finish, at, JSON.stringify(answer), key);
  }

  /** Moves the beginning of a reset that is not done, so that it holds nothing any more. */
  backdateReset(key: string, byMs: number): void {
    const backdate = 'UPDATE resets SET begun_at = begun_at - ? WHERE key = ? AND done_at IS NULL';
    this.#sql.run(backdate, byMs, key);
  }

  /** Forgets resets that were done, or begun and never done, up to a time. */
  forgetResets(until: number): void {
    this.#sql.run('DELETE FROM resets WHERE COALESCE(done_at, begun_at) <= ?', until);
  }
}
