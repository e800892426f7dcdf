/** The envelope of every JSON answer, its headers, and its status. */
import type { Refusal } from '#lib/domain/codes.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import type { ApiResponse, Meta } from '#lib/protocol/http.ts';
import { metaOfNoRoom } from '#lib/room/account.ts';
import type { RoomMeta } from '#lib/room/account.ts';
import type { Result } from '../sessions/result.ts';
import type { RequestContext } from '../request-context.ts';

/** Headers of every answer of the API beside those of every answer (security-headers.ts): it is kept nowhere. */
export const API_HEADERS = { 'cache-control': 'no-store' } as const;

/** What an answer may differ in. */
export interface AnswerOptions {
  /** HTTP status, where it is not 200 or that of the refusal's code. */
  status?: number;
  /** The figures of the room concerned. */
  meta?: RoomMeta;
  headers?: Record<string, string>;
}

/** What may be asked of a request to answer it. */
export type Answered = Pick<RequestContext, 'requestId' | 'config'>;

/** A success. */
export function answer<T>(context: Answered, data: T, options: AnswerOptions = {}): Response {
  return respond(
    { success: true, data, meta: metaOf(context, options.meta) },
    options.status ?? 200,
    options,
  );
}

/** A refusal, with the status of its code; `Retry-After` in whole seconds, rounded up. */
export function refuse(context: Answered, refusal: Refusal, options: AnswerOptions = {}): Response {
  const { code, message, retryAfterMs } = refusal;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const header = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
  return respond(
    { success: false, error: { code, message, ...wait }, meta: metaOf(context, options.meta) },
    options.status ?? ERROR_STATUS[code],
    { headers: { ...header, ...options.headers } },
  );
}

/** What an outcome says: its value, or its refusal. */
export function answerResult<T>(context: Answered, result: Result<T>, options: AnswerOptions = {}): Response {
  return result.ok ? answer(context, result.value, options) : refuse(context, result.refusal, options);
}

function respond<T>(body: ApiResponse<T>, status: number, { headers }: AnswerOptions): Response {
  return Response.json(body, { status, headers: { ...API_HEADERS, ...headers } });
}

function metaOf({ requestId, config }: Answered, room = metaOfNoRoom(config)): Meta {
  return { requestId, timestamp: Date.now(), ...room };
}
