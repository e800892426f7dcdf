/** Lane `postgres-for-update`: BEGIN, SELECT … FOR UPDATE, write, COMMIT. Each buyer holds the row for every trip in between. */
import { BEGIN, lockShelf } from '../storage/postgres.ts';
import type { PostgresPort } from '../storage/postgres.ts';
import type { Buy } from './carry-out.ts';
import { buyInTransaction } from './postgres-transaction.ts';

/** Exact, and one buyer after the other. */
export function postgresForUpdate(db: PostgresPort): Buy {
  return (key, order, tally) => buyInTransaction(db, { begin: BEGIN, read: lockShelf }, key, order, tally);
}
