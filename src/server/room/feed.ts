/**
 * The feed: frames to both audiences, and the welcome that starts or resumes one. Frames are few (20 a second to stages,
 * 10 to phones, 4 to a crowd), encoded once per audience, and gap-free: the sockets of an audience stand at one cursor.
 */
import type { ChainedEvent } from '#lib/domain/log.ts';
import type { EventKind } from '#lib/domain/events.ts';
import type { Role } from '#lib/protocol/http.ts';
import {
  MAX_CROWD_EVENTS,
  MAX_LAG_EVENTS,
  MAX_LAG_MS,
  MAX_PARTICIPANT_EVENTS,
  MAX_RESUME_EVENTS,
  PARTICIPANT_EVENTS_PER_SECOND,
} from '#lib/protocol/limits.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { steadyClock } from '../clock.ts';
import { closeMember, sendTo } from './members.ts';
import type { Member, Members } from './members.ts';

/** Milliseconds between two frames. */
const STAGE_FRAME_MS = 50;
const PHONE_FRAME_MS = 100;
const CROWD_FRAME_MS = 250;
const HOUSE_FRAME_MS = 500;
/** Phones from which on the slower rates go: a frame to five thousand takes a tenth of a second of the room's one thread. */
const CROWD = 1_000;
const HOUSE = 3_000;
/** How often laggards are sought, milliseconds. */
const LAGGARDS_EVERY_MS = 1_000;
/** A client says every few seconds what it has seen: many events behind is only a lag when that is long ago, milliseconds. */
const LAG_GRACE_MS = 6_000;

/** Kinds that every phone gets before the mass of allocations: they change what the button means. */
const STRUCTURAL: ReadonlySet<EventKind> = new Set([
  'opened',
  'mode',
  'step',
  'guardrail',
  'locked',
  'reset',
  'drill',
  'closed',
]);

/** `seq` up to which each audience has been told. */
export type Cursors = Record<Role, number>;

/** What the feed asks of the room. */
export interface FeedHost {
  readonly members: Members;
  now(): number;
  epoch(): number;
  seq(): number;
  head(): string;
  /** True while a room with a crowd does not come to rest. */
  isBehind(): boolean;
  /** The state as JSON. */
  stateJson(): string;
  /** Lines of events after `seq` up to `last`. */
  linesAfter(seq: number, last: number): string[];
  /** Stores where the audiences stand, when no commit will do it soon. */
  saveCursors(cursors: Cursors): void;
}

/** One audience: where all of its sockets stand. */
interface Audience {
  readonly role: Role;
  cursor: number;
  sentAtMs: number;
  timer: ReturnType<typeof setTimeout> | null;
  /** Newest frames: which `seq` went out when. What a laggard's own `seen` is held against. */
  sent: { seq: number; atMs: number }[];
  laggardsSoughtAtMs: number;
  /** Events that its next frame may hold: refilled with time, so that a quiet room tells every one. */
  allowance: number;
}

/** See the module's comment. */
export class Feed {
  readonly #host: FeedHost;
  readonly #steady: () => number;
  /** Events that some audience has not been told yet, oldest first. */
  #fresh: ChainedEvent[] = [];
  readonly #audiences: Record<Role, Audience>;
  /** Where the audiences stand by the tables, and where they will by the commit that is under way. */
  #stored: Cursors;
  #foreseen: Cursors;

