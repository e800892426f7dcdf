/** Sessions begin and go on here: the token, the record in KV, and what both have cost. */
import type { LoginResult, Proof, Role } from '#lib/protocol/http.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { errorFields, logLine } from '../log.ts';
import { changeLife, roomOf } from '../rooms.ts';
import type { RoomRpc } from '../room/room-rpc.ts';
import { spend } from '../storage/d1.ts';
import type { Show } from '../storage/shows.ts';
import { addPresenter } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { ipHashOf } from '../request-context.ts';
import { forgetShow } from './directory.ts';
import { presenterLabel } from './labels.ts';
import { deleteRecord, putRecord } from './records.ts';
import { signToken } from './token.ts';

/** The answer to a login: the session with its signed token. */
export async function loginResult(
  context: RequestContext,
  session: Omit<LoginResult, 'token'>,
): Promise<LoginResult> {
  const claims = { ...session, skus: session.skus.map(({ id }) => id), issuedAt: context.now };
  return { ...session, token: await signToken(context.config.sessionSecret, claims) };
}

/** Begins a further session of a running show's presenter, which lengthens the show; adds to `spent` what that cost. */
export async function startPresenter(
  context: RequestContext,
  { code, skus }: Show,
  proof: Proof,
  spent: MeterCounts,
): Promise<LoginResult> {
  const { env, config, now } = context;
  const session = { sessionId: crypto.randomUUID(), role: 'presenter', show: code } as const;
  const expiresAt = now + config.sessionTtlMs;
  addCounts(spent, await recordSession(context, { ...session, proof }));
  const inD1 = () => addPresenter(env.DB, { ...session, expiresAt });
  const ids = skus.map(({ id }) => id);
  const added = changeShow(context, { show: code, skus: ids }, inD1, (room, { value }) =>
    room.extend(value.closesAt),
  );
  const label = presenterLabel((await spend(spent, added)).number);
  return loginResult(context, { ...session, label, skus, expiresAt });
}

/** Changes how long a show lives, in D1 and in its rooms; what this isolate knew of it is forgotten. */
export function changeShow<T>(
  { env }: RequestContext,
  { show, skus }: { show: string; skus: readonly string[] },
  inD1: () => Promise<T>,
  tell: (room: RoomRpc, changed: T) => Promise<void> | undefined,
): Promise<T> {
  const changed = async () => {
    const made = await inD1();
    forgetShow(env.DB, show);
    return made;
  };
  return changeLife(env, show, skus, changed, tell);
}

/** Writes a session's record to KV, `createdAt` being now unless the session is renewed. */
export async function recordSession(
  context: RequestContext,
  session: { sessionId: string; role: Role; show: string; proof: Proof },
  createdAt = context.now,
): Promise<MeterCounts> {
  const { sessionId, role, show, proof } = session;
  const { env, config, now } = context;
  const ipHash = await ipHashOf(context);
  const record = { sessionId, ipHash, createdAt, renewedAt: now, role, show, proof };
  await putRecord(env.SESSIONS, record, config.sessionTtlMs);
  return { 'kv.write': 1 };
}

/** Forgets the record of a session that did not come to be. What fails here is forgotten by KV itself in time. */
export function forgetSession(context: RequestContext, sessionId: string): void {
  context.waitUntil(deleteRecord(context.env.SESSIONS, sessionId).catch(logFailure));
}

/** Charges a room, after the answer, for what was spent on its behalf. */
export function chargeRoom(context: RequestContext, show: string, skuId: string, spent: MeterCounts): void {
  context.waitUntil(roomOf(context.env, show, skuId).charge(spent).catch(logFailure));
}

function logFailure(error: unknown): void {
  logLine('after_answer_failed', errorFields(error));
}
