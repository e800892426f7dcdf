/** The room's sockets: each message by its kind. */
import { unreachable } from '#lib/domain/assert.ts';
import type { Refusal } from '#lib/domain/codes.ts';
import type { DrillKind } from '#lib/domain/events.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Up, UpOf } from '#lib/protocol/up.ts';
import { allocate, spelled } from './allocate.ts';
import { greet } from './connect.ts';
import { answerGuess, askGuess } from './guesses.ts';
import { readMessage, say } from './inbox.ts';
import { measured, reportOf } from './measuring.ts';
import { closeConnection, confirm, hear, Connections } from './connections.ts';
import type { Attachment, Connection, Subscriber } from './connections.ts';
import type { RoomCore } from './room-core.ts';
import { platformPings } from './pings.ts';
import type { Caller } from './room-rpc.ts';
import { Presence } from './presence.ts';
import { control, guardrail } from './presenting.ts';
import { barred } from './sessions-here.ts';
import { showEnded } from './rpc-handlers.ts';
import { sendAnswer } from './personal-messages.ts';

/** Resets the room if the limit of the caller's address allows it; else says why not. */
export type LimitedReset = (caller: Caller, key: string) => Promise<Refusal | null>;

/** The sockets of a room's object: they are there before the room is opened, and after it is forgotten. */
export class RoomSockets {
  readonly connections = new Connections();
  readonly presence: Presence;
  readonly #reset: LimitedReset;
  readonly #instance = crypto.randomUUID();

  constructor(ctx: DurableObjectState, reset: LimitedReset) {
    const pings = platformPings(ctx);
    this.presence = new Presence(this.connections, pings, pings.now());
    this.#reset = reset;
  }

  /** A socket that slept: its attachment says who opened it. One without was closed before it was welcomed. */
  recall(socket: Subscriber & { readonly state: Attachment | null }, nowMs: number): void {
    if (socket.state) this.connections.add(socket, socket.state, 0, nowMs, true);
  }

  /** A socket comes in; true when it is welcomed. */
  connect(socket: Subscriber, request: Request, room: RoomCore | null): boolean {
    return greet(socket, request, room, { instance: this.#instance, wakes: room?.memory.wakes ?? 0 });
  }

  /** A socket says something. */
  hear(socket: Pick<Subscriber, 'close'>, data: string | ArrayBuffer, room: RoomCore | null): void {
    const connection = this.connections.get(socket);
    if (!room || !connection) return socket.close(CLOSE.unknown, 'this room is not open');
    if (connection.closing) return;
    const nowMs = room.commits.steady();
    hear(connection, nowMs);
    const message = readMessage(connection, data, nowMs, room.load.lag.lateMs());
    if (message) handle(connection, room, this.#reset, message);
  }

  /** A socket has gone. */
  left(socket: object, room: RoomCore | null): void {
    if (this.connections.remove(socket)) room?.peopleMoved();
  }
}

/** Handles one parsed message. */
function handle(connection: Connection, room: RoomCore, reset: LimitedReset, message: Up): void {
  const { closed } = room.memory.facts;
  const isOver = connection.caller.expiresAt <= room.ports.now();
  // With the show its sessions are over too: their sockets stay until they have heard how it ended.
  if (!closed && (isOver || barred(room.memory, connection.caller.sessionId))) {
    closeConnection(connection, CLOSE.unauthorized, 'not signed in, or expired');
    return;
  }
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
    case 'guess':
      return answerGuess(connection, room, message);
    case 'control':
    case 'reset':
    case 'guardrail':
    case 'drill':
    case 'stage':
    case 'ask':
      return present(connection, room, reset, message);
    default:
      unreachable(message);
  }
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
  reset: LimitedReset,
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
    case 'control': {
      const { mode, step } = message;
      const change = { ...(mode ? { mode } : {}), ...(step ? { step } : {}) };
      room.commits.submit({ run: (tx) => control(tx, caller.label, change), failed });
      return;
    }
    case 'guardrail':
      room.commits.submit({ run: (tx) => guardrail(tx, message.action), failed });
      return;
    case 'stage':
      return relay(connection, room.ports.connections, message);
    case 'ask':
      return ask(connection, room, message, failed);
    case 'drill':
      return drill(room, message.kind, caller, failed);
    case 'reset':
      reset(caller, message.op).then(
        (refusal) => refusal && say(connection, { t: 'nack', ...op, ...refusal }),
        failed,
      );
      return;
    default:
      unreachable(message);
  }
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
      tx.append({ kind: 'drill', body: { kind, by: caller.label, sockets: cut.length, wakes } });
      room.recoveries.expect(
        kind === 'drop' ? cut.map((connection) => connection.caller.label) : [caller.label],
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
