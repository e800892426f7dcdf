/**
 * The presenter's sleep drill: waits in silence until the room has hibernated, asks one question, and measures the answer. The
 * room has slept only if its number of lives has grown; otherwise the drill says so. A disturbed drill reports nothing.
 */
import type { RoomEvent } from '#lib/domain/events.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { SEEN_INTERVAL_MS } from '#lib/protocol/limits.ts';
import { Changes } from './changes.ts';
import type { PresenterActs } from './presenter-acts.ts';
import type { Connection, EventListener, EventRange } from './room-view.ts';
import type { Cancel, Time } from './surroundings.ts';
import { browserTime } from './surroundings.ts';

/** A room leaves memory after 10 s without a word; what its last word cost is stored a second later. Milliseconds. */
const ASLEEP_AFTER_MS = 12_000;
/** Silence that is waited for, milliseconds: after the newest event every client still says once how far it has seen. */
export const SILENCE_MS = SEEN_INTERVAL_MS + ASLEEP_AFTER_MS;
/** After a silence of this length the room may have slept already, and has to be asked for its lives again, milliseconds. */
const MAY_HAVE_SLEPT_MS = 10_000;
/** The drill's own question makes the room tell who is there and what it cost: no news within this, milliseconds. */
const ECHO_MS = 3_000;
/** How long an answer may take before the drill gives up, milliseconds. */
export const ANSWER_WITHIN_MS = 10_000;
const TICK_MS = 250;

/** Why a silence began anew: a purchase, anything else in the room, or this page's own connection. */
export type Interruption = 'tap' | 'event' | 'connection';

/** Where a sleep drill stands. Durations are milliseconds on this page's monotonic clock. */
export type SleepPhase =
  | { kind: 'idle' }
  /** Asks the room how many lives it has had. */
  | { kind: 'asking' }
  | { kind: 'silent'; leftMs: number; interruption: Interruption | null }
  /** Has asked the sleeping room, and waits. */
  | { kind: 'waking' }
  | { kind: 'woke'; measured: Waking }
  /** The room answered in the life that it had before the silence. */
  | { kind: 'awake'; ms: number; silentMs: number; lives: number }
  | { kind: 'failed'; why: 'connection' | 'noAnswer' | 'disturbed' };

/** What was measured of one sleep. */
export interface Waking {
  /** From asking until the answer. */
  ms: number;
  silentMs: number;
  lives: { before: number; after: number };
  /** People's connections that the room counted before, and connections that it found when it woke. */
  connections: { before: number; after: number };
  missing: number;
  /**
   * The drill's event is the next one after the newest that was known, of the same epoch, and the head of the log is its
   * hash.
   */
  logWentOn: boolean;
  /** Mode, step and every lane's counters are what they were before. */
  isSameState: boolean;
}

/** The room as the drill needs it. */
export interface SleepRoom {
  readonly wakes: number;
  readonly head: string | null;
  readonly connection: Connection;
  readonly state: RoomState | null;
  onEvents(listener: EventListener): () => void;
  /** Connects anew: the welcome says how many lives the room has had. */
  retry(): void;
  readonly acts: Pick<PresenterActs, 'drill'>;
  reportRecovery(measured: { waitedMs: number; ms: number; missing: number }): boolean;
}

/** A presenter's sleep drill. {@link SleepDrill.cancel} it when its page goes. */
export class SleepDrill {
  #phase: SleepPhase = { kind: 'idle' };
  #interruption: Interruption | null = null;
  /** When the room was last heard of, last asked for its lives, and asked to wake. */
  #heardAtMs = 0;
  #askedAtMs = 0;
  #sentAtMs = 0;
  /** What was known when the room was asked to wake. */
  #before = { seq: 0, epoch: 0, wakes: 0, connections: 0, counters: '' };
  #cancelTick: Cancel | null = null;
  #stopListening: (() => void) | null = null;
  readonly #changes = new Changes();
  readonly #room: SleepRoom;
  readonly #time: Time;

  constructor(room: SleepRoom, time: Time = browserTime) {
    this.#room = room;
    this.#time = time;
  }

  /** The current phase. */
  get phase(): SleepPhase {
    this.#changes.read();
    return this.#phase;
  }
  /** True from the start until there is a result. */
  get isRunning(): boolean {
    return ['asking', 'silent', 'waking'].includes(this.phase.kind);
  }

