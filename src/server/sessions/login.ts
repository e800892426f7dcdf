/** Logins: a presenter opens a show, or comes back to it; a participant joins it. */
import type * as v from 'valibot';
import { idsIn } from '#lib/domain/by-lane.ts';
import type { Sku } from '#lib/domain/events.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { parseShowCode, showCodeFrom } from '#lib/domain/show-code.ts';
import type { LoginResult, loginBody } from '#lib/protocol/http.ts';
import { roomConfig } from '../config.ts';
import { notConnected } from '../engines/site-lanes.ts';
import { unwellEngine } from '../engines/unwell.ts';
import { BINDINGS } from '../lanes/every-lane.ts';
import { limiterName } from '../limiter.ts';
import { inRooms } from '../rooms.ts';
import { spend } from '../storage/d1.ts';
import { takeSeat } from '../storage/seats.ts';
import { findShow, insertShow, isLive } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { admit } from './admit.ts';
import { forgetShow, lookUpShow } from './directory.ts';
import { identify } from './identify.ts';
import { labelFor, presenterLabel } from './labels.ts';
import type { Result, Err } from './result.ts';
import { ok, err } from './result.ts';
import { hasTombstone } from './records.ts';
import { invalidCode, loggedOut, whyNotLive, whyNotNow } from './standing.ts';
import { chargeRoom, forgetSession, loginResult, recordSession, startPresenter } from './start.ts';

/** A parsed login. */
export type LoginBody = v.InferOutput<typeof loginBody>;

/** SKUs of a show whose presenter names none. */
const DEFAULT_SKU: Sku = { id: 'ticket', name: 'Concert ticket', capacity: 100, unitPrice: 150 };

/** Most codes that are tried for a new show: of 887 million, this many in a row are not taken by chance. */
const MAX_CODES = 10;

/** Logs somebody in, as the contract's login row says. */
export function login(context: RequestContext, body: LoginBody): Promise<Result<LoginResult>> {
  if (body.role === 'participant') return join(context, body);
  return body.show === undefined ? openShow(context, body) : rejoin(context, body, body.show);
}

/** A presenter opens a new show: its rows, its rooms, its first session. */
async function openShow(context: RequestContext, body: LoginBody): Promise<Result<LoginResult>> {
  const skus = (body.skus ?? [DEFAULT_SKU]).map(completeSku);
  if (new Set(skus.map(({ id }) => id)).size < skus.length) {
    return err('INVALID_SKU', 'skus: two of them have the same id.');
  }
  const lanes = body.lanes ?? PAIR;
  if (!lanes.every((lane) => lane in BINDINGS)) {
    return err('INVALID_REQUEST', `lanes: of them this site has ${idsIn(BINDINGS).join(', ')}.`);
  }
  const missing = notConnected(context.config.engines, lanes);
  if (missing) return err('INVALID_REQUEST', `lanes: ${missing}`);
  const admitted = await admit(context, 'opener', body.turnstileToken);
  if (!admitted.ok) return admitted;
  const unwell = await unwellEngine(context.env.ENGINE_LANE, context.config.engines, lanes);
  if (unwell) return err('STORAGE_UNAVAILABLE', `No show was opened. ${unwell}`);
  const spent: MeterCounts = { 'worker.request': 1 };
  addCounts(spent, admitted.value.spent);

  const sessionId = crypto.randomUUID();
  const expiresAt = context.now + context.config.sessionTtlMs;
  const show = await insertFreshShow(context, { sessionId, expiresAt }, skus, spent);
  const { proof } = admitted.value;
  addCounts(spent, await recordSession(context, { sessionId, role: 'presenter', show, proof }));
  const config = roomConfig(context.config);
  // Each room is charged for its own opening there; what the login has cost is charged once, to the first.
  await inRooms(context.env, show, ids(skus), (room, skuId) => {
    const sku = skus.find(({ id }) => id === skuId) ?? DEFAULT_SKU;
    return room.open({ show, sku, lanes, config, closesAt: expiresAt, spent: sku === skus[0] ? spent : {} });
  });
  const label = presenterLabel(1);
  return ok(await loginResult(context, { sessionId, role: 'presenter', show, label, skus, expiresAt }));
}

