/**
 * The bot drill: one session that is no person sends as many taps as it can, through the front door. It joins by the code, taps
 * over HTTP, and every answer is counted. What it got is held against what the limit allows, and against the log.
 */
import { botLabel } from '#lib/domain/op.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { waitForGo } from '#lib/domain/hold.ts';
import { TAP_BUCKET } from '#lib/domain/rate.ts';
import type { LaneResults } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import type { ApiResult, FailureCode } from './api.ts';
import type { BotCalls } from './bot-calls.ts';
import type { BotWords } from './bot-link.ts';
import { Changes } from './changes.ts';
import type { Connection, EventListener } from './room-view.ts';
import type { Time } from './surroundings.ts';
import { browserTime, makeUuid } from './surroundings.ts';

/** Taps of one drill: half as many again as the limit gives at once. */
export const TAPS = 300;
/** Taps under way at once: a browser sends no more over one connection of the older kind, and the room stays free for people. */
const AT_ONCE = 12;
/** How often the stage hears how far the bot is, milliseconds. */
const TELL_EVERY_MS = 200;
/** How long the log may take to tell what was bought, milliseconds. */
const LOG_WITHIN_MS = 5_000;

/** Taps that the limit lets through in so many milliseconds: a full bucket, and what flows back. */
export function allowedIn(ms: number): number {
  return TAP_BUCKET.tokens + Math.floor(ms / TAP_BUCKET.tokenMs);
}

/** What became of a bot's taps, each of which is counted once. */
export interface BotCount {
  /** Answered so far, or given up. */
  done: number;
  /** Past the limit: their lanes were asked. */
  admitted: number;
  /** Of them, those that got a unit on any lane, those that were told that nothing is left, and those not decided yet. */
  bought: number;
  soldOut: number;
  pending: number;
  /** Refused by the limit. */
  limited: number;
  /** Refused for another reason, or without an answer. */
  others: { code: FailureCode; times: number }[];
}

/** Nothing was answered yet. */
export const NONE: BotCount = {
  done: 0,
  admitted: 0,
  bought: 0,
  soldOut: 0,
  pending: 0,
  limited: 0,
  others: [],
};

/** The count after one more answer. */
export function counted(count: BotCount, answer: ApiResult<AllocateResult>): BotCount {
  const next = { ...count, done: count.done + 1 };
  if (answer.ok) {
    const bought = isBought(answer.data.lanes);
    return {
      ...next,
      admitted: count.admitted + 1,
      bought: count.bought + (bought ? 1 : 0),
      pending: count.pending + (bought ? 0 : 1),
    };
  }
  switch (answer.code) {
    case 'OUT_OF_STOCK':
      return { ...next, admitted: count.admitted + 1, soldOut: count.soldOut + 1 };
    case 'RATE_LIMITED':
      return { ...next, limited: count.limited + 1 };
    default:
      return { ...next, others: withOne(count.others, answer.code) };
  }
}

/** How the drill stands. */
export type BotPhase =
  | { kind: 'idle' }
  | { kind: 'joining' }
  | { kind: 'tapping' | 'done'; words: BotWords }
  /** The door wanted a proof that a bot does not have. */
  | { kind: 'stopped'; words: BotWords }
  /** It did not begin; a sentence says why. */
  | { kind: 'failed'; message: string };

/** The room as the drill needs it. */
export interface BotRoom {
  readonly state: Pick<RoomState, 'hold'> | null;
  readonly connection: Connection;
  /** What to add to this page's monotonic clock to get the room's Unix milliseconds. */
  readonly clockOffsetMs: number | null;
  onEvents(listener: EventListener): () => void;
}

/** A presenter's bot. {@link BotDrill.close} it when its page goes. */
export class BotDrill {
  #phase: BotPhase = { kind: 'idle' };
  readonly #changes = new Changes();
  readonly #calls: BotCalls;
  readonly #room: BotRoom;
  readonly #where: { show: string; skuId: string };
  readonly #tell: (words: BotWords) => void;
  readonly #time: Time;
  #isClosed = false;

  /** @param tell hears how the drill stands, so that the stage can show it */
  constructor(
    calls: BotCalls,
    room: BotRoom,
    where: { show: string; skuId: string },
    tell: (words: BotWords) => void,
    time: Time = browserTime,
  ) {
    this.#calls = calls;
    this.#room = room;
    this.#where = where;
    this.#tell = tell;
    this.#time = time;
  }

