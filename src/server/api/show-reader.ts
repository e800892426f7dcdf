/**
 * Who may read a show: while it lives, anybody who is signed in to it; for a day after its end, whoever knows its code.
 * Afterwards nobody, because it is forgotten.
 */
import { parseShowCode } from '#lib/domain/show-code.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import { lookUpShow } from '../sessions/directory.ts';
import type { Session } from '../sessions/identify.ts';
import { identify } from '../sessions/identify.ts';
import type { Result } from '../sessions/result.ts';
import { ok, err } from '../sessions/result.ts';
import { invalidCode, whyNotLive } from '../sessions/standing.ts';
import type { Show } from '../storage/shows.ts';
import { isLive } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';

/** A show that may be read: by whose session, while it lives; or since when it has ended, Unix milliseconds. */
export type Readable = { show: Show } & (
  { live: true; session: Session } | { live: false; endedAtMs: number }
);

/**
 * The show that a query names, for this reader. Refuses `INVALID_REQUEST` (no code), `UNKNOWN_SHOW`; of a show that lives
 * `UNAUTHORIZED`, `EXPIRED_SESSION` and `FORBIDDEN` (a session of another show); and `SHOW_ENDED` after its day.
 */
export async function readableShow(context: RequestContext): Promise<Result<Readable>> {
  const code = parseShowCode(context.url.searchParams.get('show') ?? '');
  if (code === null) return invalidCode();
  const show = await lookUpShow(context, code);
  if (!show) return whyNotLive(null);
  if (isLive(show, context.now)) return withSessionOf(context, show);
  const endedAtMs = show.endedAt ?? show.closesAt;
  if (context.now - endedAtMs < KEPT_MS) return ok({ show, live: false, endedAtMs });
  return err('SHOW_ENDED', 'This show ended more than a day ago. What was kept of it is gone.');
}

async function withSessionOf(context: RequestContext, show: Show): Promise<Result<Readable>> {
  const identified = await identify(context, { show: show.code });
  if (!identified.ok) return identified;
  const session = identified.value;
  if (session.claims.show === show.code) return ok({ show, live: true, session });
  return err('FORBIDDEN', 'Your session is of another show, and this one is still running: join it first.');
}
