/** The receipts that this browser keeps, read again: for checking them, and for taking them along as a file. */
import { linesOf, NEWEST, PLACE } from './receipts.ts';
import type { Store } from './surroundings.ts';
import { localStore } from './surroundings.ts';

/** What stands in the browser for one room: one record a line, each unread. */
export interface KeptReceipts {
  show: string;
  skuId: string;
  records: readonly string[];
}

/** Rooms of which this browser keeps receipts, newest first. */
export function keptReceipts(store: Store = localStore): KeptReceipts[] {
  return linesOf(store, PLACE).flatMap((room) => {
    const [show, skuId] = room.split('.');
    const records = [`${PLACE}.${room}`, `${PLACE}.${room}${NEWEST}`].flatMap((place) =>
      linesOf(store, place),
    );
    return show && skuId && records.length > 0 ? [{ show, skuId, records }] : [];
  });
}
