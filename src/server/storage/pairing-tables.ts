/** Pairing secrets of one show, in the SQLite of its limiter object: as hashes only. Each call adds its rows to `spent`. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';

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

// A type, not an interface: rows have to fit the platform's record of column values.
type PairingRow = {
  id: string;
  hash: ArrayBuffer;
  maker: string;
  expires_at: number;
  tries_left: number;
  used_at: number | null;
};
type DeviceRow = { label: string; used_at: number };

/** The SQL table of a show's pairing codes. Synchronous; every call adds the rows that it read and wrote to `spent`. */
export class PairingTables {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores a new secret, made at `at`. */
  add(spent: MeterCounts, { id, hash, maker, expiresAt, triesLeft }: Omit<Pairing, 'usedAt'>, at: number) {
    const insert =
      'INSERT INTO pairings (id, hash, maker, made_at, expires_at, tries_left) VALUES (?, ?, ?, ?, ?, ?)';
    this.#run(spent, insert, id, hash, maker, at, expiresAt, triesLeft);
  }

  /** The secret with this id, used and expired ones included; null when there is none. */
  find(spent: MeterCounts, id: string): Pairing | null {
    const select = 'SELECT id, hash, maker, expires_at, tries_left, used_at FROM pairings WHERE id = ?';
    const [row] = this.#run<PairingRow>(spent, select, id);
    if (!row) return null;
    const { hash, maker, expires_at, tries_left, used_at } = row;
    return { id, hash, maker, expiresAt: expires_at, triesLeft: tries_left, usedAt: used_at };
  }

  /** When secrets were made after a time, the oldest first. */
  madeAfter(spent: MeterCounts, at: number): number[] {
    const select = 'SELECT made_at FROM pairings WHERE made_at > ? ORDER BY made_at';
    return this.#run<{ made_at: number }>(spent, select, at).map(({ made_at }) => made_at);
  }

  /** Until when the unused secret of a session lives, or null when it has none that lives. */
  openUntil(spent: MeterCounts, maker: string, now: number): number | null {
    const select =
      'SELECT MAX(expires_at) AS until FROM pairings WHERE maker = ? AND used_at IS NULL AND tries_left > 0 AND expires_at > ?';
    return this.#run<{ until: number | null }>(spent, select, maker, now)[0]?.until ?? null;
  }

  /** Ends the unused secrets of a session. */
  expire(spent: MeterCounts, maker: string, now: number): void {
    const update =
      'UPDATE pairings SET expires_at = ? WHERE maker = ? AND used_at IS NULL AND expires_at > ?';
    this.#run(spent, update, now, maker, now);
  }

  /** Counts a wrong secret that was shown for this id. */
  takeTry(spent: MeterCounts, id: string): void {
    this.#run(spent, 'UPDATE pairings SET tries_left = tries_left - 1 WHERE id = ?', id);
  }

  /** Marks a secret as used, once. */
  use(spent: MeterCounts, id: string, at: number): void {
    this.#run(spent, 'UPDATE pairings SET used_at = ? WHERE id = ? AND used_at IS NULL', at, id);
  }

  /** The session that a used secret became. */
  name(spent: MeterCounts, id: string, label: string): void {
    this.#run(spent, 'UPDATE pairings SET label = ? WHERE id = ?', label, id);
  }

  /** Sessions that secrets became, the oldest first. */
  devices(spent: MeterCounts): { label: string; at: number }[] {
    const select =
      'SELECT label, used_at FROM pairings WHERE label IS NOT NULL AND used_at IS NOT NULL ORDER BY used_at';
    return this.#run<DeviceRow>(spent, select).map(({ label, used_at }) => ({ label, at: used_at }));
  }

  /** Forgets secrets that were made up to a time. */
  forget(spent: MeterCounts, until: number): void {
    this.#run(spent, 'DELETE FROM pairings WHERE made_at <= ?', until);
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
