/** PostgreSQL as its lanes use it. */
import type { LaneId } from '#lib/domain/lane.ts';
import type { Buy } from '../lanes/carry-out.ts';
import { newTally } from '../lanes/engine-rows.ts';
import { postgresBlind } from '../lanes/postgres-blind.ts';
import { postgresConditional } from '../lanes/postgres-conditional.ts';
import { postgresForUpdate } from '../lanes/postgres-for-update.ts';
import { postgresSerializable } from '../lanes/postgres-serializable.ts';
import { forgetRoom, makeTables, PING, PostgresRows } from '../storage/postgres.ts';
import type { PostgresPort } from '../storage/postgres.ts';
import { EngineDown } from './back-off.ts';
import { addressAt } from './engine-config.ts';
import type { Connect } from './engine-client.ts';
import { PostgresPool } from './postgres-pool.ts';
import { TlsRefused } from './postgres-socket.ts';

const STRATEGIES: { readonly [L in LaneId]?: (db: PostgresPort, pauseMs: number) => Buy } = {
  'postgres-blind': postgresBlind,
  'postgres-conditional': postgresConditional,
  'postgres-for-update': postgresForUpdate,
  'postgres-serializable': postgresSerializable,
};

/** What the codes of PostgreSQL and of its client mean for whoever has to mend it. */
const PROBLEMS: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL refuses the password of POSTGRES_URL.',
  '28000': 'PostgreSQL refuses the user of POSTGRES_URL.',
  '3D000': 'PostgreSQL has no such database as POSTGRES_URL names.',
  '42P01': 'The tables of PostgreSQL are missing: they are made when a show is opened (docs/engines.md).',
  '42501': 'The user of POSTGRES_URL may not read, write or make the tables (docs/engines.md).',
  '53100': 'The disk of PostgreSQL is full.',
  '53300': 'PostgreSQL takes no more connections.',
  '57P01': 'PostgreSQL is shutting down.',
  '57P03': 'PostgreSQL is starting.',
  '57014': 'A statement of PostgreSQL took longer than 10 s.',
};
/** Failures of a connection have no code that says more. */
const UNREACHED =
  'PostgreSQL does not answer at the address of POSTGRES_URL, or its certificate is not trusted.';
const NO_TLS = 'PostgreSQL has no TLS at the address of POSTGRES_URL, which asks for it.';

/** Connects a lane. */
export const connectPostgres: Connect<'postgres'> = (config, { lane, distanceMs }) => {
  const strategy = STRATEGIES[lane];
  if (!strategy) throw new Error(`PostgreSQL has no lane ${lane}.`);
  const db = new PostgresPool(addressAt(config.url, config, distanceMs));
  return {
    rows: new PostgresRows(db),
    buy: (pauseMs) => strategy(db, pauseMs),
    forget: (key) => forgetRoom(db, key),
    prepare: () => makeTables(db),
    ping: async () => void (await db.query(newTally(), PING)),
    problemOf,
  };
};

function problemOf(error: unknown): string {
  // What is left alone for a while has its reason as the cause.
  const cause = error instanceof EngineDown ? error.cause : error;
  if (cause instanceof TlsRefused) return NO_TLS;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return PROBLEMS[code] ?? UNREACHED;
}
