/**
 * The room's sockets and what is known of each. Rebuilt from the sockets on waking.
 * Longer than other files: who is counted and who is sent frames are two views of one list, kept in one place.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Rate } from './flood.ts';
import { newRate } from './flood.ts';

/** A verified session. */
export interface Caller {
  sessionId: string;
  role: Role;
  label: string;
  /** Unix milliseconds. */
  expiresAt: number;
  /** Keyed hash of the caller's IP address; the key changes daily. */
  ipHash: string;
  /** It is nobody, but a page that shows figures: it is sent what stages are, counts as nobody, and can do nothing. */
  reads?: true | undefined;
}

/**
 * A socket's attachment, which survives hibernation: who opened it, and whether its page is out of sight. Some 300 bytes; the
 * platform allows 16 KiB (developers.cloudflare.com/durable-objects/best-practices/websockets).
 */
export interface Attachment extends Caller {
  /** The client said that its page is hidden, where browsers hold timers back. */
  isHidden?: boolean;
}

/** The socket as a room uses it: the platform's, or another host's. */
export interface Subscriber {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Stores who opened it, where a socket outlives the room's memory. */
  setState?(caller: Attachment): unknown;
}

/** One socket. */
export interface Connection {
  readonly socket: Subscriber;
  caller: Attachment;
  /** `seq` that its welcome ended with. */
  readonly startedAt: number;
  /** Its newest `seen`; null before the first. */
  seenSeq: number | null;
  malformed: number;
  /** The rate limit of messages, shared by all sockets of the session. */
  readonly rate: Rate;
  /** Characters that were sent to it so far. */
  sent: number;
  /** The newest sign of life: its time by the room's steady clock (-Infinity: never), and the characters sent by then. */
  readonly heard: { atMs: number; sent: number };
  /** When the platform last answered its ping, Unix milliseconds; null when it never has. */
  pingedAtMs: number | null;
  /** The characters sent when it got event `seq`; confirmed by a `seen` of that or more. */
  told: { seq: number; sent: number };
  confirmed: number;
  /** Since when something was sent without a sign of life; null when nothing was. */
  owesSinceMs: number | null;
  /** True once the room has closed it. It stays listed until it is gone, which a dead peer never confirms. */
  closing: boolean;
  /** True while a sign of life is overdue, so that it does not count as a person. */
  absent: boolean;
  /** Called when it starts or stops to count as a person. */
  readonly moved: () => void;
  /** No tap of this socket can be older, Unix milliseconds; 0 for a socket that resumes an earlier one. */
  readonly metAtMs: number;
  /** The newest op that it sent: older clients report its round trip with their next op. */
  previousOp: string | null;
  /** Its newest practice that counted, steady milliseconds. */
  practisedAtMs: number;
}

/** The sockets of a room, by audience and by owner. */
export class Connections {
  readonly #bySocket = new Map<object, Connection>();
  readonly #byLabel = new Map<string, Set<Connection>>();
  readonly #byRole: Record<Role, Set<Connection>> = { presenter: new Set(), participant: new Set() };
  /** Those who are sent the frames of an audience. */
  readonly #byAudience: Record<Role, Set<Connection>> = { presenter: new Set(), participant: new Set() };
  /** Cached until somebody comes or goes, because every frame asks for it. */
  #people: { phones: number; stages: number } | null = null;

  /** Adds a socket. */
  add(
    socket: Subscriber,
    caller: Attachment,
    startedAt: number,
    nowMs: number,
    comesBack = false,
  ): Connection {
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
      practisedAtMs: -Infinity,
    };
    this.#people = null;
    this.#bySocket.set(socket, connection);
    this.#byAudience[audienceOf(caller)].add(connection);
    if (!caller.reads) this.#byRole[caller.role].add(connection);
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
    this.#byAudience[audienceOf(connection.caller)].delete(connection);
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

  /** Sockets that are sent the frames of an audience: those of a role, and with the stages whoever reads. */
  ofAudience(audience: Role): ReadonlySet<Connection> {
    return this.#byAudience[audience];
  }

