/**
 * Whether a session has logged out, exactly. KV may take a minute to know a tombstone everywhere; the rooms of a show
 * have known since the logout was answered. Asked where a session would be made to live longer, or make another one:
 * a token that was given up must not come back by either way.
 */
import { roomOf } from '../rooms.ts';
import type { Visit } from '../visit.ts';
import type { Session } from './identify.ts';
import { callerOf } from './identify.ts';

/** True when the rooms of its show refuse this session. The show has to be live: rooms are forgotten some time after it. */
export async function hasLoggedOut(visit: Visit, session: Session): Promise<boolean> {
  const { show, skus } = session.claims;
  const [firstSku] = skus;
  if (firstSku === undefined) return false;
  const call = { caller: await callerOf(visit, session), spent: {} };
  const { result } = await roomOf(visit.env, show, firstSku).state(call);
  return !result.ok && result.refusal.code === 'UNAUTHORIZED';
}