  /**
   * @param cursors where the audiences stood when the room was last in memory
   * @param fresh events that one of them has not been told
   */
  constructor(host: FeedHost, cursors: Cursors, fresh: ChainedEvent[]) {
    this.#host = host;
    this.#steady = steadyClock(() => host.now());
    this.#fresh = fresh;
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

  /**
   * Where the audiences will stand once a commit that ends at `seq` is told: those whose frame is due get it in the same
   * step as the commit. Stored with the commit, so that no room wakes up without knowing where its sockets stand.
   */
  cursorsAfter(seq: number): Cursors {
    const after = (audience: Audience) =>
      audience.timer === null && this.#dueInMs(audience) <= 0 ? seq : audience.cursor;
    const { presenter, participant } = this.#audiences;
    this.#foreseen = { presenter: after(presenter), participant: after(participant) };
    return this.#foreseen;
  }

  /** Events were stored: they go out with the next frames, whatever it is that these are sent for. */
  take(events: readonly ChainedEvent[]): void {
    for (const event of events) this.#fresh.push(event);
    this.#stored = this.#foreseen;
  }

  /** The state moved: every audience gets a frame, now or when its time has come. */
  changed(): void {
    this.#schedule(this.#audiences.presenter);
    this.#schedule(this.#audiences.participant);
    this.#saveCursors();
  }

  /** The state moved in a way that only presenters look at, such as who is connected. */
  changedForStages(): void {
    this.#schedule(this.#audiences.presenter);
    this.#saveCursors();
  }

  /** Sends what is due at once: before sockets are closed on purpose. */
  flush(): void {
    for (const audience of Object.values(this.#audiences)) {
      if (audience.timer !== null || audience.cursor < this.#host.seq()) this.#frame(audience);
    }
    this.#saveCursors();
  }

  /**
   * Where a new socket starts: at the newest event, which may be ahead of its audience until their next frame. With
   * `since` and the current epoch, at most 300 events behind, it gets exactly what it missed.
   */
  start(epoch: number | null, since: number | null): Start {
    const seq = this.#host.seq();
    const current = this.#host.epoch();
    const recovered = epoch === current && since !== null && since <= seq && seq - since <= MAX_RESUME_EVENTS;
    return {
      epoch: current,
      seq,
      recovered,
      lines: recovered ? this.#host.linesAfter(since, seq) : [],
      stateJson: this.#host.stateJson(),
    };
  }

  /** Up to which event a socket has been told. */
  toldTo(member: Member): number {
    return Math.max(member.startedAt, this.#audiences[member.caller.role].cursor);
  }

  #schedule(audience: Audience): void {
    if (audience.timer !== null) return;
    const dueInMs = this.#dueInMs(audience);
    if (dueInMs <= 0) this.#frame(audience);
    else audience.timer = setTimeout(() => this.#late(audience), dueInMs);
  }

  #dueInMs(audience: Audience): number {
    const { members } = this.#host;
    const apartMs = frameMs(audience.role, members.ofRole(audience.role).size, this.#host.isBehind());
    return audience.sentAtMs + apartMs - this.#steady();
  }

  /** A frame whose time has come after the commit it tells. */
  #late(audience: Audience): void {
    this.#frame(audience);
    this.#saveCursors();
  }

  #frame(audience: Audience): void {
    const nowMs = this.#steady();
    const refill = ((nowMs - audience.sentAtMs) * PARTICIPANT_EVENTS_PER_SECOND) / 1_000;
    const members = this.#host.members.ofRole(audience.role);
    const most = members.size > CROWD ? MAX_CROWD_EVENTS : MAX_PARTICIPANT_EVENTS;
    audience.allowance = Math.min(most, audience.allowance + refill);
    audience.sentAtMs = nowMs;
    if (audience.timer !== null) clearTimeout(audience.timer);
    audience.timer = null;
    const seq = this.#host.seq();
    if (members.size > 0) this.#send(audience, members, seq);
    audience.cursor = seq;
    this.#forgetTold();
  }

  #send(audience: Audience, members: ReadonlySet<Member>, seq: number): void {
    const stateJson = this.#host.stateJson();
    const most = audience.role === 'presenter' ? Infinity : Math.floor(audience.allowance);
    let told = 0;
    // Lines and state are JSON already.
    const start = `{"t":"frame","epoch":${this.#host.epoch()},`;
    const end = `"state":${stateJson},"head":"${this.#host.head()}","now":${this.#host.now()}}`;
    const encode = (after: number) => {
      const events = this.#fresh.filter(({ event }) => event.seq > after);
      const shown = sample(events, most);
      told = Math.max(told, shown.length);
      const omitted = events.length - shown.length;
      const lines = shown.map(({ json }) => json).join(',');
      return `${start}"from":${after + 1},"seq":${seq},"events":[${lines}],"omitted":${omitted},${end}`;
    };
    const text = encode(audience.cursor);
    for (const member of members) {
      // A socket that came since the last frame was told more by its welcome than its audience knows.
      sendTo(member, member.startedAt > audience.cursor ? encode(member.startedAt) : text);
    }
    audience.allowance -= told;
    audience.sent.push({ seq, atMs: audience.sentAtMs });
    this.#closeLaggards(audience, members);
  }

  /** A server socket does not tell how much it has not sent yet: only a client's own `seen` shows that it lags. */
  #closeLaggards(audience: Audience, members: ReadonlySet<Member>): void {
    const nowMs = audience.sentAtMs;
    // A room that is late itself reads late what its clients have seen, and would take all of them for laggards.
    if (this.#host.isBehind()) audience.laggardsSoughtAtMs = nowMs + MAX_LAG_MS;
    if (nowMs - audience.laggardsSoughtAtMs < LAGGARDS_EVERY_MS) return;
    audience.laggardsSoughtAtMs = nowMs;
    audience.sent = audience.sent.filter(({ atMs }) => nowMs - atMs <= 2 * MAX_LAG_MS);
    for (const member of members) {
      const { seenSeq } = member;
      if (seenSeq === null) continue;
      const missed = audience.sent.find(({ seq }) => seq > seenSeq);
      const lagMs = missed ? nowMs - missed.atMs : 0;
      const farBehind = audience.cursor - seenSeq > MAX_LAG_EVENTS && lagMs > LAG_GRACE_MS;
      if (lagMs > MAX_LAG_MS || farBehind) closeMember(member, CLOSE.tooFarBehind, 'too far behind; resume');
    }
  }

  #forgetTold(): void {
    const { presenter, participant } = this.#audiences;
    const told = Math.min(presenter.cursor, participant.cursor);
    this.#fresh = this.#fresh.filter(({ event }) => event.seq > told);
  }

