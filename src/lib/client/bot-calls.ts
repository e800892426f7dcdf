/**
 * The calls of a bot: a session of its own, which comes in by the show's code as anybody does. It shares no cookie with the page
 * that sends it, and says of itself that it is no person.
 */
import type { AllocateResult, LoginResult } from '#lib/protocol/http.ts';
import { SIMULATED_HEADER } from '#lib/protocol/headers.ts';
import { request } from './api.ts';

/** How long a bot waits for one answer, milliseconds: a lane that answers later settles well within it. */
const ANSWER_WITHIN_MS = 20_000;

/** The calls of a bot; `token` is that of its login. */
export type BotCalls = ReturnType<typeof botCalls>;

/** A network that no session of this browser is known to. */
export const withoutCookies: typeof fetch = (input, init) => fetch(input, { ...init, credentials: 'omit' });

/** The calls of a bot over a network that sends no cookies and keeps none. */
export function botCalls(fetcher: typeof fetch) {
  const post = <T>(path: string, body: unknown, headers: Record<string, string> = {}) =>
    request<T>(fetcher, null, path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    join: (show: string) => post<LoginResult>('/auth/login', { role: 'participant', show }),
    tap: (token: string, skuId: string, key: string) =>
      post<AllocateResult>(
        '/demo/allocate',
        { skuId },
        { ...as(token), 'idempotency-key': key, [SIMULATED_HEADER]: '1' },
      ),
    /** Frees its place for a person. */
    leave: (token: string) => post<{ loggedOut: true }>('/auth/logout', {}, as(token)),
  };
}
