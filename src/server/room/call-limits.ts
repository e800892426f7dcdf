/**
 * How often one session may call a room, by kind of call. Taps have their own limit (domain/rate); this one is what keeps
 * a single session from taking the room's one thread, its log or its cost for itself. Kept in memory: a bucket is full
 * again after ten seconds of silence, and a room sleeps no sooner, so nothing is forgotten that would still count.
 */
import type { Refusal } from '#lib/domain/codes.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import { forgetFull, takeToken, waitForToken } from '#lib/domain/rate.ts';

/** What a call wants of a room: to read it, to change it, or to present it. */
export type Intent = 'read' | 'change' | 'present';

/**
 * Each kind of call: what it wants, and how many of them a second one session may make. Ten seconds' worth may come at once.
 * Calls that our pages make as often as somebody clicks, or that cost a look, have as many as a socket may send messages; those that
 * read the whole log, or KV and D1, have less, and a new connection is greeted with everything.
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
/** See {@link CALLS}. */
export type CallKind = keyof typeof CALLS;

/** Within this time an empty bucket is full again, milliseconds: as long as a room has to be silent before it sleeps. */
const REFILL_MS = 10_000;

/** What a kind of call wants. */
export function intentOf(kind: CallKind): Intent {
  return CALLS[kind].intent;
}

/** See the module's comment. */
export class CallLimits {
  /** By kind and session, on the room's steady clock. */
  readonly #limits: RateLimits = new Map();
  #sweptAtMs = 0;

  /** Takes a call of a session; the refusal when it has to wait. One that is refused is not counted. `nowMs` is steady. */
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

  /** Forgets full buckets, so that what is kept stays as small as the crowd that calls. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < REFILL_MS) return;
    this.#sweptAtMs = nowMs;
    forgetFull(this.#limits, nowMs);
  }
}