/** A presenter of a running show joins it again: from a second device, or after a renewal was missed. */
async function rejoin(context: RequestContext, body: LoginBody, typed: string): Promise<Result<LoginResult>> {
  const code = parseShowCode(typed);
  if (!code) return invalidCode();
  const identified = await identify(context, { only: 'presenter', show: code });
  if (!identified.ok) return identified;
  const { claims } = identified.value;
  const refusal = await whyNotNow(context, identified.value, 'rejoin');
  if (refusal) return refusal;
  if (await hasTombstone(context.env.SESSIONS, claims.sessionId)) return loggedOut();
  const spent: MeterCounts = { 'worker.request': 1, 'kv.read': 1 };
  addCounts(spent, identified.value.spent);
  const show = await spend(spent, findShow(context.env.DB, code));
  if (!show || !isLive(show, context.now)) return whyNotLive(show);
  if (claims.show !== code) return err('FORBIDDEN', 'This session presents another show.');
  const admitted = await admit(context, 'presenter', body.turnstileToken);
  if (!admitted.ok) return admitted;

  const started = await startPresenter(context, show, admitted.value.proof, spent);
  chargeRoom(context, code, firstId(show.skus), spent);
  return ok(started);
}

/** A participant joins a running show. */
async function join(context: RequestContext, body: LoginBody): Promise<Result<LoginResult>> {
  const code = parseShowCode(body.show ?? '');
  if (!code) return invalidCode();
  const { env, config, now } = context;
  const show = await lookUpShow(context, code);
  if (!show || !isLive(show, now)) return whyNotLive(show);
  if (show.seated >= config.maxParticipants) return full(config.maxParticipants);
  const permit = await env.LIMITER.getByName(limiterName('join', code)).takeJoin(now);
  if (!permit.ok) {
    return err('RATE_LIMITED', 'Many are joining this show just now: try again.', permit.retryAfterMs);
  }
  const admitted = await admit(context, 'participant', body.turnstileToken);
  if (!admitted.ok) return admitted;

  const spent: MeterCounts = { 'worker.request': 1 };
  addCounts(spent, permit.spent);
  const session = { sessionId: crypto.randomUUID(), role: 'participant', show: code } as const;
  // The record is written first, so that a seat is never taken by a session that could not be stored.
  addCounts(spent, await recordSession(context, { ...session, proof: admitted.value.proof }));
  const joined = await spend(spent, takeSeat(env.DB, code, config.maxParticipants, now));
  if (!joined) {
    forgetSession(context, session.sessionId);
    forgetShow(env.DB, code);
    const fresh = await findShow(env.DB, code);
    return fresh.value && isLive(fresh.value, now) ? full(config.maxParticipants) : whyNotLive(fresh.value);
  }
  const { skus } = joined;
  chargeRoom(context, code, firstId(skus), spent);
  const expiresAt = Math.min(now + config.sessionTtlMs, joined.closesAt);
  const label = labelFor(code, joined.joined);
  return ok(await loginResult(context, { ...session, label, skus, expiresAt }));
}

/** Inserts the show under a code that nobody has yet. */
async function insertFreshShow(
  context: RequestContext,
  presenter: { sessionId: string; expiresAt: number },
  skus: Sku[],
  spent: MeterCounts,
): Promise<string> {
  for (let attempt = 0; attempt < MAX_CODES; attempt++) {
    const show = showCodeFrom(crypto.getRandomValues(new Uint8Array(16)));
    if (!show) continue;
    const insert = insertShow(context.env.DB, { show, ...presenter }, skus, context.now);
    if (await spend(spent, insert)) return show;
  }
  throw new Error(`${MAX_CODES} fresh codes in a row were taken`);
}

function completeSku(sku: NonNullable<LoginBody['skus']>[number]): Sku {
  const { capacity, unitPrice } = DEFAULT_SKU;
  return {
    id: sku.id,
    name: sku.name ?? sku.id,
    capacity: sku.capacity ?? capacity,
    unitPrice: sku.unitPrice ?? unitPrice,
  };
}

function ids(skus: Sku[]): string[] {
  return skus.map(({ id }) => id);
}

function firstId(skus: Sku[]): string {
  return (skus[0] ?? DEFAULT_SKU).id;
}

function full(seats: number): Err {
  return err('SHOW_FULL', `All ${seats} places in this show are taken.`);
}
