/** The HTTP contract of the pre-flight check: `GET /api/demo/preflight?skuId=`, for presenters. */

/** The result of one trial. */
export interface Probe {
  ok: boolean;
  /** How long it took as seen from the server, milliseconds (no client's latency); null where nothing could be timed. */
  ms: number | null;
}

/** State of Turnstile by what siteverify answers to a token that cannot be valid; `off` when no keys are configured. */
export type TurnstileState = 'off' | 'ready' | 'wrong-secret' | 'unreachable';

/** Answer to `GET /api/demo/preflight`. */
export interface PreflightResult {
  version: string;
  /** D1: the show's row was read, and written unchanged. */
  database: { read: Probe; write: Probe };
  /** KV: the asking session's own record was read, and a value that expires after a minute was written. */
  sessions: { read: Probe; write: Probe };
  /** The room's Durable Object answered. */
  room: Probe;
  /** True when the Analytics Engine binding exists. Whether points arrive is not known: writing one returns nothing. */
  analytics: boolean;
  turnstile: { state: TurnstileState; ms: number | null; siteKey: string | null };
  /** True when presenters may sign in with the DEBUG_TOKEN. */
  debugToken: boolean;
}
