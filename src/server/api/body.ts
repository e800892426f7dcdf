/** Bodies and headers of requests, parsed once, here. What is wrong is said by the field that is. */
import * as v from 'valibot';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { MAX_BODY_BYTES } from '#lib/protocol/limits.ts';
import { uuid } from '#lib/protocol/fields.ts';
import type { Result, Err } from '../sessions/result.ts';
import { ok, err } from '../sessions/result.ts';

/** How a body may be. */
export interface BodyOptions {
  /** True where every field may be missing: then the whole body may be. */
  optional?: boolean;
  /** True where even a missing body needs its type said: a cookie came along, and other sites cannot say that type. */
  typed?: boolean;
}

/**
 * The body of a request, as the schema has it. Refuses `INVALID_CONTENT_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_JSON`,
 * and wrong fields by the code of the field.
 */
export async function readBody<S extends v.GenericSchema>(
  request: Request,
  schema: S,
  { optional = false, typed = !optional }: BodyOptions = {},
): Promise<Result<v.InferOutput<S>>> {
  const type = request.headers.get('content-type');
  const isJson = type !== null && /^application\/json\s*(;|$)/i.test(type.trim());
  if (!isJson && (typed || type !== null)) return notJson();
  const text = await readText(request);
  if (text === undefined) return err('INVALID_REQUEST', 'The body ended before it was whole.');
  if (text === null) {
    return err('PAYLOAD_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  }
  if (!isJson && text !== '') return notJson();
  const json = text === '' && optional ? ok({}) : parseJson(text);
  return json.ok ? parseFields(schema, json.value) : json;
}

/** What makes a repeated request the same request: the key in its canonical form, and as the client spelled it. */
export interface IdempotencyKey {
  key: string;
  sent: string;
  /** True when the client sent none, and it was made here: no other request can have it. */
  made: boolean;
}

/** The `Idempotency-Key` of a request, or a fresh one. Refuses `INVALID_REQUEST` for what is not a UUID. */
export function readIdempotencyKey(request: Request): Result<IdempotencyKey> {
  const given = request.headers.get('idempotency-key');
  const sent = given?.trim() ?? crypto.randomUUID();
  const parsed = v.safeParse(uuid, sent);
  return parsed.success
    ? ok({ key: parsed.output, sent, made: given === null })
    : err('INVALID_REQUEST', 'Idempotency-Key is a UUID.');
}

/** The text of a body, counted while it is read; null when it is too large, undefined when it broke off. */
async function readText(request: Request): Promise<string | null | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return null;
  if (!request.body) return '';
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  // The platform's type leaves open what chunks are; those of a request's body are bytes.
  try {
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) return null;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    // Its sender went away, or cannot write chunks: nothing that happened here, so nothing to log.
    return undefined;
  }
  return text + decoder.decode();
}

function notJson(): Err {
  return err('INVALID_CONTENT_TYPE', 'The body is JSON, with Content-Type: application/json.');
}

function parseJson(text: string): Result<unknown> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  return parsed.success ? ok(parsed.output) : err('INVALID_JSON', 'The body is not JSON.');
}

function parseFields<S extends v.GenericSchema>(schema: S, json: unknown): Result<v.InferOutput<S>> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? '';
  return err(codeOf(field), `${field || 'body'}: ${issue.message}`);
}

/** The code of a wrong field, by the last part of its path: `skus.0.id` is a SKU's id. */
function codeOf(field: string): ErrorCode {
  if (field === 'skuId' || /^skus\.\d+\.id$/.test(field)) return 'INVALID_SKU';
  if (field === 'units') return 'INVALID_UNITS';
  if (field === 'mode') return 'INVALID_MODE';
  return 'INVALID_REQUEST';
}
