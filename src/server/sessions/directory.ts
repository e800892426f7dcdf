/**
 * The shows that this isolate has looked up lately: a thousand sockets that come back at once ask D1 once. What is told
 * here may be a few seconds old; the room itself knows exactly.
 */
import type { Show } from '../storage/shows.ts';
import { findShow, isLive } from '../storage/shows.ts';
import type { Visit } from '../visit.ts';

interface Entry {
  show: Promise<Show | null>;
  /** Unix milliseconds until which the answer is used. */
  until: number;
}

/** How long a running show is believed to run, milliseconds: shorter than anybody takes to type its code again. */
const LIVE_MS = 3_000;
/** How long a show is believed to be unknown or over: it may have been opened or renewed elsewhere just now. */
const GONE_MS = 500;
/** Codes that are kept: guessed ones must not fill the memory. */
const MAX_ENTRIES = 1_000;

const directories = new WeakMap<D1Database, Map<string, Entry>>();

/**
 * The show with this code, or null; at most a few seconds old. Rejects when D1 fails. Requests share the answer, so the
 * one that asks goes on asking though its own client may leave.
 */
export function lookUpShow(
  { env: { DB: db }, now, waitUntil }: Pick<Visit, 'env' | 'now' | 'waitUntil'>,
  code: string,
): Promise<Show | null> {
  const directory = directoryOf(db);
  const known = directory.get(code);
  if (known && now < known.until) return known.show;
  if (directory.size >= MAX_ENTRIES) directory.clear();
  const entry: Entry = { show: findShow(db, code).then(({ value }) => value), until: now + GONE_MS };
  directory.set(code, entry);
  waitUntil(settle(entry, now).catch(() => directory.delete(code)));
  return entry.show;
}

/** Believes a running show for longer, but never beyond the end that it was read with: by then it may be renewed. */
async function settle(entry: Entry, now: number): Promise<void> {
  const show = await entry.show;
  if (show && isLive(show, now)) entry.until = Math.min(now + LIVE_MS, show.closesAt);
}

/** Forgets what was looked up: the show has just changed through this isolate. */
export function forgetShow(db: D1Database, code: string): void {
  directoryOf(db).delete(code);
}

function directoryOf(db: D1Database): Map<string, Entry> {
  const known = directories.get(db);
  if (known) return known;
  const made = new Map<string, Entry>();
  directories.set(db, made);
  return made;
}
