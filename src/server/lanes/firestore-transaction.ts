/**
 * firestore-transaction: reads the shelf with the time of its last change, and commits shelf and order row together on the condition
 * that the shelf is as it was read and the row is not there. Firestore refuses a commit that came second; it is tried again from
 * the reading.
 */
import { fits } from '#lib/domain/write.ts';
import { steadyClock } from '#lib/room/steady-clock.ts';
import type { FirestoreRows } from '../engines/firestore/rows.ts';
import { EngineBusy } from './carry-out.ts';
import type { Bought, Buy } from './carry-out.ts';
import { countRetry } from './engine-rows.ts';
import type { InventoryKey, OrderRow, Tally } from './engine-rows.ts';
import type { Order } from '#lib/room/lane.ts';

/** Times that a purchase is tried against others on the same shelf, and the longest pauses between, milliseconds. */
const MOST_TRIES = 40;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 400;

/** The lane's strategy. */
export function firestoreTransaction(rows: FirestoreRows): Buy {
  return async (key, order, tally) => {
    for (let tried = 1; tried <= MOST_TRIES; tried++) {
      const bought = await tryOnce(rows, key, order, tally);
      if (bought) return bought;
      countRetry(tally, 'conflict');
      await scheduler.wait(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tried) * Math.random());
    }
    // None of the commits was done.
    throw new EngineBusy(`${MOST_TRIES} commits on the shelf came second`);
  };
}

/** Null when another commit came first. */
async function tryOnce(
  rows: FirestoreRows,
  key: InventoryKey,
  { buyer: { op, who, units } }: Order,
  tally: Tally,
): Promise<Bought | null> {
  const clock = steadyClock(() => Date.now());
  const shelf = await rows.readShelf(key, tally);
  const readAtMs = clock();
  if (!shelf || shelf.fenced) return { kind: 'refused', code: 'STALE_EPOCH' };
  const { allocated: readAllocated, version: parentVersion } = shelf;
  if (!fits(readAllocated, shelf.capacity, units)) return { kind: 'refused', code: 'OUT_OF_STOCK' };
  const [wroteAllocated, version] = [readAllocated + units, parentVersion + 1];
  const written = { parentVersion, version, readAllocated, wroteAllocated, readAtMs, wroteAtMs: clock() };
  const row: OrderRow = { op, epoch: key.epoch, who, units, ...written };
  const writes = [rows.soldShelf(key, wroteAllocated, version, shelf.updateTime), rows.newOrder(key, row)];
  const said = await rows.api.commit(writes, tally);
  switch (said) {
    case 'done':
      return { kind: 'written', row };
    case 'ABORTED':
    case 'FAILED_PRECONDITION':
      return null;
    default:
      throw new Error(`the commit of op ${op} was refused: ${said}`);
  }
}
