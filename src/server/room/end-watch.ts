/**
 * Makes the end of a show reach all of its rooms or none. D1 holds until when a show lives; the Worker changes it there and then
 * tells the rooms. If it dies in between, some rooms would go on selling. So it first stores the intent in the show's first
 * room, which asks D1 at its next wake or after a few seconds and tells every room.
 */
import type { Env } from '../env.ts';
import { inRooms } from '../rooms.ts';
import { findShow } from '../storage/shows.ts';
import type { Show } from '../storage/shows.ts';
import { endShow } from './ending.ts';
import type { LiveRoom } from './live-room.ts';

/** Time between two questions to D1 while the Worker may still be at it, milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** How long the Worker may take, milliseconds: its caller gives up earlier. */
const WATCHED_MS = 60_000;

/** Stores the intent: the show's end is about to change in D1. */
export function watchEnd(room: LiveRoom): void {
  const nowMs = room.ports.now();
  const untilMs = nowMs + WATCHED_MS;
  room.ports.tables.writeFact('endWatched', String(untilMs));
  room.memory.endWatch = { untilMs, lookAtMs: nowMs + LOOK_EVERY_MS };
}

/** The room was told until when the show lives, Unix milliseconds, which ends the watch. */
export function extend(room: LiveRoom, closesAt: number): void {
  setEnd(room, closesAt);
  endWatch(room);
}

/** Asks D1 whether the show is over or until when it lives, and tells every room. What fails is tried again. */
export async function seeToEnd(room: LiveRoom, env: Pick<Env, 'DB' | 'ROOM'>): Promise<void> {
  const watch = room.memory.endWatch;
  const nowMs = room.ports.now();
  if (!watch || room.memory.facts.closed) return;
  const inMs = watch.lookAtMs - nowMs;
  // By the wall's clock, as its alarm is: one that was set back must not make it later.
  if (inMs > 0 && inMs <= LOOK_EVERY_MS) return;
  watch.lookAtMs = nowMs + LOOK_EVERY_MS;
  try {
    const { value: show, spent } = await findShow(env.DB, room.memory.opening.show);
    room.memory.meters.add(spent);
    if (show) await tellAll(room, show, env);
    // A clock that was set back must not make it last.
    if (nowMs >= watch.untilMs || watch.untilMs - nowMs > WATCHED_MS) endWatch(room);
  } catch (error) {
    room.failed(error, 'end_watch_failed');
  }
}

/** Tells every room, this one last: until then it keeps watching. */
async function tellAll(room: LiveRoom, show: Show, env: Pick<Env, 'DB' | 'ROOM'>): Promise<void> {
  const by = reasonOf(show, room.ports.now());
  const others = show.skus.filter(({ id }) => id !== room.memory.opening.sku.id);
  await inRooms(
    env,
    show.code,
    others.map(({ id }) => id),
    (other) => (by ? other.close(by) : other.extend(show.closesAt)),
  );
  if (by) await endShow(room, env.DB, by);
  else setEnd(room, show.closesAt);
}

function setEnd(room: LiveRoom, closesAt: number): void {
  if (room.memory.closesAt === closesAt) return;
  room.memory.closesAt = closesAt;
  room.ports.tables.writeFact('closesAt', String(closesAt));
  room.feed.changed();
}

function endWatch(room: LiveRoom): void {
  if (!room.memory.endWatch) return;
  room.ports.tables.deleteFact('endWatched');
  room.memory.endWatch = null;
}

/** Why a show is over; null while it lives. */
function reasonOf({ endedAt, closesAt }: Show, nowMs: number): 'presenter' | 'expiry' | null {
  if (endedAt !== null) return 'presenter';
  return closesAt <= nowMs ? 'expiry' : null;
}
