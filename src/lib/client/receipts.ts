/**
 * Receipts: what this phone was told of its ops, the hash that a later frame gave of the log, and the newest hash of all,
 * whether it bought or only looked: everything before it is fixed by it. They lie in the browser and nowhere else, so that a
 * server that writes its history anew has no way to them. Only the writing is here, because every phone loads it; who reads
 * them is kept-receipts.ts.
 */
import type { Down } from '#lib/protocol/down.ts';
import type { Later, Store } from './surroundings.ts';

/** Newest records that are kept of one room. */
export const MOST_RECORDS = 2_000;
/** Rooms whose records are kept, the newest first. */
export const MOST_ROOMS = 8;
/** Where the names of these rooms stand, and before which name their records. */
export const PLACE = 'rgl.told';
/** Behind the place of a room's records: its newest hash, which is written over. No product's name has a full stop. */
export const NEWEST = '.head';
/** Storing is not for free, and a phone that is hammered is answered many times a second. Milliseconds. */
const STORED_WITHIN_MS = 1_000;

/** Hears every message of a room, and keeps of it what can be held against the log. */
export function keepReceipts(room: string, store: Store, later: Later): (message: Down) => void {
  let fresh: string[] = [];
  /** Number of the newest event that was told and is not behind a kept hash yet; 0 when there is none. */
  let uncovered = 0;
  /** The newest hash that was told: behind the last event of the longest log. */
  let newest = { seq: 0, head: '' };
  let isWaiting = false;

  const save = () => {
    if (!isWaiting) return;
    isWaiting = false;
    saveNewest();
    if (fresh.length > 0) {
      const records = linesOf(store, `${PLACE}.${room}`).concat(fresh).slice(-MOST_RECORDS);
      store.setItem(`${PLACE}.${room}`, records.join('\n'));
      fresh = [];
    }
    const rooms = linesOf(store, PLACE).filter((other) => other !== room);
    for (const old of rooms.splice(MOST_ROOMS - 1)) {
      for (const place of [`${PLACE}.${old}`, `${PLACE}.${old}${NEWEST}`]) store.removeItem(place);
    }
    store.setItem(PLACE, [room, ...rooms].join('\n'));
  };
  // Another window, or this page before it was loaded anew, may have been told more: a shorter log writes over nothing.
  const saveNewest = () => {
    const place = `${PLACE}.${room}${NEWEST}`;
    const stored = Number(/\d+/.exec(store.getItem(place) ?? '')?.[0] ?? 0);
    if (newest.seq > stored) store.setItem(place, JSON.stringify(newest));
  };
  const wait = () => {
    if (!isWaiting) later(save, STORED_WITHIN_MS);
    isWaiting = true;
  };
  const keep = (record: object) => {
    fresh.push(JSON.stringify(record));
    wait();
  };
  const hearHead = (seq: number, head: string) => {
    // Two hashes of one event are two histories: both are kept, and no log has both.
    if (seq === newest.seq && head !== newest.head) keep({ seq, head });
    if (seq <= newest.seq) return;
    newest = { seq, head };
    wait();
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
    } else if (message.t === 'frame' && message.head) {
      if (uncovered > 0 && message.seq >= uncovered) {
        keep({ seq: message.seq, head: message.head });
        uncovered = 0;
      }
      hearHead(message.seq, message.head);
    } else if (message.t === 'welcome') {
      const event = message.events.at(-1);
      if (event) hearHead(event.seq, event.hash);
    }
  };
}

/** Lines of a kept text; none when there is no text. */
export function linesOf(store: Store, place: string): string[] {
  return store.getItem(place)?.split('\n') ?? [];
}
