/**
 * A rehearsed show: its rooms, who is in it, its crowds, and the one reset a minute. What a live show spreads over a
 * platform. Longer than other files: members, rooms and reset ask each other what they are in.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import { modesOf } from '#lib/domain/by-lane.ts';
import type { RoomConfig, Sku } from '#lib/domain/events.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Role } from '#lib/protocol/http.ts';
import type { Caller } from '#lib/room/connections.ts';
import { showEnded } from '#lib/room/messages.ts';
import type { SocketHost } from '#lib/room/messages.ts';
import type { CrowdOrder, CrowdState } from './crowd.ts';
import { Crowd } from './crowd.ts';
import { randomFor, uuidFrom } from './random.ts';
import { Room } from './room.ts';
import type { Since } from '#lib/room/welcome.ts';
import type { ScreenSocket } from './room.ts';
import { Schedule } from './schedule.ts';

/** What a rehearsal begins with: of the live show what is known of it, so that it goes on where that one stands. */
export interface Beginning {
  show: string;
  skus: readonly Sku[];
  mode: Mode;
  step: number;
  /** True when it begins held: nothing is sold before a presenter's GO. */
  held?: boolean | undefined;
  seed: number;
}

/** Somebody in the rehearsal: a screen of this browser. */
export interface Session {
  token: string;
  label: string;
  role: Role;
}

/** The live defaults: a rehearsal decides by the rules that a deployment starts with. */
export const REHEARSED: RoomConfig = {
  billingScale: 1e-9,
  demoCostLimit: 0,
  virtualLoadFactor: 100_000,
  virtualCostThreshold: 100,
  guardrailAction: 'warn',
  raceWindowMs: 100,
};
/** A rehearsal is over when its last screen closes; by the clock only after a working day, milliseconds. */
const LASTS_MS = 8 * 3_600_000;
/** Resets: one in so many milliseconds, as from one address of a live show. */
const RESET_EVERY_MS = 60_000;
const ANIMALS = ['otter', 'heron', 'lynx', 'robin', 'badger', 'gecko', 'marten', 'plover', 'shrew', 'tapir'];

/** A rehearsed show: rooms, members, crowds, and the reset. */
export class Show {
  readonly beginning: Beginning;
  readonly config: RoomConfig;
  readonly schedule = new Schedule();
  readonly rooms = new Map<string, Room>();
  readonly #startedAtMs: number;
  #closesAtMs: number;
  readonly #sessions = new Map<string, Session>();
  readonly #crowds = new Map<string, Crowd>();
  readonly #joined: Record<Role, number> = { presenter: 0, participant: 0 };
  #rounds = 0;
  /** What each key of a call has asked for. */
  readonly #claims = new Map<string, string>();
  #keysMade = 0;
  /** Answers to resets by their key, and when the next one may come. */
  readonly #resets = new Map<string, Record<string, number>>();
  #resetFromMs = -Infinity;
  #isResetting = false;
  /** Hears that a crowd came, went, or tapped. */
  onCrowd: () => void = () => undefined;

  /** @param startedAtMs Unix milliseconds, whole */
  constructor(beginning: Beginning, startedAtMs: number, config: RoomConfig = REHEARSED) {
    this.beginning = beginning;
    this.config = config;
    this.#startedAtMs = startedAtMs;
    this.#closesAtMs = startedAtMs + LASTS_MS;
    const { show, skus, step, seed } = beginning;
    // The live show may be in a mode of lanes that a rehearsal does not have.
    const mode = modesOf(PAIR).includes(beginning.mode) ? beginning.mode : 'both';
    for (const sku of skus) {
      const host = {
        schedule: this.schedule,
        seed,
        now: () => this.now,
        closesAt: () => this.#closesAtMs,
        shoppers: () => this.#shoppersIn(sku.id),
      };
      const reset: SocketHost['reset'] = ({ label }, key, done) => {
        const refusal = this.reset([sku.id], label, key, () => done(null));
        if (refusal) done(refusal);
      };
      const room = new Room({ show, sku, mode, step, config }, host, reset);
      this.rooms.set(sku.id, room);
      if (beginning.held) room.control('presenter', { hold: true });
    }
    this.#watchEnd();
  }

  /** Unix milliseconds. */
  get now(): number {
    return this.#startedAtMs + this.schedule.nowMs;
  }

  /** When the show ends. */
  get closesAtMs(): number {
    return this.#closesAtMs;
  }

  /** Somebody comes in; labels say that nobody did. */
  join(role: Role): Session {
    const n = ++this.#joined[role];
    const { seed } = this.beginning;
    const animal = ANIMALS[(n - 1 + seed) % ANIMALS.length]!;
    const name = n > ANIMALS.length ? `${animal}-${n}` : animal;
    const label = role === 'presenter' ? (n === 1 ? 'presenter' : `presenter-${n}`) : `rehearsal-${name}`;
    const token = uuidFrom(randomFor(seed, `session ${label}`));
    const session = { token, label, role };
    this.#sessions.set(token, session);
    return session;
  }

