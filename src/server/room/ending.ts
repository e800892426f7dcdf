/**
 * The end of a show: it closes when its time is up or its presenter ends it, stores a summary, and is deleted a day later. Every
 * part is idempotent, because alarms may come early, late or twice.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import type { Env } from '../env.ts';
import { limiterName } from '../limiter.ts';
import { forgetShows } from '../storage/retention.ts';
import { storeSummary } from '../storage/summaries.ts';
import { closeConnection } from '#lib/room/connections.ts';
import { appendEnd } from '#lib/room/departure.ts';
import type { LiveRoom } from './live-room.ts';

/** Wait before a summary that could not be stored is tried again, milliseconds. */
const SUMMARY_RETRY_MS = 10_000;
/**
 * Rows in an engine that does not answer are given up so long after the end, milliseconds: the show itself is not kept for them.
 */
const ENGINES_FORGET_MS = 2 * KEPT_MS;
/** Wait before a failed deletion is tried again, milliseconds; nobody can read the show meanwhile. */
const FORGET_RETRY_MS = 600_000;

/** Bindings in which a show's data are deleted. */
type Forgetting = Pick<Env, 'DB' | 'LIMITER'>;

/** Closes the show: the log says so, everybody hears it and leaves once nothing is in flight, the summary is stored. */
export async function endShow(room: LiveRoom, db: D1Database, by: 'expiry' | 'presenter'): Promise<void> {
  await room.commits.ask((tx) => appendEnd(tx, room, by));
  room.departure.begin();
  await summarise(room, db);
}

/** Sets the room's alarm for when it has to wake by itself next. */
export async function setAlarm(room: LiveRoom, storage: DurableObjectStorage): Promise<void> {
  const at = nextAlarm(room);
  if (at === (await storage.getAlarm())) return;
  await storage.setAlarm(at);
  // Setting an alarm is billed as a row written (developers.cloudflare.com/durable-objects/platform/pricing).
  room.memory.meters.count('do.rowWritten');
}

/** When the room has to wake by itself next, Unix milliseconds. */
function nextAlarm(room: LiveRoom): number {
  const endedAt = endOf(room);
  if (endedAt === null) {
    const { connections, presence } = room.ports;
    const endLook = room.memory.endWatch?.lookAtMs ?? Infinity;
    return Math.min(
      room.memory.closesAt,
      connections.nextExpiry(),
      presence.nextLook(connections.hasCallers),
      endLook,
    );
  }
  if (room.ports.now() >= endedAt + KEPT_MS) return room.ports.now() + FORGET_RETRY_MS;
  const summarised = room.ports.tables.readFact('summarised') !== null;
  return summarised ? endedAt + KEPT_MS : Math.min(room.ports.now() + SUMMARY_RETRY_MS, endedAt + KEPT_MS);
}

/** What an alarm is for. True when the room is gone for good. */
export async function wakeUp(
  room: LiveRoom,
  env: Forgetting,
  storage: DurableObjectStorage,
): Promise<boolean> {
  const nowMs = room.ports.now();
  const endedAt = endOf(room);
  if (endedAt !== null) {
    if (nowMs < endedAt + KEPT_MS) {
      await summarise(room, env.DB);
      return false;
    }
    return forget(room, env, storage);
  }
  if (nowMs >= room.memory.closesAt) {
    await endShow(room, env.DB, 'expiry');
    return false;
  }
  room.look();
  for (const connection of [...room.ports.connections.all()]) {
    if (connection.caller.expiresAt <= nowMs)
      closeConnection(connection, CLOSE.unauthorized, 'the session has expired');
  }
  return false;
}

async function summarise(room: LiveRoom, db: D1Database): Promise<void> {
  const endedAt = endOf(room);
  if (endedAt === null || room.ports.tables.readFact('summarised') !== null) return;
  // What is in flight settles first, because it belongs to the last state; the alarm is set again.
  if (room.departure.isSettling) return;
  try {
    const summary = await room.summary.make();
    await storeSummary(db, room.state(), summary, endedAt);
    room.ports.tables.writeFact('summarised', 'yes');
  } catch (error) {
    // The show has ended anyway; the alarm tries again.
    room.failed(error, 'summary_failed');
  }
}

/**
 * Deletes the show after its day. True when everything is deleted; else it is tried again, and meanwhile nobody is answered. The
 * room's own storage goes last, because its alarm is what tries again.
 */
async function forget(room: LiveRoom, env: Forgetting, storage: DurableObjectStorage): Promise<boolean> {
  const { show } = room.memory.opening;
  try {
    // D1 may have been told of the end a moment after the room was.
    if ((await forgetShows(env.DB, show, room.ports.now())) !== null) return false;
    await env.LIMITER.getByName(limiterName('keys', show)).forget();
    await forgetInEngines(room);
  } catch (error) {
    room.failed(error, 'forget_failed');
    return false;
  }
  await storage.deleteAll();
  return true;
}

/** Deletes what the lanes keep in engines of their own. */
async function forgetInEngines(room: LiveRoom): Promise<void> {
  const { show, sku } = room.memory.opening;
  for (const lane of room.ports.stored) {
    try {
      await lane.forget?.({ show, sku: sku.id });
    } catch (error) {
      if (room.ports.now() < (endOf(room) ?? 0) + ENGINES_FORGET_MS) throw error;
      room.failed(error, 'engine_forget_failed');
    }
  }
}

function endOf(room: LiveRoom): number | null {
  const endedAt = room.ports.tables.readFact('endedAt');
  return endedAt === null ? null : Number(endedAt);
}
