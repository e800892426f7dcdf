/**
 * Lane `postgres-serializable`: the same transaction without a lock, ISOLATION LEVEL SERIALIZABLE. Of two that read the same shelf
 * the database lets one commit; the other has to be tried again.
 */
import { lostToAnother } from '../engines/postgres-pool.ts';
import { BEGIN_SERIALIZABLE, readShelf } from '../storage/postgres.ts';
import type { PostgresPort } from '../storage/postgres.ts';
import { EngineBusy } from './carry-out.ts';
import type { Buy } from './carry-out.ts';
import { buyInTransaction } from './postgres-transaction.ts';

/** First and longest pause before the next try, milliseconds; each is drawn between nothing and twice the one before. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
/** After this long nobody tries on, milliseconds: the last try has stored nothing. */
const TRIES_FOR_MS = 20_000;

/** Exact; what it costs are the tries that lost. */
export function postgresSerializable(db: PostgresPort): Buy {
  return async (key, order, tally) => {
    const untilMs = Date.now() + TRIES_FOR_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await buyInTransaction(db, { begin: BEGIN_SERIALIZABLE, read: readShelf }, key, order, tally);
      } catch (error) {
        lostToAnother(tally, error);
      }
      if (Date.now() >= untilMs) throw new EngineBusy('others were always first');
      // Jitter: those that lost together would meet again.
      await scheduler.wait(Math.random() * pauseMs);
    }
  };
}
