/**
 * The feed: frames to both audiences. They are few (20 a second to stages, 10 to phones, 4 to a crowd), encoded once per
 * audience, and gap-free: all sockets of an audience are at one `seq`.
 */
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { Role } from '#lib/protocol/http.ts';
import { MAX_LAG_EVENTS, MAX_LAG_MS, MAX_PARTICIPANT_EVENTS } from '#lib/protocol/limits.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { eventsPerSecond, frameMs, mostEvents, sample } from './frames.ts';
import type { Cancel, RoomContext, RoomPart } from './context.ts';
import { linesBetween, own } from './tables.ts';
import { audienceOf, closeConnection, sendTo } from './connections.ts';
import type { Connection } from './connections.ts';
import { storeTold } from './memory.ts';
import type { Cursors } from './memory.ts';
import type { Transaction } from './transaction.ts';

/** How often lagging sockets are looked for, milliseconds. */
const LAGGARDS_EVERY_MS = 1_000;
/**
 * A socket many events behind its `seen` lags only when its `seen` is older than this, milliseconds: clients send one
 * every few seconds.
 */
const LAG_GRACE_MS = 6_000;

/** One audience: its sockets are all at one `seq`. */
interface Audience {
  readonly role: Role;
  cursor: number;
  sentAtMs: number;
  timer: Cancel | null;
  /** The newest frames (`seq` and time), with which sockets' `seen` are compared. */
  sent: { seq: number; atMs: number }[];
  laggardsSoughtAtMs: number;
  /** Events that its next frame may have: a token bucket, so that a quiet room sends every event. */
  allowance: number;
}

/** Sends frames to both audiences. */
export class Feed implements RoomPart {
  readonly #room: RoomContext;
  /** Events that some audience has not been sent yet, oldest first. */
  #fresh: ChainedEvent[] = [];
  readonly #audiences: Record<Role, Audience>;
  /** The cursors as stored, and as the commit in progress foresees them. */
  #stored: Cursors;
  #foreseen: Cursors;

  constructor(room: RoomContext) {
    this.#room = room;
    const { memory, ports } = room;
    const cursors = memory.told;
    const told = Math.min(cursors.presenter, cursors.participant);
    const lines = linesBetween(ports.tables, told, memory.facts.seq);
    this.#fresh = lines.map((json) => ({ event: own<RoomEvent>(json), json }));
    this.#stored = cursors;
    this.#foreseen = cursors;
    const audience = (role: Role): Audience => ({
      role,
      cursor: cursors[role],
      sentAtMs: 0,
      timer: null,
      sent: [],
      laggardsSoughtAtMs: 0,
      allowance: MAX_PARTICIPANT_EVENTS,
    });
    this.#audiences = { presenter: audience('presenter'), participant: audience('participant') };
  }

  /** Sends connected sockets what they missed while the room was not in memory. */
  wakes(): void {
    const { told, facts } = this.#room.memory;
    if (Math.min(told.presenter, told.participant) < facts.seq) this.changed();
  }

  /**
   * The foreseen cursors: audiences whose frame is due will get it with the commit. They are stored with the commit, so that a
   * room that is evicted in between wakes up knowing what its sockets were sent.
   */
  closes(tx: Transaction): void {
    const { seq } = tx.memory.facts;
    const after = (audience: Audience) =>
      audience.timer === null && this.#dueInMs(audience) <= 0 ? seq : audience.cursor;
    const { presenter, participant } = this.#audiences;
    this.#foreseen = { presenter: after(presenter), participant: after(participant) };
    tx.cursors = this.#foreseen;
  }

  /** Takes stored events, which go out with the next frames. */
  stored({ appended }: Transaction): void {
    for (const event of appended) this.#fresh.push(event);
    this.#stored = this.#foreseen;
  }

  told({ appended }: Transaction): void {
    if (appended.length > 0) this.changed();
  }

  /** The state has changed: every audience gets a frame, now or when its interval is over. */
  changed(): void {
    this.#schedule(this.#audiences.presenter);
    this.#schedule(this.#audiences.participant);
    this.#saveCursors();
  }

  /** Like {@link Feed.changed} for stages only, for what phones do not show, such as who is connected. */
  changedForStages(): void {
    this.#schedule(this.#audiences.presenter);
    this.#saveCursors();
  }

