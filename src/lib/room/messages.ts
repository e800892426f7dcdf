/** What clients say on a socket, by the kind of message. */
import { unreachable } from '#lib/domain/assert.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import type { DrillKind } from '#lib/domain/events.ts';
import { currentHold } from '#lib/domain/hold.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { PRACTICE_EVERY_MS } from '#lib/protocol/limits.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import { allocate, spelled } from './allocate.ts';
import { closeConnection, confirm } from './connections.ts';
import type { Caller, Connection, Connections } from './connections.ts';
import { answerGuess, askGuess } from './guesses.ts';
import { say } from './inbox.ts';
import { measured, reportOf } from './measuring.ts';
import { barred } from './memory.ts';
import { sendAnswer } from './personal-messages.ts';
import { control, guardrail } from './presenting.ts';
import type { RoomCore } from './room-core.ts';

/** What sockets ask of the room's host. */
export interface SocketHost {
  /** Resets the room if the limit of the caller's address allows it. `done` hears null, or why it was not done. */
  reset(caller: Caller, key: string, done: (refusal: Refusal | null) => void, failed: () => void): void;
  /** False where no room falls asleep, so that no drill of that can be run. */
  readonly sleeps: boolean;
}

const NO_SLEEP: Refusal = {
  code: 'INVALID_REQUEST',
  message: 'A rehearsal has no room that falls asleep: this drill is for the live show.',
};

const READS_ONLY: Refusal = {
  code: 'FORBIDDEN',
  message: 'An embed code shows figures and does nothing else.',
};

/** The refusal of an act behind the end. One that comes again may have been done before it, so nothing is said of that. */
export function showEnded(): Refusal {
  return { code: 'SHOW_ENDED', message: 'This show has ended: nothing is changed any more.' };
}

/** Handles one parsed message. */
export function handle(connection: Connection, room: RoomCore, host: SocketHost, message: Up): void {
  const { closed } = room.memory.facts;
  const isOver = connection.caller.expiresAt <= room.ports.now();
  // With the show its sessions are over too: their sockets stay until they have heard how it ended.
  if (!closed && (isOver || barred(room.memory, connection.caller.sessionId))) {
    closeConnection(connection, CLOSE.unauthorized, 'not signed in, or expired');
    return;
  }
  if (connection.caller.reads) return read(connection, room, message);
  switch (message.t) {
    case 'allocate':
      return allocateFor(connection, room, message);
    case 'seen':
      confirm(connection, message.seq, room.feed.toldTo(connection));
      // No tap follows that would cause a frame, so the stages get one here.
      if (message.rtt && measured(room, connection, message.rtt)) room.feed.changedForStages();
      return;
    case 'recovered': {
      const { drill, waitedMs, ms, missing } = message;
      return room.recoveries.report(connection, drill, { waitedMs, ms, missing });
    }
    case 'practice':
      return practise(connection, room, message.n);
    case 'guess':
      return answerGuess(connection, room, message);
    case 'control':
    case 'reset':
    case 'guardrail':
    case 'drill':
    case 'stage':
    case 'ask':
      return present(connection, room, host, message);
    default:
      unreachable(message);
  }
}

/** Whoever only reads says how far it is; what its client says of its own accord is no act, and not for the log either. */
function read(connection: Connection, room: RoomCore, message: Up): void {
  if (message.t === 'seen') return confirm(connection, message.seq, room.feed.toldTo(connection));
  if (message.t === 'recovered') return;
  const op = 'op' in message ? { op: message.op } : {};
  say(connection, { t: 'nack', ...op, ...READS_ONLY });
}

function allocateFor(connection: Connection, room: RoomCore, message: UpOf<'allocate'>): void {
  const { caller } = connection;
  const { op, rttMs } = message;
  const report = message.rtt ?? (rttMs === undefined ? null : reportOf(room.memory, connection, rttMs));
  if (report) measured(room, connection, report);
  connection.previousOp = op;
  allocate(
    room,
    {
      op,
      ...spelled(message.sentOp),
      owner: caller.sessionId,
      label: caller.label,
      role: caller.role,
      units: message.units ?? 1,
      epoch: message.epoch,
      mode: message.mode ?? null,
      sim: false,
    },
    'socket',
    (answer) => {
      if (answer.kind === 'nack') connection.rate.refused += 1;
      sendAnswer(room.ports.connections, caller.label, answer);
    },
  );
}

