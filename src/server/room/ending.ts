/**
 * Ending: a show closes when its time is up or its presenter says so, leaves a summary, and is forgotten a day later. All
 * of it can be asked for twice, early or late: what is done already is not done again.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import { errorFields, logLine } from '../log.ts';
import { forgetSummary, storeSummary } from '../storage/summaries.ts';
import { endGuess } from './guesses.ts';
import { closeMember } from './members.ts';
import type { OpenRoom } from './open-room.ts';

/** Wait before a summary that could not be stored is tried again, milliseconds. */
const SUMMARY_RETRY_MS = 10_000;

/** Closes the show: the log says so, the summary is stored, everybody leaves. */
export async function endShow(room: OpenRoom, db: D1Database, by: 'expiry' | 'presenter'): Promise<void> {
  await room.engine.ask((turn) => {
    if (turn.memory.facts.closed) return;
    endGuess(turn, 'end');
    turn.tell({ kind: 'closed', body: { by } });
    turn.write((tables) => {
      tables.writeFact('endedAt', String(turn.nowMs));
      tables.deleteFact('endWatched');
    });
    turn.memory.endWatch = null;
  });
  room.closeSockets();
  await summarise(room, db);
}

/** Sets the room's alarm for when it has to wake by itself next. */
export async function setAlarm(room: OpenRoom, storage: DurableObjectStorage): Promise<void> {
  const at = nextAlarm(room);
  if (at === (await storage.getAlarm())) return;
  await storage.setAlarm(at);
  // An alarm is billed as the row that it is.
  room.memory.meters.count('do.rowWritten');
}

/** When the room has to wake by itself next, Unix milliseconds. */
function nextAlarm(room: OpenRoom): number {
  const endedAt = endOf(room);
  if (endedAt === null) {
    const { members, presence } = room.parts;
    const endLook = room.memory.endWatch?.lookAtMs ?? Infinity;
    return Math.min(room.memory.closesAt, members.nextExpiry(), presence.nextLook(), endLook);
  }
  const summarised = room.parts.tables.readFact('summarised') !== null;
  return summarised ? endedAt + KEPT_MS : Math.min(room.parts.now() + SUMMARY_RETRY_MS, endedAt + KEPT_MS);
}

/** What an alarm is for. True when the room is gone for good. */
export async function wakeUp(
  room: OpenRoom,
  db: D1Database,
  storage: DurableObjectStorage,
): Promise<boolean> {
  const nowMs = room.parts.now();
  const endedAt = endOf(room);
  if (endedAt !== null) {
    if (nowMs < endedAt + KEPT_MS) {
      await summarise(room, db);
      return false;
    }
    await forget(room, db);
    await storage.deleteAll();
    return true;
  }
  if (nowMs >= room.memory.closesAt) {
    await endShow(room, db, 'expiry');
    return false;
  }
  room.look();
  for (const member of [...room.parts.members.all()]) {
    if (member.caller.expiresAt <= nowMs) closeMember(member, CLOSE.unauthorized, 'the session has expired');
  }
  return false;
}

async function summarise(room: OpenRoom, db: D1Database): Promise<void> {
  const endedAt = endOf(room);
  if (endedAt === null || room.parts.tables.readFact('summarised') !== null) return;
  // What is in flight will still settle, and belongs into the last state: the alarm comes again.
  if (room.memory.pending.size > 0) return;
  try {
    const summary = await room.summing.make();
    await storeSummary(db, room.state(), summary, endedAt);
    room.parts.tables.writeFact('summarised', 'yes');
  } catch (error) {
    // The show has ended all the same; the alarm tries again.
    logLine('summary_failed', { room: room.name, ...errorFields(error) });
  }
}

/** Its day is over: nobody is answered from the row any more, so a database that fails now keeps nothing from being over. */
async function forget(room: OpenRoom, db: D1Database): Promise<void> {
  const { show, sku } = room.memory.opening;
  try {
    await forgetSummary(db, show, sku.id);
  } catch (error) {
    logLine('forget_failed', { room: room.name, ...errorFields(error) });
  }
}

function endOf(room: OpenRoom): number | null {
  const endedAt = room.parts.tables.readFact('endedAt');
  return endedAt === null ? null : Number(endedAt);
}