  /** Sends every pending frame now, before all sockets are closed. */
  flush(): void {
    const { seq } = this.#room.memory.facts;
    for (const audience of Object.values(this.#audiences)) {
      if (audience.timer !== null || audience.cursor < seq) this.#frame(audience);
    }
    this.#saveCursors();
  }

  /** The `seq` up to which a socket has been sent. */
  toldTo(connection: Connection): number {
    return Math.max(connection.startedAt, this.#audiences[audienceOf(connection.caller)].cursor);
  }

  /** How many lanes the show has. */
  get #lanes(): number {
    return (this.#room.memory.opening.lanes ?? PAIR).length;
  }

  #schedule(audience: Audience): void {
    if (audience.timer !== null) return;
    const dueInMs = this.#dueInMs(audience);
    if (dueInMs <= 0) this.#frame(audience);
    else audience.timer = this.#room.ports.after(dueInMs, () => this.#late(audience));
  }

  #dueInMs(audience: Audience): number {
    const connections = this.#room.ports.connections.ofAudience(audience.role);
    const { behind } = this.#room.ports.load.pressure;
    const apartMs = frameMs(audience.role, connections.size, behind, this.#lanes);
    return audience.sentAtMs + apartMs - this.#room.commits.steady();
  }

  /** Sends a frame by its timer. No commit has foreseen it, so its cursor is stored here. */
  #late(audience: Audience): void {
    this.#frame(audience);
    this.#saveCursors();
  }

  #frame(audience: Audience): void {
    const { commits, memory, ports } = this.#room;
    const nowMs = commits.steady();
    const refill = ((nowMs - audience.sentAtMs) * eventsPerSecond(this.#lanes)) / 1_000;
    const connections = ports.connections.ofAudience(audience.role);
    audience.allowance = Math.min(mostEvents(connections.size), audience.allowance + refill);
    audience.sentAtMs = nowMs;
    audience.timer?.();
    audience.timer = null;
    const { seq } = memory.facts;
    if (connections.size > 0) this.#send(audience, connections, seq);
    audience.cursor = seq;
    this.#forgetTold();
  }

  #send(audience: Audience, connections: ReadonlySet<Connection>, seq: number): void {
    const { memory, ports } = this.#room;
    const { epoch, head } = memory.facts;
    const most = audience.role === 'presenter' ? Infinity : Math.floor(audience.allowance);
    let told = 0;
    // Lines and state are JSON texts already.
    const start = `{"t":"frame","epoch":${epoch},`;
    const end = `"state":${JSON.stringify(this.#room.state())},"head":"${head}","now":${ports.now()}}`;
    const encode = (after: number) => {
      const events = this.#fresh.filter(({ event }) => event.seq > after);
      const shown = sample(events, most);
      told = Math.max(told, shown.length);
      const omitted = events.length - shown.length;
      const lines = shown.map(({ json }) => json).join(',');
      return `${start}"from":${after + 1},"seq":${seq},"events":[${lines}],"omitted":${omitted},${end}`;
    };
    const text = encode(audience.cursor);
    for (const connection of connections) {
      // The welcome of a socket that connected since the last frame had events that its audience gets now.
      sendTo(connection, connection.startedAt > audience.cursor ? encode(connection.startedAt) : text);
    }
    audience.allowance -= told;
    audience.sent.push({ seq, atMs: audience.sentAtMs });
    this.#closeLaggards(audience, connections);
  }

  /** Closes lagging sockets by their `seen`, because a server socket does not expose how much is unsent. */
  #closeLaggards(audience: Audience, connections: ReadonlySet<Connection>): void {
    const nowMs = audience.sentAtMs;
    // A late room reads `seen` late, and every socket would seem to lag.
    if (this.#room.ports.load.pressure.behind) audience.laggardsSoughtAtMs = nowMs + MAX_LAG_MS;
    if (nowMs - audience.laggardsSoughtAtMs < LAGGARDS_EVERY_MS) return;
    audience.laggardsSoughtAtMs = nowMs;
    audience.sent = audience.sent.filter(({ atMs }) => nowMs - atMs <= 2 * MAX_LAG_MS);
    for (const connection of connections) {
      const { seenSeq, caller } = connection;
      // The timers of a hidden page say `seen` once a minute: what such a page may cost is bounded in bytes (presence.ts).
      if (seenSeq === null || caller.isHidden) continue;
      const missed = audience.sent.find(({ seq }) => seq > seenSeq);
      const lagMs = missed ? nowMs - missed.atMs : 0;
      const farBehind = audience.cursor - seenSeq > MAX_LAG_EVENTS && lagMs > LAG_GRACE_MS;
      if (lagMs > MAX_LAG_MS || farBehind)
        closeConnection(connection, CLOSE.tooFarBehind, 'too far behind; resume');
    }
  }

  #forgetTold(): void {
    const { presenter, participant } = this.#audiences;
    const told = Math.min(presenter.cursor, participant.cursor);
    this.#fresh = this.#fresh.filter(({ event }) => event.seq > told);
  }

  /** Stores the cursors when the newest commit did not foresee them and no other will do so soon. */
  #saveCursors(): void {
    const { presenter, participant } = this.#audiences;
    if (presenter.timer !== null || participant.timer !== null) return;
    const stands = { presenter: presenter.cursor, participant: participant.cursor };
    if (this.#stored.presenter === stands.presenter && this.#stored.participant === stands.participant)
      return;
    this.#stored = stands;
    const { memory, ports } = this.#room;
    storeTold(ports.tables, memory, stands);
  }
}
