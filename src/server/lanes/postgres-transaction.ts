/** What the lanes with transactions do in one: read, see whether it fits, write. */
import { fits } from '#lib/domain/write.ts';
import type { Reading } from '#lib/domain/write.ts';
import type { Order } from '#lib/room/lane.ts';
import { writeShelf } from '../storage/postgres.ts';
import type { PostgresPort, Statement } from '../storage/postgres.ts';
import type { Bought } from './carry-out.ts';
import type { InventoryKey, Tally } from './engine-rows.ts';

/** How a lane begins its transaction, and how it reads in it. */
export interface Manner {
  begin: string;
  read: (key: InventoryKey) => Statement;
}

/** Buys in one transaction: four round trips for a sale. */
export function buyInTransaction(
  db: PostgresPort,
  { begin, read }: Manner,
  key: InventoryKey,
  { buyer: { op, who, units } }: Pick<Order, 'buyer'>,
  tally: Tally,
): Promise<Bought> {
  return db.transaction(tally, begin, async (query): Promise<Bought> => {
    const [shelf] = await query<Reading>(read(key));
    if (!shelf) return { kind: 'refused', code: 'STALE_EPOCH' };
    const { allocated: readAllocated, capacity, version: parentVersion } = shelf;
    if (!fits(readAllocated, capacity, units)) return { kind: 'refused', code: 'OUT_OF_STOCK' };
    const atMs = Date.now();
    const times = { readAtMs: atMs, wroteAtMs: atMs };
    const wroteAllocated = readAllocated + units;
    const row = { op, who, units, parentVersion, readAllocated, wroteAllocated, ...times };
    const [made] = await query<{ version: number }>(writeShelf(key, row));
    if (!made) return { kind: 'refused', code: 'STALE_EPOCH' };
    return { kind: 'written', row: { ...row, version: made.version } };
  });
}
