/**
 * Exact limits for what may be done only so often from one address: logins of presenters, and resets. One object per
 * kind and address (see {@link limiterName}); each method checks and writes in one synchronous step, so that no two
 * requests can pass by the same reading.
 */
import { DurableObject } from 'cloudflare:workers';
import * as v from 'valibot';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { Env } from './env.ts';

/** Presenters' logins from one address in {@link LOGIN_WINDOW_MS}. */
export const MAX_LOGINS = 10;
/** The sliding window of logins, milliseconds. */
export const LOGIN_WINDOW_MS = 60_000;
/** One successful reset per this time, milliseconds. */
export const RESET_WINDOW_MS = 60_000;
/** A reset under way holds its place this long, milliseconds: whoever made it may have died before it could say. */
export const RESERVATION_MS = 10_000;
/** A reset's answer is repeated for its key this long, milliseconds: longer than any client tries again. */
export const ANSWER_KEPT_MS = 86_400_000;

/** New epochs by SKU: what a reset answered. */
export type ResetEpochs = Record<string, number>;
const resetEpochs = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.number()));

/** What asking has cost, for the room that it is charged to. */
interface Asked {
  spent: MeterCounts;
}
/** May a login go on? */
export type LoginPermit = Asked & ({ ok: true } | { ok: false; retryAfterMs: number });
/** May a reset go on? With `replay` it was done before: answer that, and do nothing. */
export type ResetPermit = Asked &
  ({ ok: true; replay?: ResetEpochs } | { ok: false; retryAfterMs: number } | { ok: false; reused: true });

/** Name of the object that limits one kind of act from one address (by its keyed hash). */
export function limiterName(kind: 'login' | 'reset', ipHash: string): string {
  return `${kind}:${ipHash}`;
}

/** Counts acts from one address. All times are Unix milliseconds, given by the caller. */
export class Limiter extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS logins (at INTEGER NOT NULL)');
    ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS resets (
      key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, begun_at INTEGER NOT NULL, done_at INTEGER, answer TEXT)`);
  }

  /** Takes one of the window's logins, or says when the next will be free. A refused one is not counted. */
  takeLogin(now: number): LoginPermit {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#run(spent, 'DELETE FROM logins WHERE at <= ?', now - LOGIN_WINDOW_MS);
    const logins = this.#run<{ at: number }>(spent, 'SELECT at FROM logins ORDER BY at');
    const [oldest] = logins;
    if (oldest && logins.length >= MAX_LOGINS) {
      return { ok: false, retryAfterMs: oldest.at + LOGIN_WINDOW_MS - now, spent };
    }
    this.#run(spent, 'INSERT INTO logins (at) VALUES (?)', now);
    this.#wakeToForget(spent, now + LOGIN_WINDOW_MS);
    return { ok: true, spent };
  }

  /**
   * Asks for a reset, and holds its place for {@link RESERVATION_MS}. `key` is the request's idempotency key, and
   * `fingerprint` says what it would reset (show and SKU, or all): the same key for something else is `reused`.
   * The same key again while it is under way may go on: rooms do a key once. Say how it ended with
   * {@link finishReset} or {@link abandonReset}.
   */
  beginReset(key: string, fingerprint: string, now: number): ResetPermit {
    const spent: MeterCounts = { 'do.request': 1 };
    this.#forgetResets(spent, now);
    const resets = this.#run<ResetRow>(
      spent,
      'SELECT key, fingerprint, begun_at, done_at, answer FROM resets',
    );
    const same = resets.find((reset) => reset.key === key);
    if (same && same.fingerprint !== fingerprint) return { ok: false, reused: true, spent };
    if (same?.answer) return { ok: true, replay: v.parse(resetEpochs, same.answer), spent };
    const freeAt = Math.max(0, ...resets.filter((reset) => reset !== same).map(holdsUntil));
    if (freeAt > now) return { ok: false, retryAfterMs: freeAt - now, spent };
    const begin = 'INSERT OR REPLACE INTO resets (key, fingerprint, begun_at) VALUES (?, ?, ?)';
    this.#run(spent, begin, key, fingerprint, now);
    this.#wakeToForget(spent, now + ANSWER_KEPT_MS);
    return { ok: true, spent };
  }

  /** The reset succeeded: it counts from now, and its answer is kept for the same key. */
  finishReset(key: string, answer: ResetEpochs, now: number): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    const finish = 'UPDATE resets SET done_at = ?, answer = ? WHERE key = ? AND done_at IS NULL';
    this.#run(spent, finish, now, JSON.stringify(answer), key);
    return spent;
  }

  /** The reset did not happen: it does not count, and its place is free. */
  abandonReset(key: string): MeterCounts {
    const spent: MeterCounts = { 'do.request': 1 };
    // The row stays, without holding anything: the same request may be under way twice, and the other may succeed.
    this.#run(
      spent,
      'UPDATE resets SET begun_at = begun_at - ? WHERE key = ? AND done_at IS NULL',
      RESERVATION_MS,
      key,
    );
    return spent;
  }

  /** Forgets what no longer limits anything, so that an address that is gone leaves nothing behind. */
  override alarm(): void {
    const now = Date.now();
    this.#run({}, 'DELETE FROM logins WHERE at <= ?', now - LOGIN_WINDOW_MS);
    this.#forgetResets({}, now);
    const left = this.#run<{ last: number | null }>(
      {},
      `SELECT MAX(until) AS last FROM (
         SELECT MAX(at) + ${LOGIN_WINDOW_MS} AS until FROM logins
         UNION ALL SELECT MAX(COALESCE(done_at, begun_at)) + ${ANSWER_KEPT_MS} FROM resets)`,
    );
    const last = left[0]?.last ?? null;
    if (last !== null) this.#wakeToForget({}, last);
  }

  /** A reset that never said how it ended stays known too: its maker may still be at work. */
  #forgetResets(spent: MeterCounts, now: number): void {
    this.#run(spent, 'DELETE FROM resets WHERE COALESCE(done_at, begun_at) <= ?', now - ANSWER_KEPT_MS);
  }

  /** Not awaited: the platform commits the alarm with the rows, and holds the answer until both are durable. */
  #wakeToForget(spent: MeterCounts, at: number): void {
    void this.ctx.storage.setAlarm(at);
    addCounts(spent, { 'do.rowWritten': 1 });
  }

  #run<R extends Record<string, SqlStorageValue>>(
    spent: MeterCounts,
    statement: string,
    ...values: SqlStorageValue[]
  ): R[] {
    const cursor = this.ctx.storage.sql.exec<R>(statement, ...values);
    const rows = cursor.toArray();
    addCounts(spent, { 'do.rowRead': cursor.rowsRead, 'do.rowWritten': cursor.rowsWritten });
    return rows;
  }
}

// A type, not an interface: rows have to fit the platform's record of column values.
type ResetRow = {
  key: string;
  fingerprint: string;
  begun_at: number;
  done_at: number | null;
  answer: string | null;
};

/** Until when a reset keeps others from beginning. */
function holdsUntil(reset: ResetRow): number {
  return reset.done_at === null ? reset.begun_at + RESERVATION_MS : reset.done_at + RESET_WINDOW_MS;
}
