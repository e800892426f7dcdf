/**
 * The front half of a room: takes subscribers in, reads what they say, and hands it on. A subscriber is a socket of the platform,
 * or whatever else can be sent text and be closed.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MAX_SOCKETS_PER_PARTICIPANT, MAX_SOCKETS_PER_PRESENTER } from '#lib/protocol/limits.ts';
import { closeConnection, Connections, hear } from './connections.ts';
import type { Caller, Subscriber } from './connections.ts';
import { readMessage } from './inbox.ts';
import { handle } from './messages.ts';
import type { SocketHost } from './messages.ts';
import type { RoomCore } from './room-core.ts';
import { welcome } from './welcome.ts';
import type { Since } from './welcome.ts';

/** The subscribers of a room. They are there before the room is opened, and after it is forgotten. */
export class FrontHalf {
  readonly connections: Connections;
  readonly #host: SocketHost;
  /** Name of this life of the room in memory. */
  readonly #instance: string;

  constructor(host: SocketHost, instance: string, connections = new Connections()) {
    this.#host = host;
    this.#instance = instance;
    this.connections = connections;
  }

  /** Takes a subscriber in that is allowed to come, and welcomes it. */
  enter(subscriber: Subscriber, caller: Caller, since: Since, room: RoomCore): void {
    closeSurplus(this.connections, caller);
    // Added before the welcome, whose state counts it among the people.
    const { seq } = room.memory.facts;
    const comesBack = since.since !== null;
    const connection = this.connections.add(subscriber, caller, seq, room.ports.now(), comesBack);
    welcome(connection, room, since, { instance: this.#instance, wakes: room.memory.wakes });
    room.greeted(connection, comesBack);
  }

  /** A subscriber says something. */
  hear(subscriber: Pick<Subscriber, 'close'>, data: string | ArrayBuffer, room: RoomCore | null): void {
    const connection = this.connections.get(subscriber);
    if (!room || !connection) return subscriber.close(CLOSE.unknown, 'this room is not open');
    if (connection.closing) return;
    const nowMs = room.commits.steady();
    hear(connection, nowMs);
    const message = readMessage(connection, data, nowMs, room.ports.load.lag.lateMs());
    if (message) handle(connection, room, this.#host, message);
  }

  /** A subscriber has gone. */
  left(subscriber: object, room: RoomCore | null): void {
    if (this.connections.remove(subscriber)) room?.peopleMoved();
  }
}

/** Closes the oldest sockets of a session that opens more than its limit. Readers are limited before they come in. */
function closeSurplus(connections: Connections, caller: Caller): void {
  if (caller.reads) return;
  const most = caller.role === 'presenter' ? MAX_SOCKETS_PER_PRESENTER : MAX_SOCKETS_PER_PARTICIPANT;
  const own = connections.ofSession(caller).filter(({ closing }) => !closing);
  for (const oldest of own.slice(0, Math.max(0, own.length + 1 - most))) {
    closeConnection(oldest, CLOSE.flood, `at most ${most} connections of one session`);
  }
}