  /** Begins, or begins anew. */
  start(): void {
    this.cancel();
    const room = this.#room;
    if (room.connection.kind !== 'connected') return this.#end({ kind: 'failed', why: 'connection' });
    this.#interruption = null;
    this.#stopListening = room.onEvents((events, range) => {
      this.#hear(events, range);
    });
    this.#ask();
    this.#tick();
  }

  /** Calls the drill off; nothing was asked of the room that changes anything. */
  cancel(): void {
    this.#end({ kind: 'idle' });
  }

  #ask(): void {
    this.#askedAtMs = this.#now();
    this.#show({ kind: 'asking' });
    this.#room.retry();
  }

  #hear(events: readonly RoomEvent[], range: EventRange): void {
    if (this.#phase.kind === 'waking') return this.#answered(events, range);
    const silentMs = this.#now() - this.#heardAtMs;
    const wasSilent = this.#phase.kind === 'silent';
    this.#heardAtMs = this.#now();
    this.#remember(range.seq);
    const isEcho = this.#now() - this.#askedAtMs < ECHO_MS;
    this.#interruption = interruptionBy(events, isEcho) ?? this.#interruption;
    if (wasSilent && silentMs > MAY_HAVE_SLEPT_MS) this.#ask();
    else this.#show({ kind: 'silent', leftMs: SILENCE_MS, interruption: this.#interruption });
  }

  #remember(seq: number): void {
    const { state, wakes } = this.#room;
    const { phones, stages } = state?.people ?? { phones: 0, stages: 0 };
    const counters = countersOf(state);
    this.#before = { seq, epoch: state?.epoch ?? 0, wakes, connections: phones + stages, counters };
  }

  #tick(): void {
    this.#cancelTick = this.#time.later(() => {
      this.#tick();
      this.#look();
    }, TICK_MS);
  }

  #look(): void {
    const nowMs = this.#now();
    if (this.#phase.kind === 'silent') return this.#wait(nowMs);
    const sinceMs = nowMs - (this.#phase.kind === 'asking' ? this.#askedAtMs : this.#sentAtMs);
    if (sinceMs >= ANSWER_WITHIN_MS) this.#end({ kind: 'failed', why: 'noAnswer' });
  }

  #wait(nowMs: number): void {
    if (this.#room.connection.kind !== 'connected') {
      // Whoever is away hears nothing: silence begins when this page is back.
      this.#heardAtMs = nowMs;
      this.#interruption = 'connection';
    }
    const leftMs = SILENCE_MS - (nowMs - this.#heardAtMs);
    if (leftMs > 0) return this.#show({ kind: 'silent', leftMs, interruption: this.#interruption });
    this.#sentAtMs = this.#now();
    if (!this.#room.acts.drill('sleep')) return this.#end({ kind: 'failed', why: 'connection' });
    this.#show({ kind: 'waking' });
  }

  #answered(events: readonly RoomEvent[], range: EventRange): void {
    const ms = this.#now() - this.#sentAtMs;
    const room = this.#room;
    const { seq, epoch, wakes, connections, counters } = this.#before;
    const [drill] = events;
    const isOurs = drill?.kind === 'drill' && drill.body.kind === 'sleep';
    // Another word came first, or this page had to connect anew: whatever was measured is not a waking.
    if (!isOurs || room.wakes !== wakes) return this.#end({ kind: 'failed', why: 'disturbed' });
    const silentMs = this.#sentAtMs - this.#heardAtMs;
    if (drill.body.wakes <= wakes) return this.#end({ kind: 'awake', ms, silentMs, lives: wakes });
    const missing = range.seq - seq - events.length;
    const isNext = drill.seq === seq + 1 && drill.epoch === epoch;
    const logWentOn = isNext && events.at(-1)?.hash === room.head;
    const lives = { before: wakes, after: drill.body.wakes };
    const found = { before: connections, after: drill.body.sockets };
    const isSameState = counters === countersOf(room.state);
    room.reportRecovery({ waitedMs: silentMs, ms, missing });
    const measured = { ms, silentMs, lives, connections: found, missing, logWentOn, isSameState };
    this.#end({ kind: 'woke', measured });
  }

  #end(phase: SleepPhase): void {
    this.#cancelTick?.();
    this.#cancelTick = null;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#show(phase);
  }

  #show(phase: SleepPhase): void {
    this.#phase = phase;
    this.#changes.tell();
  }

  #now(): number {
    return this.#time.clock.monotonic();
  }
}

/** What a sleep must not change. Money is left out: the question that wakes a room is paid for. */
function countersOf(state: RoomState | null): string {
  return JSON.stringify(state && [state.mode, state.step, state.lanes]);
}

/** What a batch says of why it was not silent. A cost is told because of something else: it is no reason of its own. */
function interruptionBy(events: readonly RoomEvent[], isEcho: boolean): Interruption | null {
  if (events.some(({ kind }) => kind === 'allocated' || kind === 'refused')) return 'tap';
  const isOnlyCost = events.length > 0 && events.every(({ kind }) => kind === 'cost');
  return isEcho || isOnlyCost ? null : 'event';
}