  /** Sockets of people: presenters' screens, or participants' phones. */
  ofRole(role: Role): ReadonlySet<Connection> {
    return this.#byRole[role];
  }

  /** Sockets of one person; labels are unique in a show. */
  ofLabel(label: string): Iterable<Connection> {
    return this.#byLabel.get(label) ?? [];
  }

  /** Sockets of one session, including those that are closed and not gone yet. */
  ofSession({ label, sessionId }: Caller): Connection[] {
    return [...this.ofLabel(label)].filter(({ caller }) => caller.sessionId === sessionId);
  }

  /** Sockets of a session that was renewed live until `expiresAt`, Unix milliseconds. */
  renew(sessionId: string, expiresAt: number): void {
    for (const connection of this.all()) {
      if (connection.caller.sessionId !== sessionId) continue;
      connection.caller = { ...connection.caller, expiresAt };
      connection.socket.setState?.(connection.caller);
    }
  }

  /** Closes the sockets of a session that has logged out. */
  signOut(sessionId: string): void {
    for (const connection of [...this.all()]) {
      if (connection.caller.sessionId === sessionId)
        closeConnection(connection, CLOSE.unauthorized, 'signed out');
    }
  }

  /** Sets whether somebody seems to be there. */
  mark(connection: Connection, absent: boolean): void {
    connection.absent = absent;
    connection.moved();
  }

  /** Number of people, not sockets: a phone with two tabs is one. Closed and silent sockets do not count. */
  people(): { phones: number; stages: number } {
    return (this.#people ??= {
      phones: new Set(this.#present('participant').map(({ caller }) => caller.label)).size,
      stages: this.#present('presenter').length,
    });
  }

  /** True when somebody is counted by one of their sockets. */
  protected isPresent(label: string): boolean {
    return [...this.ofLabel(label)].some(isThere);
  }

  #present(role: Role): Connection[] {
    return [...this.#byRole[role]].filter(isThere);
  }

  /** Closes all sockets at the end of the show. */
  endAll(): void {
    for (const connection of [...this.#bySocket.values()])
      closeConnection(connection, CLOSE.ended, 'the show has ended');
  }

  /** When the first connected session expires, Unix milliseconds; Infinity without any. */
  nextExpiry(): number {
    let next = Infinity;
    for (const { caller, closing } of this.#bySocket.values()) {
      if (!closing) next = Math.min(next, caller.expiresAt);
    }
    return next;
  }
}

const isThere = ({ closing, absent }: Connection) => !closing && !absent;

/** Whose frames a caller is sent: pictures need every event, as stages do. */
export function audienceOf({ reads, role }: Caller): Role {
  return reads ? 'presenter' : role;
}

/** Sends, unless the socket is closing; its close event then does the rest. */
export function sendTo(connection: Connection, text: string): void {
  try {
    connection.socket.send(text);
    connection.sent += text.length;
  } catch {
    // Closing or closed.
  }
}

/** Notes whether the page of a socket is out of sight. */
export function setHidden(connection: Connection, isHidden: boolean): void {
  connection.caller = { ...connection.caller, isHidden };
  connection.socket.setState?.(connection.caller);
}

/** Notes a sign of life. */
export function hear(connection: Connection, atMs: number): void {
  connection.heard.atMs = atMs;
  connection.heard.sent = connection.sent;
  connection.owesSinceMs = null;
}

/**
 * Notes a `seen` of `seq`; `toldSeq` is the newest event that was sent. A `seen` beyond it is ignored, because such a client has
 * not read the stream.
 */
export function confirm(connection: Connection, seq: number, toldSeq: number): void {
  if (seq > toldSeq) return;
  connection.seenSeq = seq;
  if (seq < connection.told.seq) return;
  connection.confirmed = connection.told.sent;
  if (seq === toldSeq) connection.confirmed = connection.sent;
  connection.told = { seq: toldSeq, sent: connection.sent };
}

/** Closes a socket in any state. */
export function closeConnection(connection: Connection, code: number, reason: string): void {
  connection.closing = true;
  connection.moved();
  try {
    connection.socket.close(code, reason);
  } catch {
    // Closed already.
  }
}
