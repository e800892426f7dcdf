/** Results that may be refusals: a value, or a refusal from the closed list of codes. */
import { refusal } from '#lib/domain/codes.ts';
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';

/** A value, or a refusal. */
export type Result<T> = { ok: true; value: T } | Err;
/** A refusal. */
export interface Err {
  ok: false;
  refusal: Refusal;
}

/** A value. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A refusal; `retryAfterMs` when the same request may succeed later. */
export function err(code: ErrorCode, message: string, retryAfterMs?: number): Err {
  return { ok: false, refusal: refusal(code, message, retryAfterMs) };
}