  /** Stores where the audiences stand, when no commit will do it soon and the newest one did not foresee it. */
  #saveCursors(): void {
    const { presenter, participant } = this.#audiences;
    if (presenter.timer !== null || participant.timer !== null) return;
    const stands = { presenter: presenter.cursor, participant: participant.cursor };
    if (this.#stored.presenter === stands.presenter && this.#stored.participant === stands.participant)
      return;
    this.#stored = stands;
    this.#host.saveCursors(stands);
  }
}

/** Where a socket starts in its audience's stream. */
export interface Start {
  epoch: number;
  seq: number;
  recovered: boolean;
  lines: string[];
  stateJson: string;
}

function frameMs(role: Role, members: number, isBehind: boolean): number {
  if (role === 'presenter') return STAGE_FRAME_MS;
  if (members > HOUSE) return HOUSE_FRAME_MS;
  return members > CROWD || isBehind ? CROWD_FRAME_MS : PHONE_FRAME_MS;
}

/**
 * At most `most` events, in order: those that change what a button means, which are never more than a phone can take, and
 * then the newest of the others.
 */
function sample(events: readonly ChainedEvent[], most: number): readonly ChainedEvent[] {
  if (events.length <= most) return events;
  const structural = events.filter(({ event }) => STRUCTURAL.has(event.kind)).slice(-MAX_PARTICIPANT_EVENTS);
  const room = most - structural.length;
  const others = events.filter(({ event }) => !STRUCTURAL.has(event.kind));
  const newest = room > 0 ? others.slice(-room) : [];
  return [...structural, ...newest].sort((a, b) => a.event.seq - b.event.seq);
}
