/** The welcome of a new socket: who its client is, where its stream starts, and what it missed. */
import { idsIn } from '#lib/domain/by-lane.ts';
import { MAX_RESUME_EVENTS } from '#lib/protocol/limits.ts';
import { versionOf } from '#lib/protocol/version.ts';
import { sendTo } from './connections.ts';
import type { Connection } from './connections.ts';
import { ownGuess } from './guesses.ts';
import type { RoomCore } from './room-core.ts';
import { heldBy } from './state.ts';
import { linesBetween } from './tables.ts';

/** Name of this life of the object in memory, and the number of its lives. */
export interface Life {
  instance: string;
  wakes: number;
}

/** How far a client that comes back says that it is; null for what it did not say. */
export interface Since {
  epoch: number | null;
  since: number | null;
}

/** Sends the welcome: who the client is, what it holds, and the events that it missed or the newest `seq`. */
export function welcome(connection: Connection, room: RoomCore, since: Since, life: Life): void {
  const { caller } = connection;
  const { memory, ports } = room;
  const { facts } = memory;
  const missed = missedBy(room, since);
  const head = JSON.stringify({
    t: 'welcome',
    v: versionOf(idsIn(facts.lanes)),
    room: room.name,
    you: {
      id: caller.sessionId,
      label: caller.label,
      role: caller.role,
      holdings: heldBy(memory, caller.label),
      ...ownGuess(memory, caller.sessionId),
    },
    epoch: facts.epoch,
    seq: facts.seq,
    recovered: missed !== null,
    instance: life.instance,
    wakes: life.wakes,
    now: ports.now(),
  });
  // Events and state are JSON already.
  const events = (missed ?? []).join(',');
  sendTo(connection, `${head.slice(0, -1)},"events":[${events}],"state":${JSON.stringify(room.state())}}`);
}

/**
 * The lines that a socket has missed since event `since` of the current epoch; null when they are too many. It starts at the
 * newest event, which may be ahead of its audience until their next frame.
 */
function missedBy({ memory, ports }: RoomCore, { epoch, since }: Since): string[] | null {
  const { facts } = memory;
  if (epoch !== facts.epoch || since === null || since > facts.seq) return null;
  return facts.seq - since > MAX_RESUME_EVENTS ? null : linesBetween(ports.tables, since, facts.seq);
}
