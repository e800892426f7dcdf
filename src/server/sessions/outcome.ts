/** Results that may be refusals: a value, or a refusal from the closed list of codes. */
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';

/** A value, or a refusal. */
export type Outcome<T> = { ok: true; value: T } | Refused;
/** A refusal. */
export interface Refused {
  ok: false;
  refusal: Refusal;
}

/** A value. */
export function granted<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A refusal; `retryAfterMs` when the same request may succeed later. */
export function refused(code: ErrorCode, message: string, retryAfterMs?: number): Refused {
  return { ok: false, refusal: { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
}
