/**
 * The versions of a limiter's tables: logins (attempts that count) and resets, since version 2 pairing secrets, since version 3
 * a bucket of joins and idempotency keys.
 */
import type { CountedSql } from './counted-sql.ts';
import { bringUpToDate, NewerState } from './schema.ts';
import type { Found, Schema } from './schema.ts';

const PAIRINGS = `
  CREATE TABLE pairings (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, maker TEXT NOT NULL, made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, tries_left INTEGER NOT NULL, used_at INTEGER, label TEXT
  );
`;

const JOINS_AND_KEYS = `
  CREATE TABLE joins (slot INTEGER PRIMARY KEY, full_at INTEGER NOT NULL);
  CREATE TABLE keys (key TEXT PRIMARY KEY, owner TEXT NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID;
`;

const LIMITER_SCHEMA: Schema = {
  tables: `
    CREATE TABLE logins (at INTEGER NOT NULL);
    CREATE TABLE resets (
      key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, begun_at INTEGER NOT NULL, done_at INTEGER, answer TEXT
    );
    ${PAIRINGS}
    ${JOINS_AND_KEYS}
  `,
  steps: [(run) => run(PAIRINGS), (run) => run(JOINS_AND_KEYS)],
  unwritten: (tables) => (tables.has('pairings') ? 2 : tables.has('logins') ? 1 : null),
};

/** Makes a limiter's tables, or brings them up to date. Throws {@link NewerState} when they are of newer code. */
export function openLimiterTables(sql: CountedSql, storage: DurableObjectStorage): Found {
  const found = bringUpToDate(LIMITER_SCHEMA, sql, storage);
  if (found === 'newer') throw new NewerState();
  return found;
}
