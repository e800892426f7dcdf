/** The HTTP contract of the pre-flight check: `GET /api/demo/preflight?skuId=`, for presenters. */

/** One thing that was tried just now. */
export interface Probe {
  ok: boolean;
  /** How long the server took for it, milliseconds; null where nothing could be timed. Server-side, so no latency of anybody's. */
  ms: number | null;
}

/** Turnstile as the server finds it: siteverify was asked about a token that cannot be good. */
export type TurnstileState = 'off' | 'ready' | 'wrong-secret' | 'unreachable';

/** What a presenter's site found when it looked at itself. */
export interface PreflightResult {
  version: string;
  /** D1: the show's row was read, and written as it stood. */
  database: { read: Probe; write: Probe };
  /** KV: the asking session's own record was read, and a mark that lives for a minute was written. */
  sessions: { read: Probe; write: Probe };
  /** The room's Durable Object answered. */
  room: Probe;
  /** Analytics Engine's binding is there. Points are sent into the dark: whether they arrive is not told. */
  analytics: boolean;
  turnstile: { state: TurnstileState; ms: number | null; siteKey: string | null };
  /** True when presenters may sign in with the DEBUG_TOKEN. */
  debugToken: boolean;
}
