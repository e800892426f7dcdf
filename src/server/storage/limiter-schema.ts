/** The versions of a limiter's tables: logins and resets, and since version 2 pairing secrets. */
import { bringUpToDate, NewerState } from './schema.ts';
import type { Schema } from './schema.ts';

const PAIRINGS = `
  CREATE TABLE pairings (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, maker TEXT NOT NULL, made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, tries_left INTEGER NOT NULL, used_at INTEGER, label TEXT
  );
`;

const LIMITER_SCHEMA: Schema = {
  tables: `
    CREATE TABLE logins (at INTEGER NOT NULL);
    CREATE TABLE resets (
      key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, begun_at INTEGER NOT NULL, done_at INTEGER, answer TEXT
    );
    ${PAIRINGS}
  `,
  steps: [(run) => run(PAIRINGS)],
  unwritten: (tables) => (tables.has('pairings') ? 2 : tables.has('logins') ? 1 : null),
};

/** Makes a limiter's tables, or brings them up to date. Throws {@link NewerState} when they are of newer code. */
export function openLimiterTables(storage: DurableObjectStorage): void {
  const found = bringUpToDate(
    LIMITER_SCHEMA,
    (query, ...bindings) => storage.sql.exec<never>(query, ...bindings).toArray(),
    storage,
  );
  if (found === 'newer') throw new NewerState();
}
