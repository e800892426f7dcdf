/** Pairing secrets of one show, in the SQLite of its limiter object: as hashes only. */
import type { CountedSql } from './counted-sql.ts';

/** A secret that was made. Times are Unix milliseconds. */
export interface Pairing {
  /** Names the secret, and is no secret by itself: an attempt that does not know it counts against nobody's secret. */
  id: string;
  /** Keyed hash of the secret. */
  hash: ArrayBuffer;
  /** The session that made it, with which it dies. */
  maker: string;
  expiresAt: number;
  /** Wrong secrets that may still be tried under this id. */
  triesLeft: number;
  usedAt: number | null;
}

/** The SQL table of a show's pairing codes. */
export class PairingTables {
  readonly #sql: CountedSql;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** Stores a new secret, made at `at`. */
  add({ id, hash, maker, expiresAt, triesLeft }: Omit<Pairing, 'usedAt'>, at: number): void {
    const insert =
      'INSERT INTO pairings (id, hash, maker, made_at, expires_at, tries_left) VALUES (?, ?, ?, ?, ?, ?)';
    this.#sql.run(insert, id, hash, maker, at, expiresAt, triesLeft);
  }

  /** The secret with this id, used and expired ones included; null when there is none. */
  find(id: string): Pairing | null {
    const select = `SELECT id, hash, maker, expires_at AS expiresAt, tries_left AS triesLeft, used_at AS usedAt
                    FROM pairings WHERE id = ?`;
    return this.#sql.run<Pairing>(select, id)[0] ?? null;
  }

  /** When secrets were made after a time, the oldest first, Unix milliseconds. */
  madeAfter(at: number): number[] {
    const select = 'SELECT made_at AS at FROM pairings WHERE made_at > ? ORDER BY made_at';
    return this.#sql.run<{ at: number }>(select, at).map((made) => made.at);
  }

  /** Until when the unused secret of a session lives, Unix milliseconds; null when it has none that lives. */
  openUntil(maker: string, now: number): number | null {
    const select =
      'SELECT MAX(expires_at) AS until FROM pairings WHERE maker = ? AND used_at IS NULL AND tries_left > 0 AND expires_at > ?';
    return this.#sql.run<{ until: number | null }>(select, maker, now)[0]?.until ?? null;
  }

  /** Ends the unused secrets of a session. */
  expire(maker: string, now: number): void {
    const update =
      'UPDATE pairings SET expires_at = ? WHERE maker = ? AND used_at IS NULL AND expires_at > ?';
    this.#sql.run(update, now, maker, now);
  }

  /** Counts a wrong secret that was shown for this id. */
  takeTry(id: string): void {
    this.#sql.run('UPDATE pairings SET tries_left = tries_left - 1 WHERE id = ?', id);
  }

  /** Marks a secret as used, once. */
  use(id: string, at: number): void {
    this.#sql.run('UPDATE pairings SET used_at = ? WHERE id = ? AND used_at IS NULL', at, id);
  }

  /** Stores the label of the session that a used secret became. */
  name(id: string, label: string): void {
    this.#sql.run('UPDATE pairings SET label = ? WHERE id = ?', label, id);
  }

  /** Sessions that secrets became, the oldest first; `at` is when, Unix milliseconds. */
  devices(): { label: string; at: number }[] {
    return this.#sql.run<{ label: string; at: number }>(
      'SELECT label, used_at AS at FROM pairings WHERE label IS NOT NULL AND used_at IS NOT NULL ORDER BY used_at',
    );
  }

  /** Forgets secrets that were made up to a time. */
  forget(until: number): void {
    this.#sql.run('DELETE FROM pairings WHERE made_at <= ?', until);
  }
}
