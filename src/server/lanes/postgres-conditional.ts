/** Lane `postgres-conditional`: one statement that sells if enough is left, with the order's row in it. */
import { readShelf, sellShelf } from '../storage/postgres.ts';
import type { PostgresPort } from '../storage/postgres.ts';
import type { Buy } from './carry-out.ts';

/** One round trip for a sale; a second one says why there was none. */
export function postgresConditional(db: PostgresPort): Buy {
  return async (key, { buyer: { op, who, units } }, tally) => {
    // Reading and writing are one moment of the database's; this is when it was asked for.
    const atMs = Date.now();
    const sale = sellShelf(key, { op, who, units }, atMs);
    const [sold] = await db.query<{ version: number; wroteAllocated: number }>(tally, sale);
    if (!sold) {
      const [open] = await db.query(tally, readShelf(key));
      return { kind: 'refused', code: open ? 'OUT_OF_STOCK' : 'STALE_EPOCH' };
    }
    const { version, wroteAllocated } = sold;
    const write = {
      parentVersion: version - 1,
      version,
      readAllocated: wroteAllocated - units,
      wroteAllocated,
    };
    return { kind: 'written', row: { op, who, units, ...write, readAtMs: atMs, wroteAtMs: atMs } };
  };
}