  /** The session of a token; null when there is none. */
  session(token: string): Session | null {
    return this.#sessions.get(token) ?? null;
  }

  /** Ends a session. */
  forget({ token }: Session): void {
    this.#sessions.delete(token);
    for (const { core } of this.rooms.values()) core.signOut(token);
  }

  /** Renews a session; a presenter's keeps the show open. Returns when it expires, Unix milliseconds. */
  renew(role: Role): number {
    if (role === 'participant') return this.#closesAtMs;
    this.#closesAtMs = this.now + LASTS_MS;
    for (const room of this.rooms.values()) room.extend(this.#closesAtMs);
    return this.#closesAtMs;
  }

  /** Ends the show for everybody. */
  end(by: 'presenter' | 'expiry'): void {
    for (const crowd of this.#crowds.values()) crowd.stop();
    for (const room of this.rooms.values()) room.close(by);
  }

  /** Connects a screen to a room. Null when it may not enter: then it has been hung up. */
  enter(skuId: string, session: Session | null, line: ScreenSocket, resume: Since | null) {
    const room = this.rooms.get(skuId);
    if (!room || !session) {
      if (room) line.hangUp(CLOSE.unauthorized, 'not signed in, or expired');
      else line.hangUp(CLOSE.unknown, 'this room is not open');
      return null;
    }
    return room.enter(callerOf(session), line, resume);
  }

  /** A key for a call that brought none. */
  freshKey(): string {
    return uuidFrom(randomFor(this.beginning.seed, `key ${++this.#keysMade}`));
  }

  /** False when a key has asked for something else. A show of one SKU has one room, which holds its own keys. */
  claims(key: string, payload: string): boolean {
    if (this.rooms.size > 1 && !this.#claims.has(key)) this.#claims.set(key, payload);
    return (this.#claims.get(key) ?? payload) === payload;
  }

  /** Resets rooms. The same key again has the first answer; else at most one a minute. */
  reset(
    skuIds: readonly string[],
    by: string,
    key: string,
    done: (epochs: Record<string, number>) => void,
  ): Refusal | null {
    const known = this.#resets.get(key);
    if (known) {
      done(known);
      return null;
    }
    const waitMs = this.#isResetting ? 1_000 : this.#resetFromMs - this.schedule.nowMs;
    if (waitMs > 0) {
      const message = 'One reset a minute. Nothing was changed.';
      return { code: 'RATE_LIMITED', message, retryAfterMs: Math.ceil(waitMs) };
    }
    const rooms = [...this.rooms].filter(([id]) => skuIds.includes(id));
    if (rooms.some(([, { core }]) => core.memory.facts.closed)) return showEnded();
    this.#isResetting = true;
    const epochs: Record<string, number> = {};
    for (const [id, room] of rooms) {
      room.reset(key, by, (epoch) => {
        epochs[id] = epoch;
        if (Object.keys(epochs).length < rooms.length) return;
        this.#isResetting = false;
        this.#resetFromMs = this.schedule.nowMs + RESET_EVERY_MS;
        this.#resets.set(key, epochs);
        done(epochs);
      });
    }
    return null;
  }

  /** Lets a crowd into a room, in place of the one that is there. */
  letIn(skuId: string, order: CrowdOrder): CrowdState | null {
    const room = this.rooms.get(skuId);
    if (!room) return null;
    this.#crowds.get(skuId)?.stop();
    const crowd = new Crowd(room, this.schedule, order, ++this.#rounds, () => this.onCrowd());
    this.#crowds.set(skuId, crowd);
    this.onCrowd();
    return crowd.state;
  }

  /** Stops the steady crowd of a room. */
  stopCrowd(skuId: string): void {
    this.#crowds.get(skuId)?.stop();
  }

  /** The steady crowd of a room; null when there is none. */
  crowd(skuId: string): CrowdState | null {
    return this.#crowds.get(skuId)?.state ?? null;
  }

  /** Number of the next crowd or rush: names and ids of its shoppers never come twice. */
  nextRound(): number {
    return ++this.#rounds;
  }

  #shoppersIn(skuId: string): number {
    const crowd = this.#crowds.get(skuId)?.state;
    return crowd?.running ? crowd.shoppers : 0;
  }

  #watchEnd(): void {
    this.schedule.after(this.#closesAtMs - this.now, () => {
      if (this.now < this.#closesAtMs) this.#watchEnd();
      else this.end('expiry');
    });
  }
}

/** A session as rooms know it: it lasts as long as its show. */
export function callerOf({ token: sessionId, label, role }: Session): Caller {
  return { sessionId, label, role, expiresAt: Infinity, ipHash: '' };
}
