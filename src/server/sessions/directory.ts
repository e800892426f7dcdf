/**
 * Cache of the shows that this isolate has looked up, so that a thousand returning sockets ask D1 once. Entries may be a few
 * seconds old; the room itself knows exactly.
 */
import type { Show } from '../storage/shows.ts';
import { findShow, isLive } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';

interface Entry {
  /** Null while nobody knows yet. */
  answer: { show: Show | null } | null;
  /** Unix milliseconds until which the answer is used. */
  until: number;
  asking: boolean;
}

/** How long a running show is cached, milliseconds: less than it takes to type its code again. */
const LIVE_MS = 3_000;
/** How long an unknown or ended show is cached, milliseconds: another isolate may just have opened or renewed it. */
const GONE_MS = 500;
/** How often and how long a request checks for another request's answer before it asks D1 itself, milliseconds. */
const LOOK_EVERY_MS = 2;
const PATIENCE_MS = 500;
/** Most cached codes, so that guessed ones do not fill the memory. */
const MAX_ENTRIES = 1_000;

const directories = new WeakMap<D1Database, Map<string, Entry>>();

/**
 * The show with this code, or null; at most a few seconds old. Rejects when D1 fails. Requests share answers, never promises:
 * the runtime cancels a request that waits for another request's I/O as hung (seen with workerd 1.20261023.1).
 */
export async function lookUpShow(
  { env: { DB: db }, now, waitUntil }: Pick<RequestContext, 'env' | 'now' | 'waitUntil'>,
  code: string,
): Promise<Show | null> {
  const directory = directoryOf(db);
  const known = directory.get(code);
  // Entries are not used for longer when the clock was set back.
  const leftMs = known ? known.until - now : 0;
  if (known?.answer && leftMs > 0 && leftMs <= LIVE_MS) return known.answer.show;
  if (known?.asking) {
    for (let waitedMs = 0; known.asking && waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
      await scheduler.wait(LOOK_EVERY_MS);
    }
    if (known.answer) return known.answer.show;
  }
  if (directory.size >= MAX_ENTRIES) directory.clear();
  const entry: Entry = { answer: null, until: 0, asking: true };
  directory.set(code, entry);
  const asked = ask(db, code, entry, now);
  // Asking continues when its own client leaves, because others wait for the answer.
  waitUntil(asked.catch(() => undefined));
  return asked;
}

/** Extends a cached entry, but not beyond the end that it was read with, because the show may be renewed by then. */
async function ask(db: D1Database, code: string, entry: Entry, now: number): Promise<Show | null> {
  try {
    const { value: show } = await findShow(db, code);
    entry.answer = { show };
    entry.until = show && isLive(show, now) ? Math.min(now + LIVE_MS, show.closesAt) : now + GONE_MS;
    return show;
  } finally {
    entry.asking = false;
  }
}

/** Drops a show's entry, because this isolate has just changed the show. */
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
