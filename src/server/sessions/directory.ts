/**
 * The shows that this isolate has looked up lately: a thousand sockets that come back at once ask D1 once. What is told
 * here may be a few seconds old; the room itself knows exactly.
 */
import type { Show } from '../storage/shows.ts';
import { findShow, isLive } from '../storage/shows.ts';
import type { Visit } from '../visit.ts';

interface Entry {
  /** Null while nobody knows yet. */
  answer: { show: Show | null } | null;
  /** Unix milliseconds until which the answer is used. */
  until: number;
  asking: boolean;
}

/** How long a running show is believed to run, milliseconds: shorter than anybody takes to type its code again. */
const LIVE_MS = 3_000;
/** How long a show is believed to be unknown or over: it may have been opened or renewed elsewhere just now. */
const GONE_MS = 500;
/** How often, and how long at most, a request looks whether another one has its answer, before it asks for itself, milliseconds. */
const LOOK_EVERY_MS = 2;
const PATIENCE_MS = 500;
/** Codes that are kept: guessed ones must not fill the memory. */
const MAX_ENTRIES = 1_000;

const directories = new WeakMap<D1Database, Map<string, Entry>>();

/**
 * The show with this code, or null; at most a few seconds old. Rejects when D1 fails. Requests share answers, never
 * promises: one that waits for another's I/O has none of its own, and the runtime takes it for hung and cancels it.
 */
export async function lookUpShow(
  { env: { DB: db }, now, waitUntil }: Pick<Visit, 'env' | 'now' | 'waitUntil'>,
  code: string,
): Promise<Show | null> {
  const directory = directoryOf(db);
  const known = directory.get(code);
  // A clock that was set back makes nothing believed for longer.
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
  // The one that asks goes on asking though its own client may leave: others wait for it.
  waitUntil(asked.catch(() => undefined));
  return asked;
}

/** Believes a running show for longer, but never beyond the end that it was read with: by then it may be renewed. */
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
