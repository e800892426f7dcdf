/**
 * Limits how often one session may call a room, by kind of call, so that a single session cannot take the room's one thread,
 * its log or its cost for itself. Taps have a limit of their own (domain/rate). Kept in memory: a bucket is full again after
 * ten seconds, and a room hibernates no sooner, so nothing is forgotten that would still count.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import { forgetFull, takeToken, waitForToken } from '#lib/domain/rate.ts';
import type { Intent } from '#lib/room/call-answers.ts';

/**
 * Each kind of call: what it needs, and how many a second one session may make; ten seconds' worth may come at once. Cheap
 * calls have as many as a socket may send messages; those that read the whole log, KV or D1, and new connections, which are
 * sent a whole welcome, have fewer.
 */
const CALLS = {
  state: { intent: 'read', perSecond: 20 },
  allocate: { intent: 'change', perSecond: 40 },
  control: { intent: 'present', perSecond: 20 },
  guardrail: { intent: 'present', perSecond: 20 },
  rush: { intent: 'present', perSecond: 5 },
  reset: { intent: 'present', perSecond: 5 },
  audit: { intent: 'read', perSecond: 5 },
  log: { intent: 'read', perSecond: 5 },
  summary: { intent: 'read', perSecond: 5 },
  connect: { intent: 'read', perSecond: 10 },
  me: { intent: 'read', perSecond: 10 },
  renew: { intent: 'read', perSecond: 2 },
  rejoin: { intent: 'read', perSecond: 2 },
  pair: { intent: 'read', perSecond: 5 },
  logout: { intent: 'read', perSecond: 2 },
  end: { intent: 'read', perSecond: 2 },
} as const satisfies Record<string, { intent: Intent; perSecond: number }>;
/** A kind of call: a key of {@link CALLS}. */
export type CallKind = keyof typeof CALLS;

/** Within this time an empty bucket is full again, milliseconds: as long as a room has to be silent before it sleeps. */
const REFILL_MS = 10_000;

/** What a kind of call wants. */
export function intentOf(kind: CallKind): Intent {
  return CALLS[kind].intent;
}

/** Token buckets for calls, by session and kind of call, kept in memory. */
export class CallLimits {
  /** By kind and session, on the room's steady clock. */
  readonly #limits: RateLimits = new Map();
  #sweptAtMs = 0;

  /** Counts a call of a session; returns the refusal when it has to wait, which is not counted. `nowMs` is steady. */
  take(kind: CallKind, sessionId: string, nowMs: number): Refusal | null {
    this.#sweep(nowMs);
    const who = `${kind} ${sessionId}`;
    const tokenMs = 1_000 / CALLS[kind].perSecond;
    const bucket = { tokens: REFILL_MS / tokenMs, tokenMs };
    const retryAfterMs = Math.ceil(waitForToken(this.#limits, who, nowMs, bucket));
    if (retryAfterMs > 0) {
      return { code: 'RATE_LIMITED', message: 'This session asks too often: wait.', retryAfterMs };
    }
    takeToken(this.#limits, who, nowMs, bucket);
    return null;
  }

  /** Forgets full buckets, so that the map is no larger than the number of sessions that call. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < REFILL_MS) return;
    this.#sweptAtMs = nowMs;
    forgetFull(this.#limits, nowMs);
  }
}
