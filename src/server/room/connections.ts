/** Who is connected: the room's sockets and what is known of each. Rebuilt from the sockets themselves on waking. */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Rate } from './flood.ts';
import { newRate } from './flood.ts';
import type { Caller } from './room-rpc.ts';

/** What a socket's attachment keeps through hibernation: who opened it. The platform allows 16 KiB; this is some 300 bytes. */
export type Attachment = Caller;

/** A way to whoever is connected, of the platform's or of another host's. */
export interface Subscriber {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Keeps through hibernation who opened it. */
  setState(caller: Attachment): unknown;
}

/** One socket. */
export interface Connection {
  readonly socket: Subscriber;
  caller: Caller;
  /** `seq` that its welcome ended with. */
  readonly startedAt: number;
  /** `seq` up to which it says it has applied; null until it says so. */
  seenSeq: number | null;
  malformed: number;
  /** Shared by all sockets of its session: whoever opens more of them may not say more. */
  readonly rate: Rate;
  /** Characters that were sent to it so far. */
  sent: number;
  /** The newest sign of life: when it came, by the room's steady clock (-Infinity: never), and what had been sent by then. */
  readonly heard: { atMs: number; sent: number };
  /** When the platform last answered a ping of its, by the clock of the wall; null when it never has. */
  pingedAtMs: number | null;
  /** What had been sent when it was told `seq`, and what it has confirmed by a `seen` of that or more. */
  told: { seq: number; sent: number };
  confirmed: number;
  /** Since when it owes a sign of life although something was sent, as far as the looks know; null when it does not. */
  owesSinceMs: number | null;
  /** True once the room has closed it; it stays a connection until it is gone, which a dead peer never says. */
  closing: boolean;
  /** True while it gives no sign of life although it should: nobody seems to be there. */
  absent: boolean;
  /** Called when it does not count as a person any more, or again. */
  readonly moved: () => void;
  /** Before it nobody on this socket can have tapped, Unix milliseconds; 0 on one that comes back from an earlier one. */
  readonly metAtMs: number;
  /** The newest op that it sent: what the round trip of an older client's next one is about. */
  previousOp: string | null;
}

/** The sockets of a room, by audience and by owner. */
export class Connections {
  readonly #bySocket = new Map<object, Connection>();
  readonly #byLabel = new Map<string, Set<Connection>>();
  readonly #byRole: Record<Role, Set<Connection>> = { presenter: new Set(), participant: new Set() };
  /** Counted anew when somebody came or went: frames ask for it many times a second. */
  #people: { phones: number; stages: number } | null = null;

  /** Adds a socket. */
  add(socket: Subscriber, caller: Caller, startedAt: number, nowMs: number, comesBack = false): Connection {
    const connection: Connection = {
      socket,
      caller,
      startedAt,
      seenSeq: null,
      malformed: 0,
      rate: this.ofSession(caller)[0]?.rate ?? newRate(-Infinity),
      sent: 0,
      heard: { atMs: -Infinity, sent: 0 },
      pingedAtMs: null,
      told: { seq: startedAt, sent: 0 },
      confirmed: 0,
      owesSinceMs: null,
      closing: false,
      absent: false,
      moved: () => (this.#people = null),
      metAtMs: comesBack ? 0 : nowMs,
      previousOp: null,
    };
    this.#people = null;
    this.#bySocket.set(socket, connection);
    this.#byRole[caller.role].add(connection);
    const same = this.#byLabel.get(caller.label) ?? new Set();
    this.#byLabel.set(caller.label, same.add(connection));
    return connection;
  }

  /** Forgets a socket; false when it was not known. */
  remove(socket: object): boolean {
    const connection = this.#bySocket.get(socket);
    if (!connection) return false;
    this.#people = null;
    this.#bySocket.delete(socket);
    this.#byRole[connection.caller.role].delete(connection);
    const same = this.#byLabel.get(connection.caller.label);
    same?.delete(connection);
    if (same?.size === 0) this.#byLabel.delete(connection.caller.label);
    return true;
  }

  get(socket: object): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  all(): Iterable<Connection> {
    return this.#bySocket.values();
  }

  /** Sockets of an audience: presenters' screens, or participants' phones. */
  ofRole(role: Role): ReadonlySet<Connection> {
    return this.#byRole[role];
  }

  /** Sockets of one person; labels are unique in a show. */
  ofLabel(label: string): Iterable<Connection> {
    return this.#byLabel.get(label) ?? [];
  }

  /** Sockets of one session, those that were closed and are not gone yet too. */
  ofSession({ label, sessionId }: Caller): Connection[] {
    return [...this.ofLabel(label)].filter(({ caller }) => caller.sessionId === sessionId);
  }

  /** Says whether somebody seems to be there. */
  mark(connection: Connection, absent: boolean): void {
    connection.absent = absent;
    connection.moved();
  }

  /** People, not sockets: a phone with two tabs is one phone. Who was closed, or is silent, is not there any more. */
  people(): { phones: number; stages: number } {
    return (this.#people ??= {
      phones: new Set(this.#present('participant').map(({ caller }) => caller.label)).size,
      stages: this.#present('presenter').length,
    });
  }

  #present(role: Role): Connection[] {
    return [...this.#byRole[role]].filter(({ closing, absent }) => !closing && !absent);
  }

  /** Everybody leaves: the show is over. */
  endAll(): void {
    for (const connection of [...this.#bySocket.values()])
      closeConnection(connection, CLOSE.ended, 'the show has ended');
  }

  /** When the first of the sessions connected here expires, Unix milliseconds; Infinity when nobody is. */
  nextExpiry(): number {
    let next = Infinity;
    for (const { caller, closing } of this.#bySocket.values()) {
      if (!closing) next = Math.min(next, caller.expiresAt);
    }
    return next;
  }
}

/** Sends, unless the socket is going away: then its close event does the rest. */
export function sendTo(connection: Connection, text: string): void {
  try {
    connection.socket.send(text);
    connection.sent += text.length;
  } catch {
    // Closing or closed: nobody is there to be told.
  }
}

/** A sign of life. */
export function hear(connection: Connection, atMs: number): void {
  connection.heard.atMs = atMs;
  connection.heard.sent = connection.sent;
  connection.owesSinceMs = null;
}

/**
 * It says that it has applied everything up to `seq`; `toldSeq` is what it was told so far. Who claims more than that has
 * read nothing, and counts as if it had said nothing.
 */
export function confirm(connection: Connection, seq: number, toldSeq: number): void {
  if (seq > toldSeq) return;
  connection.seenSeq = seq;
  if (seq < connection.told.seq) return;
  connection.confirmed = connection.told.sent;
  if (seq === toldSeq) connection.confirmed = connection.sent;
  connection.told = { seq: toldSeq, sent: connection.sent };
}

/** Closes, whatever state the socket is in. */
export function closeConnection(connection: Connection, code: number, reason: string): void {
  connection.closing = true;
  connection.moved();
  try {
    connection.socket.close(code, reason);
  } catch {
    // Closed already.
  }
}
