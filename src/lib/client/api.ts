/**
 * The HTTP API for pages: same origin, cookies, and one closed result type. Refusals and a missing network are values; nothing
 * throws for what a server or a network may do.
 */
import * as v from 'valibot';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { StateAnswer } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { LoginResult, MeResult, Meta, Role } from '#lib/protocol/http.ts';
import { API } from '#lib/protocol/paths.ts';
import type { Way } from './way.ts';

/** The contract's codes, and two of the client: no answer came, or an answer that is not in the envelope. */
export type FailureCode = ErrorCode | 'OFFLINE' | 'NOT_UNDERSTOOD';

/** A call that was not done. `status` is 0 when no answer came. */
export interface ApiFailure {
  ok: false;
  code: FailureCode;
  message: string;
  retryAfterMs: number | null;
  status: number;
}

/** Result of a call. */
export type ApiResult<T> = { ok: true; data: T; meta: Meta } | ApiFailure;

/** What a presenter may set for each product; see `loginBody` of the contract. */
export interface SkuInput {
  id: string;
  name?: string;
  capacity?: number;
  unitPrice?: number;
}

/** What a presenter opens; without `lanes` the pair. */
export interface ShowInput {
  skus: SkuInput[];
  lanes?: readonly LaneId[];
}

/** Body of a login. */
export interface LoginInput extends Partial<ShowInput> {
  role: Role;
  show?: string;
  turnstileToken?: string;
}

/** Header that names which of this browser's two session cookies a call uses. */
const ROLE_HEADER = 'x-session-role';

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const meta = v.custom<Meta>(isObject);
/** The envelope is parsed; data come from our own server and are trusted as their types. */
const envelope = v.variant('success', [
  v.object({ success: v.literal(true), data: v.unknown(), meta }),
  v.object({
    success: v.literal(false),
    error: v.object({
      code: v.custom<ErrorCode>((value) => typeof value === 'string'),
      message: v.string(),
      retryAfterMs: v.optional(v.number()),
    }),
    meta,
  }),
]);

/** The calls that every session makes, spoken as one role; with `way` they go to a rehearsal, and so do the sockets. */
export type Api = ReturnType<typeof createApi> & { readonly way?: Way };

/** The API for one role's session in this browser. */
export function createApi(role: Role, fetcher: typeof fetch = (...request) => fetch(...request)) {
  const call = <T>(path: string, init: RequestInit = {}) => request<T>(fetcher, role, path, init);
  const post = <T>(path: string, body: unknown, headers: Record<string, string> = {}) =>
    call<T>(path, { method: 'POST', body: JSON.stringify(body), headers });
  /** The token of this page's own login, in memory only, so that clearing cookies during a show does not end the session. */
  let token: string | null = null;
  const query = (skuId: string) => `?skuId=${encodeURIComponent(skuId)}`;

  return {
    login: async (input: LoginInput) => {
      const answer = await post<LoginResult>('/auth/login', input);
      if (answer.ok) ({ token } = answer.data);
      return answer;
    },
    me: () => call<MeResult>('/auth/me'),
    /** Renews by cookie, or without one by the token of this page's login, which brings the cookie back. */
    renew: async () => {
      const renew = (headers?: Record<string, string>) =>
        post<{ expiresAt: number }>('/auth/renew', {}, headers);
      const answer = await renew();
      const isUnknown = !answer.ok && answer.code === 'UNAUTHORIZED';
      return isUnknown && token !== null ? renew({ authorization: `Bearer ${token}` }) : answer;
    },
    /** True when this page has its session's token, with or without the cookie. */
    hasToken: () => token !== null,
    logout: () => post<{ loggedOut: true }>('/auth/logout', {}),
    state: (skuId: string) => call<StateAnswer>(`/demo/state${query(skuId)}`),
  };
}

/** One call, and what it came to. `role` null: with whatever session this browser has. */
export async function request<T>(
  fetcher: typeof fetch,
  role: Role | null,
  path: string,
  init: RequestInit,
): Promise<ApiResult<T>> {
  const response = await reach(fetcher, role, path, init);
  return response instanceof Response ? readEnvelope<T>(response) : response;
}

/** Sends a call; the answer as it is, or that none came. */
export async function reach(fetcher: typeof fetch, role: Role | null, path: string, init: RequestInit) {
  const headers = {
    ...init.headers,
    ...(role === null ? {} : { [ROLE_HEADER]: role }),
    ...(init.body ? { 'content-type': 'application/json' } : {}),
  };
  try {
    // The API never redirects: a redirect comes from something in between and is not followed.
    return await fetcher(`${API}${path}`, {
      ...init,
      headers,
      credentials: 'same-origin',
      redirect: 'manual',
    });
  } catch {
    return offline();
  }
}

/** What an answer in the envelope says. */
export async function readEnvelope<T>(response: Response): Promise<ApiResult<T>> {
  let json: unknown;
  try {
    json = await response.json();
  } catch (error) {
    // What broke off on its way, or was held back for ever, is no answer at all.
    return error instanceof SyntaxError ? notUnderstood(response.status) : offline();
  }
  const parsed = v.safeParse(envelope, json);
  if (!parsed.success) return notUnderstood(response.status);
  const answer = parsed.output;
  if (answer.success) return { ok: true, data: answer.data as T, meta: answer.meta };
  const { code, message, retryAfterMs } = answer.error;
  return { ok: false, code, message, retryAfterMs: retryAfterMs ?? null, status: response.status };
}

/** No answer came. */
export function offline(): ApiFailure {
  return {
    ok: false,
    code: 'OFFLINE',
    message: phrase('No answer came: this device, or the show, has no network right now.'),
    retryAfterMs: null,
    status: 0,
  };
}

/** An answer that is not ours. */
export function notUnderstood(status: number): ApiFailure {
  return {
    ok: false,
    code: 'NOT_UNDERSTOOD',
    message: phrase(`The answer was not one of this show (status ${status}).`),
    retryAfterMs: null,
    status,
  };
}
