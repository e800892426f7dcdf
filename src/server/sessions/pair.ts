/**
 * Signing in a further device of the same presenter: a signed-in one asks for a secret and shows it as a QR code; whoever
 * scans it exchanges it, once and within two minutes, for a presenter's session of its own. The secret travels in the
 * fragment of an address and in the body of one request, and is kept as a keyed hash.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { parseShowCode } from '#lib/domain/show-code.ts';
import type { LoginResult } from '#lib/protocol/http.ts';
import type { PairOffer, PairRedemption, PairStatus } from '#lib/protocol/pairing.ts';
import type { Limiter } from '../limiter.ts';
import { limiterName } from '../limiter.ts';
import { logLine } from '../log.ts';
import { spend } from '../storage/d1.ts';
import type { Show } from '../storage/shows.ts';
import { findShow, isLive } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { toBase64url } from './base64url.ts';
import { lookUpShow } from './directory.ts';
import type { Session } from './identify.ts';
import { keyFor, sign } from './keys.ts';
import type { Result, Err } from './result.ts';
import { ok, err } from './result.ts';
import type { Redeemed } from './pairing-secrets.ts';
import { PAIRING_TTL_MS } from './pairing-secrets.ts';
import { invalidCode, whyNotLive, whyNotNow } from './standing.ts';
import { chargeRoom, startPresenter } from './start.ts';

/** Random bytes of a secret, and of the id that names it: 192 and 128 bits. */
const SECRET_BYTES = 24;
const ID_BYTES = 16;
/** `id.secret`, both base64url of exactly these lengths. */
const FORM = /^([\w-]{22})\.([\w-]{32})$/;
const PURPOSE = 'pairing secret 1';

/** Makes a secret for the session that asks; it dies with that session. Refuses `RATE_LIMITED`. */
export async function offerPairing(context: RequestContext, session: Session): Promise<Result<PairOffer>> {
  const refusal = await whyNotPresenting(context, session);
  if (refusal) return refusal;
  const { show, sessionId, expiresAt } = session.claims;
  const id = randomText(ID_BYTES);
  const key = randomText(SECRET_BYTES);
  const until = Math.min(context.now + PAIRING_TTL_MS, expiresAt);
  const offer = { id, hash: await hashOf(context, show, key), maker: sessionId, expiresAt: until };
  const { waitMs, spent } = await limiterOf(context, show).offerPairing(offer, context.now);
  charge(context, session, spent);
  if (waitMs !== null) {
    return err('RATE_LIMITED', 'This show has made many sign-in codes in the last minute: wait.', waitMs);
  }
  return ok({ secret: `${id}.${key}`, show, expiresAt: until });
}

/** Ends the secret of the session that asks. */
export async function withdrawPairing(
  context: RequestContext,
  session: Session,
): Promise<Result<{ withdrawn: true }>> {
  const refusal = await whyNotPresenting(context, session);
  if (refusal) return refusal;
  const { show, sessionId } = session.claims;
  charge(context, session, await limiterOf(context, show).withdrawPairing(sessionId, context.now));
  return ok({ withdrawn: true });
}

/** Whether the secret of the session that asks still waits, and which devices have signed in to the show by one. */
export async function pairingStatus(context: RequestContext, session: Session): Promise<Result<PairStatus>> {
  const refusal = await whyNotPresenting(context, session);
  if (refusal) return refusal;
  const { show, sessionId } = session.claims;
  const { openUntil, devices, spent } = await limiterOf(context, show).pairingStatus(sessionId, context.now);
  charge(context, session, spent);
  return ok({ openUntil, devices });
}

/**
 * Exchanges a secret for a session. Whoever shows a wrong one learns nothing but that; refused attempts are charged to
 * nobody, so that strangers cannot move a show's meter. A secret that was used is gone even when what follows fails.
 */
export async function redeemPairing(
  context: RequestContext,
  { show: typed, secret: shown }: PairRedemption,
): Promise<Result<LoginResult>> {
  const code = parseShowCode(typed);
  if (!code) return invalidCode();
  const known = await lookUpShow(context, code);
  if (!known || !isLive(known, context.now)) return whyNotLive(known);
  const [, id, key] = FORM.exec(shown) ?? [];
  if (id === undefined || key === undefined) return wrong();
  const spent: MeterCounts = { 'worker.request': 1 };
  const asked = await limiterOf(context, code).redeemPairing(
    { id, hash: await hashOf(context, code, key) },
    context.now,
  );
  addCounts(spent, asked.spent);
  if (asked.waitMs !== null) {
    return err('RATE_LIMITED', 'Too many codes that do not exist were tried here: wait.', asked.waitMs);
  }
  const { redeemed } = asked;
  if (redeemed.outcome !== 'granted') return refusalOf(redeemed);
  const show = await spend(spent, findShow(context.env.DB, code));
  if (!show || !isLive(show, context.now)) return whyNotLive(show);
  const maker = await whyNotNow(context, makerOf(context, show, redeemed.maker), 'pair');
  if (maker?.refusal.code === 'UNAUTHORIZED') {
    return err('INVALID_TOKEN', 'The device that showed this code has signed out: ask another one.');
  }
  const started = await startPresenter(context, show, 'none', spent);
  const { label, skus } = started;
  addCounts(spent, await limiterOf(context, code).namePairing(id, label));
  chargeRoom(context, code, skus[0]?.id ?? '', spent);
  logLine('presenter_paired', { requestId: context.requestId, show: code, label });
  return ok(started);
}

/** Why a session may not pair: it logged out, or its show is over. A signature alone does not tell. */
async function whyNotPresenting(context: RequestContext, session: Session): Promise<Err | null> {
  const show = await lookUpShow(context, session.claims.show);
  if (!show || !isLive(show, context.now)) return whyNotLive(show);
  return whyNotNow(context, session, 'pair');
}

function refusalOf({ outcome }: Exclude<Redeemed, { outcome: 'granted' }>): Err {
  if (outcome === 'used') {
    return err('INVALID_TOKEN', 'This code has been used: each one signs in one device. Ask for a new one.');
  }
  if (outcome === 'late') {
    return err(
      'INVALID_TOKEN',
      'This code is no longer good: each lives two minutes, and only until the next one. Ask for a new one.',
    );
  }
  return wrong();
}

function wrong(): Err {
  return err('INVALID_TOKEN', 'This is not a sign-in code of this show. Ask for a new one.');
}

/** The session that made a secret, as far as a room wants to know it: whether it has logged out. */
function makerOf(context: RequestContext, { code, skus }: Show, sessionId: string): Session {
  const times = { issuedAt: context.now, expiresAt: context.now + 1 };
  const ids = skus.map((sku) => sku.id);
  return {
    claims: { sessionId, role: 'presenter', show: code, label: '', skus: ids, ...times },
    via: 'header',
    spent: {},
  };
}

function limiterOf(context: RequestContext, show: string): DurableObjectStub<Limiter> {
  return context.env.LIMITER.getByName(limiterName('pair', show));
}

function charge(context: RequestContext, { claims, spent: before }: Session, spent: MeterCounts): void {
  const all: MeterCounts = { 'worker.request': 1 };
  addCounts(all, before);
  addCounts(all, spent);
  chargeRoom(context, claims.show, claims.skus[0] ?? '', all);
}

/** Keyed hash of a secret, bound to its show. */
async function hashOf(context: RequestContext, show: string, key: string): Promise<ArrayBuffer> {
  const bytes = await sign(await keyFor(context.config.sessionSecret, PURPOSE), `${show}.${key}`);
  return Uint8Array.from(bytes).buffer;
}

function randomText(bytes: number): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(bytes)));
}
