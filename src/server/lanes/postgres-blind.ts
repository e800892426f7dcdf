/** Lane `postgres-blind`: SELECT, pause, UPDATE to what was read plus the units. READ COMMITTED, and no lock in between. */
import type { Reading } from '#lib/domain/write.ts';
import { readShelf, writeShelf } from '../storage/postgres.ts';
import type { PostgresPort } from '../storage/postgres.ts';
import { blindly } from './blindly.ts';
import type { Buy } from './carry-out.ts';

/** @param pauseMs the race window */
export function postgresBlind(db: PostgresPort, pauseMs: number): Buy {
  return blindly(pauseMs, {
    async read(key, tally) {
      const [shelf] = await db.query<Reading>(tally, readShelf(key));
      return shelf ?? null;
    },
    async write(key, order, tally) {
      const [made] = await db.query<{ version: number }>(tally, writeShelf(key, order));
      return made?.version ?? null;
    },
  });
}
