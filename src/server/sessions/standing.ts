/**
 * Whether a session may go on, exactly, and what is said when it or its show may not. KV may take a minute to know a
 * tombstone everywhere; the rooms of a show have known of a logout since it was answered, and count how often a session
 * calls. Asked by calls that no room answers: where a session would be made to live longer, or make another one, a token that
 * was given up must not come back by either way.
 */
import type { CallKind } from '../room/call-limits.ts';
import { roomOf } from '../rooms.ts';
import type { Show } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import type { Session } from './identify.ts';
import { callerOf } from './identify.ts';
import type { Err } from './result.ts';
import { err } from './result.ts';

/**
 * Why a session may not make this call: it has logged out (`UNAUTHORIZED`), or calls too often (`RATE_LIMITED`); null when it
 * may. The show has to be live or just over: rooms are forgotten a day after it.
 */
export async function whyNotNow(
  context: RequestContext,
  session: Session,
  kind: CallKind,
): Promise<Err | null> {
  const { show, skus } = session.claims;
  const [firstSku] = skus;
  if (firstSku === undefined) return null;
  const call = { caller: await callerOf(context, session), spent: {} };
  const { result } = await roomOf(context.env, show, firstSku).admit(call, kind);
  if (result.ok) return null;
  const { code, message, retryAfterMs } = result.refusal;
  if (code === 'UNAUTHORIZED') return loggedOut();
  return code === 'RATE_LIMITED' ? err(code, message, retryAfterMs) : null;
}

/** What was given as a show's code cannot be one. */
export function invalidCode(): Err {
  return err('INVALID_REQUEST', 'show: the code of a show, six letters and digits.');
}

/** There is no such show, or it is over. */
export function whyNotLive(show: Show | null): Err {
  return show
    ? err('SHOW_ENDED', 'This show is over.')
    : err('UNKNOWN_SHOW', 'There is no show with this code.');
}

/** The session has logged out, though its token would still be good. */
export function loggedOut(): Err {
  return err('UNAUTHORIZED', 'This session has logged out: sign in again.');
}
