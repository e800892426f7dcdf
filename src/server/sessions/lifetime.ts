/** The life of a session after its login: what is known of it, its renewal, its end. A show lives with its presenters. */
import type { MeResult } from '#lib/protocol/http.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { changeLife, inRooms } from '../rooms.ts';
import { freeSeat } from '../storage/seats.ts';
import { findShow, isLive, removePresenter, renewPresenter } from '../storage/shows.ts';
import type { Visit } from '../visit.ts';
import { forgetShow } from './directory.ts';
import type { Session } from './identify.ts';
import type { Outcome } from './outcome.ts';
import { granted } from './outcome.ts';
import { deleteRecord, getRecord, hasTombstone, putTombstone } from './records.ts';
import { loggedOut, whyNotLive } from './refusals.ts';
import { whyNotNow } from './standing.ts';
import { chargeRoom, recordSession } from './start.ts';
import type { Claims } from './token.ts';
import { signToken } from './token.ts';

/** Who a session is, and exactly what KV holds about it. */
export async function describe(visit: Visit, session: Session): Promise<Outcome<MeResult>> {
  const refusal = await whyNotNow(visit, session, 'me');
  if (refusal) return refusal;
  const { SESSIONS } = visit.env;
  const { claims } = session;
  const { sessionId, role, show, label, expiresAt } = claims;
  const [stored, gone] = await Promise.all([
    getRecord(SESSIONS, sessionId),
    hasTombstone(SESSIONS, sessionId),
  ]);
  return gone ? loggedOut() : granted({ sessionId, role, show, label, expiresAt, stored });
}

/**
 * Renews a session for its whole time from now. A presenter's renewal extends the show; a participant's session never
 * outlives the show. Also answers with a token that says so by itself.
 */
export async function renew(
  visit: Visit,
  session: Session,
): Promise<Outcome<{ expiresAt: number; token: string }>> {
  const { env, config, now } = visit;
  const { claims } = session;
  const refusal = await whyNotNow(visit, session, 'renew');
  if (refusal) return refusal;
  if (await hasTombstone(env.SESSIONS, claims.sessionId)) return loggedOut();
  const spent: MeterCounts = { 'worker.request': 1, 'kv.read': 1 };
  addCounts(spent, session.spent);
  const found = await findShow(env.DB, claims.show);
  addCounts(spent, found.spent);
  if (!found.value || !isLive(found.value, now)) return whyNotLive(found.value);

  const stored = await getRecord(env.SESSIONS, claims.sessionId);
  addCounts(spent, { 'kv.read': 1 });
  const renewed = { ...claims, proof: stored?.proof ?? ('none' as const) };
  addCounts(spent, await recordSession(visit, renewed, claims.issuedAt));
  const wanted = now + config.sessionTtlMs;
  const isPresenter = claims.role === 'presenter';
  if (isPresenter) {
    const extended = await extendShow(visit, claims, wanted, spent);
    if (!extended) return whyNotLive(found.value);
  }
  const expiresAt = isPresenter ? wanted : Math.min(wanted, found.value.closesAt);
  await inRooms(env, claims.show, claims.skus, (room) => room.renew(claims.sessionId, expiresAt));
  const [firstSku] = claims.skus;
  if (firstSku) chargeRoom(visit, claims.show, firstSku, spent);
  return granted({ expiresAt, token: await signToken(config.sessionSecret, { ...claims, expiresAt }) });
}

/**
 * Ends a session: its sockets are closed and its calls refused by every room of the show, its record is forgotten and its
 * seat is free. With the last presenter's session the show ends.
 */
export async function logOut(visit: Visit, session: Session): Promise<Outcome<{ loggedOut: true }>> {
  const { env, config, now } = visit;
  const { claims } = session;
  const { sessionId, show, skus } = claims;
  const refusal = await whyNotNow(visit, session, 'logout');
  // One that rooms know to be out goes on: whatever died half-way, its seat, its record and its show are seen to.
  if (refusal?.refusal.code === 'RATE_LIMITED') return refusal;
  if (await hasTombstone(env.SESSIONS, sessionId)) return loggedOut();
  // An ended show is closed before the session is revoked: its presenter's own screens then hear that it has ended too.
  if (claims.role === 'presenter') {
    const inD1 = async () => {
      const removed = await removePresenter(env.DB, show, sessionId, now);
      forgetShow(env.DB, show);
      return removed.value;
    };
    await changeLife(env, show, skus, inD1, (room, { ended, closesAt }) => {
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
  return granted({ loggedOut: true });
}

/** Lengthens a presenter's session, and the show and its rooms with it. False when the show has ended meanwhile. */
async function extendShow(
  visit: Visit,
  claims: Claims,
  expiresAt: number,
  spent: MeterCounts,
): Promise<boolean> {
  const { env } = visit;
  const { show, sessionId, skus } = claims;
  const inD1 = async () => {
    const renewed = await renewPresenter(env.DB, { show, sessionId, expiresAt });
    addCounts(spent, renewed.spent);
    forgetShow(env.DB, show);
    return renewed.value;
  };
  const closesAt = await changeLife(env, show, skus, inD1, (room, until) =>
    until === null ? undefined : room.extend(until),
  );
  return closesAt !== null;
}
