/**
 * Receipts: what this phone was told of its ops, and the hash that a later frame gave of the log. They lie in the browser
 * and nowhere else, so that a server that writes its history anew has no way to them. Only the writing is here, because
 * every phone loads it; who reads them is kept-receipts.ts.
 */
import type { Down } from '#lib/protocol/down.ts';
import type { Later, Store } from './surroundings.ts';

/** Newest records that are kept of one room. */
export const MOST_RECORDS = 2_000;
/** Rooms whose records are kept, the newest first. */
export const MOST_ROOMS = 8;
/** Where the names of these rooms stand, and before which name their records. */
export const PLACE = 'rgl.told';
/** Storing is not for free, and a phone that is hammered is answered many times a second. Milliseconds. */
const STORED_WITHIN_MS = 1_000;

/** Hears every message of a room, and keeps of it what can be held against the log. */
export function keepReceipts(room: string, store: Store, later: Later): (message: Down) => void {
  let fresh: string[] = [];
  /** Number of the newest event that was told and is not behind a kept hash yet; 0 when there is none. */
  let uncovered = 0;

  const save = () => {
    if (fresh.length === 0) return;
    const records = linesOf(store, `${PLACE}.${room}`).concat(fresh).slice(-MOST_RECORDS);
    store.setItem(`${PLACE}.${room}`, records.join('\n'));
    fresh = [];
    const rooms = linesOf(store, PLACE).filter((other) => other !== room);
    for (const old of rooms.splice(MOST_ROOMS - 1)) store.removeItem(`${PLACE}.${old}`);
    store.setItem(PLACE, [room, ...rooms].join('\n'));
  };
  const keep = (record: object) => {
    if (fresh.push(JSON.stringify(record)) === 1) later(save, STORED_WITHIN_MS);
  };
  // What is not stored yet is stored when the page goes: the link to the check loads a fresh one for that.
  globalThis.addEventListener?.('pagehide', save);

  return (message) => {
    if (message.t === 'ack') {
      const { op, epoch, lanes } = message;
      for (const [lane, told] of Object.entries(lanes)) {
        keep({ op, lane, epoch, ...told });
        uncovered = Math.max(uncovered, told.seq ?? 0);
      }
    } else if (message.t === 'frame' && message.head && uncovered > 0 && message.seq >= uncovered) {
      keep({ seq: message.seq, head: message.head });
      uncovered = 0;
    }
  };
}

/** Lines of a kept text; none when there is no text. */
export function linesOf(store: Store, place: string): string[] {
  return store.getItem(place)?.split('\n') ?? [];
}
