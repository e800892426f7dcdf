/**
 * What a rehearsal room tells its screens: a welcome that starts or resumes the stream, and frames without gaps, as often as
 * the live room sends them. Screens get every event; phones at most sixteen a frame, and how many were left out.
 */
import type { RoomState } from '#lib/domain/room-state.ts';
import { holdingsOf } from '#lib/domain/view.ts';
import type { Role } from '#lib/protocol/http.ts';
import { MAX_RESUME_EVENTS } from '#lib/protocol/limits.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { frameMs, mostEvents, sample } from '#lib/room/frames.ts';
import type { Books } from './books.ts';
import type { Cancel, Schedule } from './schedule.ts';

/** A screen that is connected to a room. */
export interface Member {
  readonly sessionId: string;
  readonly label: string;
  readonly role: Role;
  /** Sends one text frame. */
  hear(text: string): void;
  /** Ends the connection from the room's side. */
  hangUp(code: number, reason: string): void;
  /** `seq` that its welcome reached. */
  startedAt: number;
}

/** How far a client that comes back says that it is. */
export interface Since {
  epoch: number;
  since: number;
}

/** What the feed needs of the room. */
export interface FeedHost {
  readonly books: Books;
  readonly schedule: Schedule;
  /** Name of this life of the room, and Unix milliseconds now. */
  readonly instance: string;
  now(): number;
  state(): RoomState;
  /** Somebody's own answer to the guess that stands. */
  guessOf(sessionId: string): { asked: number; value: number } | null;
}

interface Audience {
  cursor: number;
  sentAtMs: number;
  timer: Cancel | null;
}

/** Sends welcomes and frames to the screens of a rehearsed room. */
export class Feed {
  readonly members = new Set<Member>();
  readonly #host: FeedHost;
  readonly #audiences: Record<Role, Audience> = {
    presenter: { cursor: 0, sentAtMs: -Infinity, timer: null },
    participant: { cursor: 0, sentAtMs: -Infinity, timer: null },
  };

  constructor(host: FeedHost) {
    this.#host = host;
  }

  /** Takes a screen in: exactly what it missed when it can be resumed, else the state alone. */
  welcome(member: Member, resume: Since | null): void {
    const { books, instance } = this.#host;
    const { epoch, seq } = books.facts;
    const behind = resume && resume.epoch === epoch ? seq - resume.since : -1;
    const recovered = behind >= 0 && behind <= MAX_RESUME_EVENTS;
    member.startedAt = seq;
    this.members.add(member);
    const { sessionId: id, label, role } = member;
    const holdings = holdingsOf(books.facts, label);
    const { room } = this.#host.state();
    const guess = this.#host.guessOf(id);
    const you = { id, label, role, holdings, ...(guess ? { guess } : {}) };
    this.#say(
      member,
      { t: 'welcome', v: PROTOCOL_VERSION, room, you, epoch, seq, recovered },
      recovered ? books.lines.slice(seq - behind) : [],
      { instance, wakes: 1, now: this.#host.now(), state: this.#host.state() },
    );
  }

  /** Something moved: everybody hears of it with their next frame. */
  changed(): void {
    for (const role of ['presenter', 'participant'] as const) {
      const audience = this.#audiences[role];
      const dueInMs = audience.sentAtMs + frameMs(role, this.members.size, false) - this.#host.schedule.nowMs;
      audience.timer ??= this.#host.schedule.after(dueInMs, () => this.#frame(role));
    }
  }

  /** Sends what is due at once: before connections are cut on purpose. */
  flush(): void {
    this.#frame('presenter');
    this.#frame('participant');
  }

  #frame(role: Role): void {
    const audience = this.#audiences[role];
    audience.timer?.();
    audience.timer = null;
    audience.sentAtMs = this.#host.schedule.nowMs;
    const { seq, epoch, head } = this.#host.books.facts;
    for (const member of this.members) {
      if (member.role !== role) continue;
      const after = Math.max(audience.cursor, member.startedAt);
      const shown = this.#lines(role, after, seq);
      const omitted = seq - after - shown.length;
      this.#say(member, { t: 'frame', epoch, from: after + 1, seq }, shown, {
        omitted,
        state: this.#host.state(),
        head,
        now: this.#host.now(),
      });
    }
    audience.cursor = seq;
  }

  #lines(role: Role, after: number, seq: number): string[] {
    const { lines, events } = this.#host.books;
    const fresh = events.slice(after, seq).map((event) => ({ event, json: lines[event.seq - 1]! }));
    const most = role === 'presenter' ? Infinity : mostEvents(this.members.size);
    return sample(fresh, most).map(({ json }) => json);
  }

  /** Lines are JSON already, in the form that was hashed. */
  #say(member: Member, head: object, lines: readonly string[], tail: object): void {
    const opened = JSON.stringify(head).slice(0, -1);
    member.hear(`${opened},"events":[${lines.join(',')}],${JSON.stringify(tail).slice(1)}`);
  }
}
