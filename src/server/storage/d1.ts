/** Statements on D1, with what D1 itself says that they cost. */
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';

/** What statements found or did, and the rows that they read and wrote. */
export interface Metered<T> {
  value: T;
  spent: MeterCounts;
}

/** A statement with its values. */
export type Statement = readonly [sql: string, ...values: (string | number)[]];

/** Runs one statement: its rows. Rejects when D1 fails. */
export async function query<R = unknown>(db: D1Database, ...statement: Statement): Promise<Metered<R[]>> {
  const { results, meta } = await prepared(db, statement).all<R>();
  return { value: results, spent: spentOf([meta]) };
}

/** Runs statements in their order as one transaction: the rows of each. Rejects when D1 fails; then nothing was changed. */
export async function batch<R = unknown>(
  db: D1Database,
  statements: readonly Statement[],
): Promise<Metered<R[][]>> {
  const results = await db.batch<R>(statements.map((statement) => prepared(db, statement)));
  return { value: results.map((result) => result.results), spent: spentOf(results.map(({ meta }) => meta)) };
}

/** Adds what something cost to `spent`: what was found or done. */
export async function spend<T>(spent: MeterCounts, done: Promise<Metered<T>>): Promise<T> {
  const { value, spent: cost } = await done;
  addCounts(spent, cost);
  return value;
}

function prepared(db: D1Database, [sql, ...values]: Statement): D1PreparedStatement {
  return db.prepare(sql).bind(...values);
}

function spentOf(metas: readonly D1Meta[]): MeterCounts {
  return {
    'd1.rowRead': metas.reduce((sum, meta) => sum + meta.rows_read, 0),
    'd1.rowWritten': metas.reduce((sum, meta) => sum + meta.rows_written, 0),
  };
}
