/**
 * Every code a request or an op can be refused with: the closed list of the public contract.
 * A refusal is a value from this list; anything else that goes wrong is a bug and throws.
 */

/** Codes in the order of their HTTP status. */
export const ERROR_STATUS = {
  INVALID_JSON: 400,
  INVALID_SKU: 400,
  INVALID_UNITS: 400,
  INVALID_MODE: 400,
  INVALID_REQUEST: 400,
  MISSING_TOKEN: 400,
  UNAUTHORIZED: 401,
  EXPIRED_SESSION: 401,
  FORBIDDEN: 403,
  INVALID_TOKEN: 403,
  REAL_BUDGET_EXCEEDED: 403,
  GUARDRAIL_BLOCKED: 403,
  BAD_ORIGIN: 403,
  NOT_FOUND: 404,
  UNKNOWN_SHOW: 404,
  OUT_OF_STOCK: 409,
  STALE_EPOCH: 409,
  MODE_MISMATCH: 409,
  HELD: 409,
  SHOW_ENDED: 410,
  PAYLOAD_TOO_LARGE: 413,
  INVALID_CONTENT_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  BUSY: 503,
  SHOW_FULL: 503,
  TURNSTILE_UNAVAILABLE: 503,
  STORAGE_UNAVAILABLE: 503,
} as const satisfies Record<string, number>;

/** A code of the contract's closed list. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/**
 * Codes that the log counts: those that say something about the stock or the load. A show that is over, a foreign id or a
 * message that cannot be read says nothing of a room.
 */
export const COUNTED_CODES = [
  'STALE_EPOCH',
  'MODE_MISMATCH',
  'REAL_BUDGET_EXCEEDED',
  'GUARDRAIL_BLOCKED',
  'RATE_LIMITED',
  'BUSY',
  'OUT_OF_STOCK',
] as const satisfies readonly ErrorCode[];

/** A refusal: why, in words that say what is allowed, and when to try again if that helps. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  /** Milliseconds after which the same request may succeed. */
  retryAfterMs?: number;
}

/** A refusal; `retryAfterMs` when the same request may succeed after so many milliseconds. */
export function refusal(code: ErrorCode, message: string, retryAfterMs?: number): Refusal {
  return { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
