/**
 * A room that is only called, told as a room on a socket would tell it: the state as frames, what became of ops as answers,
 * fates and claims. So nothing behind the transport has to know by which way it hears. Pure: no clock, no network.
 */
import { idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId, LaneResults } from '#lib/domain/lane.ts';
import type { Holding, StateAnswer } from '#lib/domain/room-state.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Down, You } from '#lib/protocol/down.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import { versionOf } from '#lib/protocol/version.ts';
import type { ApiFailure, ApiResult } from './api.ts';

/** Who a phone is in its show. */
export type Whose = Pick<You, 'id' | 'label'>;

/** Answers to an order that leave open what became of it: it is asked about again, under its op id. */
const UNCERTAIN = new Set<string>([
  'OFFLINE',
  'NOT_UNDERSTOOD',
  // A server that failed may have failed after the room had done it.
  'STORAGE_UNAVAILABLE',
  // The state says the same, and what it means for everything else.
  'UNAUTHORIZED',
  'EXPIRED_SESSION',
]);

/** What a socket would be closed with; a call says it by its code. */
const CLOSINGS: Readonly<Record<string, number>> = {
  UNAUTHORIZED: CLOSE.unauthorized,
  EXPIRED_SESSION: CLOSE.unauthorized,
  FORBIDDEN: CLOSE.forbidden,
  INVALID_SKU: CLOSE.unknown,
  UNKNOWN_SHOW: CLOSE.unknown,
  NOT_FOUND: CLOSE.unknown,
  SHOW_ENDED: CLOSE.ended,
};

/** Why a room will not be called any more, by its answer to a call for the state; null when it may be. */
export function closingOf({ code, message }: ApiFailure): { code: number; reason: string } | null {
  const closing = CLOSINGS[code];
  return closing === undefined ? null : { code: closing, reason: message };
}

/** Turns answers into messages; remembers what it has told of ops. */
export class CalledRoom {
  readonly #whose: Whose;
  #epoch = 0;
  /** What the caller held when the state was told last. */
  #held = new Map<string, Holding>();
  /** Ops whose allocation was told by an answer of their own in this epoch: each is one receipt. */
  #told = new Set<string>();

  constructor(whose: Whose) {
    this.#whose = whose;
  }

  /** The first word, with everything that the caller holds. */
  welcome({ holdings, ended: _, ...state }: StateAnswer, nowMs: number): Down {
    this.#enter(state.epoch);
    for (const held of holdings) this.#held.set(keyOf(held), held);
    return {
      t: 'welcome',
      v: versionOf(idsIn(state.lanes)),
      room: state.room,
      you: { ...this.#whose, role: 'participant', holdings: [...holdings] },
      epoch: state.epoch,
      seq: state.seq,
      recovered: false,
      events: [],
      state,
      instance: '',
      wakes: 0,
      now: nowMs,
    };
  }

  /** What is new since event `since`. Nothing when the answer is older than that. */
  news({ holdings, ended: _, ...state }: StateAnswer, nowMs: number, since: number): Down[] {
    const { epoch, seq } = state;
    if (seq < since) return [];
    this.#enter(epoch);
    const omitted = seq - since;
    const frame: Down = { t: 'frame', epoch, from: since + 1, seq, events: [], omitted, state, now: nowMs };
    return [frame, ...holdings.flatMap((held) => this.#newsOf(held))];
  }

  /** What an order came to; null when that is not certain. */
  answered(op: string, answer: ApiResult<AllocateResult>): Down | null {
    if (answer.ok) {
      const { epoch, lanes } = answer.data;
      const news = epoch === this.#epoch ? this.#untold(op, lanes) : lanes;
      return { t: 'ack', op, epoch, lanes: news };
    }
    const { code, message, retryAfterMs } = answer;
    if (UNCERTAIN.has(code)) return null;
    const wait = retryAfterMs === null ? {} : { retryAfterMs };
    return { t: 'nack', op, code: code as ErrorCode, message, ...wait };
  }

  #enter(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#held.clear();
    this.#told.clear();
  }

  #newsOf(held: Holding): Down[] {
    const { op, lane, units, seq, fate, by, duel, holders } = held;
    const key = keyOf(held);
    const isNew = !this.#held.has(key);
    const before = this.#held.get(key) ?? { fate: 'kept', by: undefined, holders: 1 };
    this.#held.set(key, held);
    const news: Down[] = [];
    if (isNew && !this.#told.has(key)) {
      this.#told.add(key);
      news.push({ t: 'ack', op, epoch: this.#epoch, lanes: { [lane]: { status: 'allocated', units, seq } } });
    }
    if (fate === 'lost' && (before.fate !== 'lost' || before.by !== by)) {
      const why = { ...(by === undefined ? {} : { by }), ...(duel ? { duel } : {}) };
      news.push({ t: 'fate', op, lane, fate, units, ...why });
    }
    if (fate === 'kept' && before.fate === 'lost')
      news.push({ t: 'fate', op, lane, fate: 'restored', units });
    if (holders !== before.holders) news.push({ t: 'claim', op, lane, holders });
    return news;
  }

  /** Without the lanes of which the state has told already: one receipt for each. */
  #untold(op: string, lanes: LaneResults): LaneResults {
    const news: LaneResults = {};
    for (const [lane, result] of lanesIn(lanes)) {
      const key = keyOf({ op, lane });
      if (this.#told.has(key)) continue;
      if (result.status === 'allocated') this.#told.add(key);
      news[lane] = result;
    }
    return news;
  }
}

function keyOf({ op, lane }: { op: string; lane: LaneId }): string {
  return `${op}:${lane}`;
}
