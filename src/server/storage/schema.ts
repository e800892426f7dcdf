/**
 * Versions of an object's tables. A show outlives a deployment, so its tables may be those of older code: they are brought
 * up to date, step by step, in one transaction, before anything reads them. Tables of newer code are left as they are.
 */
import type { CountedSql } from './counted-sql.ts';

/** Runs a statement, and gives its rows. Synchronous: nothing comes between two of them. */
export type Run = CountedSql['run'];

/** The tables of a kind of object: as they are by now, and how they came to be so. */
export interface Schema {
  /** Makes those of the newest version, in an object that has none. */
  readonly tables: string;
  /** `steps[n]` makes version n + 2 of version n + 1; what they hold stays. */
  readonly steps: readonly ((run: Run) => void)[];
  /**
   * The version of tables that were made before it was written down, by their names and how they were made; null when
   * there are none.
   */
  unwritten(tables: ReadonlyMap<string, string>): number | null;
}

/** What was found, and is now true: the tables were those of this code, were made so, or are of newer code. */
export type Found = 'current' | 'made' | 'raised' | 'newer';

/** What whoever asks is told of an object whose tables are of newer code. */
export const NEWER_STATE =
  'This was stored by a newer version of this site, which has to run again first. Nothing was changed.';

/** Thrown where an object's tables are of newer code: this code cannot know what it would break. */
export class NewerState extends Error {
  override readonly name = 'NewerState';

  constructor() {
    super(NEWER_STATE);
  }
}

/** True of {@link NewerState}, also when it came from another object, which leaves it nothing but its words. */
export function isNewerState(error: unknown): boolean {
  return error instanceof Error && error.message === NEWER_STATE;
}

/** Brings an object's tables up to date. One look when they are: this is in the way of the first answer after a sleep. */
export function bringUpToDate(schema: Schema, sql: CountedSql, storage: DurableObjectStorage): Found {
  const run: Run = (query, ...bindings) => sql.run(query, ...bindings);
  const newest = schema.steps.length + 1;
  const written = writtenVersion(run);
  if (written === newest) return 'current';
  if (written !== null && written > newest) return 'newer';
  return storage.transactionSync(() => {
    const version = written ?? schema.unwritten(tablesOf(run));
    if (version === null) run(schema.tables);
    else for (const step of schema.steps.slice(version - 1)) step(run);
    run('CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)');
    run('DELETE FROM schema');
    run('INSERT INTO schema (version) VALUES (?)', newest);
    return version === null ? 'made' : 'raised';
  });
}

/** Null when none was written down. To ask whether the table is there would be a second look at every wake. */
function writtenVersion(run: Run): number | null {
  try {
    return run<{ version: number }>('SELECT version FROM schema')[0]?.version ?? null;
  } catch (error) {
    if (String(error).includes('no such table')) return null;
    throw error;
  }
}

function tablesOf(run: Run): Map<string, string> {
  const rows = run<{ name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'table'");
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}
