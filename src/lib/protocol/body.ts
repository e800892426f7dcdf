/** What a call carries, read the same way by every host of a show: JSON, its fields, its idempotency key. */
import * as v from 'valibot';
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import { uuid } from './fields.ts';

/** What was read, or why it could not be. */
export type Read<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** The JSON of a body. Refuses `INVALID_JSON`. */
export function readJson(text: string): Read<unknown> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  return parsed.success
    ? { ok: true, value: parsed.output }
    : refused('INVALID_JSON', 'The body is not JSON.');
}

/** The fields of a body as a schema has them; members that it does not name are left out. Refuses by the code of the wrong field. */
export function readFields<S extends v.GenericSchema>(schema: S, json: unknown): Read<v.InferOutput<S>> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return { ok: true, value: parsed.output };
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? '';
  return refused(codeOf(field), `${field || 'body'}: ${issue.message}`);
}

/** An `Idempotency-Key` in its canonical form. Refuses `INVALID_REQUEST` for what is not a UUID. */
export function readKey(sent: string): Read<string> {
  const parsed = v.safeParse(uuid, sent);
  return parsed.success
    ? { ok: true, value: parsed.output }
    : refused('INVALID_REQUEST', 'Idempotency-Key is a UUID.');
}

/** The epoch that an order names in its header; null when it names none. Refuses `INVALID_REQUEST` for what is no epoch. */
export function readEpoch(sent: string | null): Read<number | null> {
  if (sent === null) return { ok: true, value: null };
  return /^\d{1,15}$/.test(sent)
    ? { ok: true, value: Number(sent) }
    : refused('INVALID_REQUEST', 'X-Epoch is a whole number.');
}

/** The code of a wrong field, by the last part of its path: `skus.0.id` is a SKU's id. */
function codeOf(field: string): ErrorCode {
  if (field === 'skuId' || /^skus\.\d+\.id$/.test(field)) return 'INVALID_SKU';
  if (field === 'units') return 'INVALID_UNITS';
  if (field === 'mode') return 'INVALID_MODE';
  return 'INVALID_REQUEST';
}

function refused(code: ErrorCode, message: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message } };
}