function present(
  connection: Connection,
  room: RoomCore,
  host: SocketHost,
  message: UpOf<'control' | 'reset' | 'guardrail' | 'drill' | 'stage' | 'ask'>,
): void {
  const { caller } = connection;
  const op = message.t === 'reset' ? { op: message.sentOp ?? message.op } : {};
  if (caller.role !== 'presenter') {
    say(connection, { t: 'nack', ...op, code: 'FORBIDDEN', message: 'Only the presenter may do this.' });
    return;
  }
  if (room.memory.facts.closed) {
    say(connection, { t: 'nack', ...op, ...showEnded() });
    return;
  }
  const failed = () => {
    const words = 'The room could not store this. Nothing was changed; try again.';
    say(connection, { t: 'nack', ...op, code: 'STORAGE_UNAVAILABLE', message: words });
  };
  switch (message.t) {
    case 'control':
      room.commits.submit({
        run: (tx) => {
          const refusal = control(tx, caller.label, message, room.ports.lanes);
          if (refusal) tx.after(() => say(connection, { t: 'nack', ...refusal }));
        },
        failed,
      });
      return;
    case 'guardrail':
      room.commits.submit({ run: (tx) => guardrail(tx, message.action), failed });
      return;
    case 'stage':
      return relay(connection, room.ports.connections, message);
    case 'ask':
      return ask(connection, room, message, failed);
    case 'drill':
      if (message.kind === 'sleep' && !host.sleeps) return say(connection, { t: 'nack', ...NO_SLEEP });
      return drill(room, message.kind, caller, failed);
    case 'reset':
      return host.reset(
        caller,
        message.op,
        (refusal) => refusal && say(connection, { t: 'nack', ...op, ...refusal }),
        failed,
      );
    default:
      unreachable(message);
  }
}

/** Counts practice taps of a held room; of each phone one message a second. What is lost with a sleeping room was practice. */
function practise(connection: Connection, room: RoomCore, taps: number): void {
  const { memory, ports, commits, feed } = room;
  if (!currentHold(memory.facts.hold, ports.now()) || connection.caller.role !== 'participant') return;
  const nowMs = commits.steady();
  if (nowMs - connection.practisedAtMs < PRACTICE_EVERY_MS) return;
  connection.practisedAtMs = nowMs;
  memory.practice += taps;
  feed.changedForStages();
}

/** A guess is opened, closed or put away; what cannot be done now is answered. */
function ask(connection: Connection, room: RoomCore, message: UpOf<'ask'>, failed: () => void): void {
  room.commits.submit({
    run: (tx) => {
      if (tx.memory.facts.closed) return;
      const refusal = askGuess(tx, connection.caller.label, message);
      if (refusal) tx.after(() => say(connection, { t: 'nack', ...refusal }));
    },
    failed,
  });
}

/** Runs a drill: cuts every socket, the presenter's included, or writes the event of a sleep drill. */
function drill(room: RoomCore, kind: DrillKind, caller: Caller, failed: () => void): void {
  room.commits.submit({
    run: (tx) => {
      if (tx.memory.facts.closed) return;
      const cut = [...room.ports.connections.all()];
      const { wakes } = tx.memory;
      // Pages that only show figures are cut, too, but nobody waits for them.
      const people = cut.filter((connection) => !connection.caller.reads);
      tx.append({ kind: 'drill', body: { kind, by: caller.label, sockets: people.length, wakes } });
      room.recoveries.expect(
        kind === 'drop' ? people.map((connection) => connection.caller.label) : [caller.label],
      );
      if (kind === 'sleep') return;
      tx.after(() => {
        for (const connection of cut) closeConnection(connection, CLOSE.comeBack, 'drill: come back');
      });
    },
    failed,
  });
}

/**
 * Relays messages between presenters' screens: which product the stage shows, its code, whether it is dark. It is no event
 * and no state: nothing is stored, and a room that slept has nothing to remember, because a stage says by itself how it
 * stands whenever it is asked. It goes to every other presenter's socket of this room, and never to a phone.
 */
function relay(from: Connection, connections: Connections, message: UpOf<'stage'>): void {
  for (const connection of connections.ofRole('presenter')) {
    if (connection !== from && !connection.closing) say(connection, message);
  }
}
