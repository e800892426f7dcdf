/**
 * Sessions after their login: what is known of them, renewal, and logout. A show lives as long as its presenters'
 * sessions.
 */
import type { MeResult } from '#lib/protocol/http.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { inRooms } from '../rooms.ts';
import { spend } from '../storage/d1.ts';
import { endShow } from '../storage/retention.ts';
import { freeSeat } from '../storage/seats.ts';
import { findShow, isLive, removePresenter, renewPresenter } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { forgetShow } from './directory.ts';
import type { Session } from './identify.ts';
import type { Result } from './result.ts';
import { ok } from './result.ts';
import { deleteRecord, getRecord, hasTombstone, putTombstone } from './records.ts';
import { loggedOut, whyNotLive, whyNotNow } from './standing.ts';
import { changeShow, chargeRoom, recordSession } from './start.ts';
import type { Claims } from './token.ts';
import { signToken } from './token.ts';

/** Who a session is, and exactly what KV holds about it. */
export async function describe(context: RequestContext, session: Session): Promise<Result<MeResult>> {
  const refusal = await whyNotNow(context, session, 'me');
  if (refusal) return refusal;
  const { SESSIONS } = context.env;
  const { claims } = session;
  const { sessionId, role, show, label, expiresAt } = claims;
  const [stored, gone] = await Promise.all([
    getRecord(SESSIONS, sessionId),
    hasTombstone(SESSIONS, sessionId),
  ]);
  return gone ? loggedOut() : ok({ sessionId, role, show, label, expiresAt, stored });
}

/**
 * Renews a session for its whole time from now, and returns a new token. A presenter's renewal extends the show; a
 * participant's session never outlives the show.
 */
export async function renew(
  context: RequestContext,
  session: Session,
): Promise<Result<{ expiresAt: number; token: string }>> {
  const { env, config, now } = context;
  const { claims } = session;
  const refusal = await whyNotNow(context, session, 'renew');
  if (refusal) return refusal;
  if (await hasTombstone(env.SESSIONS, claims.sessionId)) return loggedOut();
  const spent: MeterCounts = { 'worker.request': 1, 'kv.read': 1 };
  addCounts(spent, session.spent);
  const show = await spend(spent, findShow(env.DB, claims.show));
  if (!show || !isLive(show, now)) return whyNotLive(show);

  const stored = await getRecord(env.SESSIONS, claims.sessionId);
  addCounts(spent, { 'kv.read': 1 });
  const renewed = { ...claims, proof: stored?.proof ?? ('none' as const) };
  addCounts(spent, await recordSession(context, renewed, claims.issuedAt));
  const wanted = now + config.sessionTtlMs;
  const isPresenter = claims.role === 'presenter';
  if (isPresenter) {
    const extended = await extendShow(context, claims, wanted, spent);
    if (!extended) return whyNotLive(show);
  }
  const expiresAt = isPresenter ? wanted : Math.min(wanted, show.closesAt);
  await inRooms(env, claims.show, claims.skus, (room) => room.renew(claims.sessionId, expiresAt));
  const [firstSku] = claims.skus;
  if (firstSku) chargeRoom(context, claims.show, firstSku, spent);
  return ok({ expiresAt, token: await signToken(config.sessionSecret, { ...claims, expiresAt }) });
}

/**
 * Ends a session: every room of the show closes its sockets and refuses its calls, its record is deleted and its seat is free.
 * With the last presenter's session the show ends.
 */
export async function logOut(
  context: RequestContext,
  session: Session,
): Promise<Result<{ loggedOut: true }>> {
  const { env, config, now } = context;
  const { claims } = session;
  const { sessionId, show, skus } = claims;
  const refusal = await whyNotNow(context, session, 'logout');
  // Continues for a session that rooms know to be ended, because an earlier logout may have died half-way.
  if (refusal?.refusal.code === 'RATE_LIMITED') return refusal;
  if (await hasTombstone(env.SESSIONS, sessionId)) return loggedOut();
  // The show is closed before the session is revoked, so that the presenter's own screens are told that it has ended.
  if (claims.role === 'presenter') {
    const inD1 = () => removePresenter(env.DB, show, sessionId, now);
    await changeShow(context, { show, skus }, inD1, (room, { value: { ended, closesAt } }) => {
      if (ended) return room.close('presenter');
      return closesAt === null ? undefined : room.extend(closesAt);
    });
  }
  await inRooms(env, show, skus, (room) => room.revoke(sessionId));
  if (claims.role === 'participant') {
    await freeSeat(env.DB, show, sessionId);
    forgetShow(env.DB, show);
  }
  await Promise.all([
    putTombstone(env.SESSIONS, sessionId, config.sessionTtlMs),
    deleteRecord(env.SESSIONS, sessionId),
  ]);
  return ok({ loggedOut: true });
}

/**
 * Ends a show by its presenter's word, for everybody, then the session that said so. A logout ends one device's session, and
 * the show only with the last one; who says that the show is over means every device, however many have signed in.
 */
export async function endShowNow(
  context: RequestContext,
  session: Session,
): Promise<Result<{ ended: true }>> {
  const refusal = await whyNotNow(context, session, 'end');
  if (refusal) return refusal;
  const { claims } = session;
  const inD1 = () => endShow(context.env.DB, claims.show, context.now);
  await changeShow(context, claims, inD1, (room) => room.close('presenter'));
  const left = await logOut(context, session);
  return left.ok ? ok({ ended: true }) : left;
}

/** Extends a presenter's session, the show and its rooms. False when the show has ended meanwhile. */
async function extendShow(
  context: RequestContext,
  claims: Claims,
  expiresAt: number,
  spent: MeterCounts,
): Promise<boolean> {
  const { show, sessionId } = claims;
  const inD1 = () => renewPresenter(context.env.DB, { show, sessionId, expiresAt });
  const renewed = changeShow(context, claims, inD1, (room, { value: until }) =>
    until === null ? undefined : room.extend(until),
  );
  return (await spend(spent, renewed)) !== null;
}
