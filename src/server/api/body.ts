/** Bodies and headers of requests, read once, here: their type and size, then what the protocol makes of them. */
import type * as v from 'valibot';
import { readFields, readJson, readKey } from '#lib/protocol/body.ts';
import { MAX_BODY_BYTES } from '#lib/protocol/limits.ts';
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
  const json = text === '' && optional ? ok({}) : readJson(text);
  return json.ok ? readFields(schema, json.value) : json;
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
  const key = readKey(sent);
  return key.ok ? ok({ key: key.value, sent, made: given === null }) : key;
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