  /** The current phase. */
  get phase(): BotPhase {
    this.#changes.read();
    return this.#phase;
  }
  /** True from the start until there is a result. */
  get isRunning(): boolean {
    return this.phase.kind === 'joining' || this.phase.kind === 'tapping';
  }

  /** Sends the bot; one at a time. Of a held room it would learn only that it has to wait: nothing is sent then. */
  async run(): Promise<void> {
    if (this.#phase.kind === 'joining' || this.#phase.kind === 'tapping') return;
    const { state, connection } = this.#room;
    if (connection.kind === 'ended') return this.#fail(phrase('This show has ended: nothing was sent.'));
    if (connection.kind !== 'connected' || !state)
      return this.#fail(phrase('Not connected: nothing was sent.'));
    // A hold ends by the room's clock, and no frame need tell of it.
    if (waitForGo(state.hold, this.#now() + (this.#room.clockOffsetMs ?? 0)) > 0)
      return this.#fail(phrase('The room is held: give the GO first. Nothing was sent.'));
    this.#show({ kind: 'joining' });
    const joined = await this.#calls.join(this.#where.show);
    if (!joined.ok) {
      if (joined.code === 'MISSING_TOKEN') return this.#stop();
      return this.#fail(`${joined.message} ${phrase('Nothing was sent.')}`);
    }
    const { token, label } = joined.data;
    await this.#taps(token, botLabel(label));
    void this.#calls.leave(token);
  }

  /** The page goes: what is under way is still answered, and nobody hears of it. */
  close(): void {
    this.#isClosed = true;
  }

  async #taps(token: string, label: string): Promise<void> {
    const bought = new Set<string>();
    const stopListening = this.#room.onEvents((events) => noteBought(bought, events, label));
    const { skuId } = this.#where;
    let count = NONE;
    let sent = 0;
    const startedAtMs = this.#now();
    let toldAtMs = -Infinity;
    const words = (isOver: boolean, ms: number): BotWords => ({
      skuId,
      label,
      taps: TAPS,
      ms,
      allowed: allowedIn(ms),
      logged: bought.size,
      isOver,
      ...count,
    });
    const tapOnAndOn = async () => {
      while (sent < TAPS && !this.#isClosed) {
        sent += 1;
        // The count is read after the answer, never before: between the two others were counted.
        const answer = await this.#calls.tap(token, skuId, makeUuid());
        count = counted(count, answer);
        if (this.#now() - toldAtMs < TELL_EVERY_MS) continue;
        toldAtMs = this.#now();
        this.#say('tapping', words(false, this.#now() - startedAtMs));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, tapOnAndOn));
    const ms = this.#now() - startedAtMs;
    // The log is told to this page by frames of its own: it may be a moment behind the answers.
    const untilMs = this.#now() + LOG_WITHIN_MS;
    while (bought.size < count.bought && this.#now() < untilMs && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#time.later(resolve, TELL_EVERY_MS / 4));
    }
    stopListening();
    this.#say('done', words(true, ms));
  }

  #stop(): void {
    const { skuId } = this.#where;
    const words = { skuId, label: '', taps: 0, ms: 0, allowed: 0, logged: 0, isOver: true, ...NONE };
    this.#show({ kind: 'stopped', words });
    this.#tell(words);
  }

  #say(kind: 'tapping' | 'done', words: BotWords): void {
    if (this.#isClosed) return;
    this.#show({ kind, words });
    this.#tell(words);
  }

  #fail(message: string): void {
    this.#show({ kind: 'failed', message });
  }

  #show(phase: BotPhase): void {
    this.#phase = phase;
    this.#changes.tell();
  }

  #now(): number {
    return this.#time.clock.monotonic();
  }
}

function isBought(lanes: LaneResults): boolean {
  return Object.values(lanes).some(({ status }) => status === 'allocated');
}

/** The log names a tap once for each lane that sold to it. */
function noteBought(bought: Set<string>, events: readonly RoomEvent[], label: string): void {
  for (const { kind, body } of events) {
    if (kind === 'allocated' && body.who === label) bought.add(body.op);
  }
}

function withOne(others: BotCount['others'], code: FailureCode): BotCount['others'] {
  const known = others.some((other) => other.code === code);
  if (!known) return [...others, { code, times: 1 }];
  return others.map((other) => (other.code === code ? { code, times: other.times + 1 } : other));
}
