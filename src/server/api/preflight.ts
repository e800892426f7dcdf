/**
 * `GET /api/demo/preflight`: what a show stands on, tried for real and now, for its presenter. What fails is told as a
 * finding, so that one broken part does not hide the others. A handful of reads and two writes, charged to the room, and
 * limited for each session by an object that counts exactly.
 */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { PreflightResult, Probe } from '#lib/protocol/preflight.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { limiterName } from '../limiter.ts';
import { errorFields, logLine } from '../log.ts';
import type { Session } from '../sessions/identify.ts';
import { loggedOut } from '../sessions/standing.ts';
import { err } from '../sessions/result.ts';
import { getRecord } from '../sessions/records.ts';
import { probeTurnstile } from '../sessions/turnstile.ts';
import { putMark, touchShow } from '../storage/preflight.ts';
import { spend } from '../storage/d1.ts';
import { findShow } from '../storage/shows.ts';
import type { RequestContext } from '../request-context.ts';
import { answer, refuse } from './envelope.ts';
import { askRoom, wantedSku, withSession } from './in-room.ts';

/** Looks at everything once. */
export function getPreflight(context: RequestContext): Promise<Response> {
  return withSession(context, { only: 'presenter' }, async (session) => {
    const { claims } = session;
    const limiter = context.env.LIMITER.getByName(limiterName('preflight', claims.sessionId));
    const permit = await limiter.takeAttempt(context.now);
    if (!permit.ok) {
      const message = 'The pre-flight check ran often in the last minute: wait.';
      return refuse(context, err('RATE_LIMITED', message, permit.retryAfterMs).refusal);
    }
    const spent: MeterCounts = {};
    addCounts(spent, permit.spent);
    const stores = await probeStores(context, session, spent);
    const turnstile = await probeGate(context);
    // Last, because the call to the room carries what all of this has cost.
    addCounts(spent, session.spent);
    const room = await probeRoom(context, { ...session, spent });
    if (room.refusal) return refuse(context, room.refusal);
    const found: PreflightResult = {
      version: manifest.version,
      ...stores,
      room: room.probe,
      analytics: typeof context.env.TELEMETRY?.writeDataPoint === 'function',
      turnstile,
      debugToken: context.config.debugToken !== null,
    };
    return answer(context, found, room.meta ? { meta: room.meta } : {});
  });
}

async function probeStores(
  context: RequestContext,
  { claims }: Session,
  spent: MeterCounts,
): Promise<Pick<PreflightResult, 'database' | 'sessions'>> {
  const { DB, SESSIONS } = context.env;
  const { show, sessionId } = claims;
  const database = {
    read: await probe('D1 read', async () => (await spend(spent, findShow(DB, show))) !== null),
    write: await probe('D1 write', async () => {
      addCounts(spent, await touchShow(DB, show));
      return true;
    }),
  };
  const sessions = {
    read: await probe('KV read', async () => {
      addCounts(spent, { 'kv.read': 1 });
      return (await getRecord(SESSIONS, sessionId)) !== null;
    }),
    write: await probe('KV write', async () => {
      addCounts(spent, { 'kv.write': 1 });
      await putMark(SESSIONS, show);
      return true;
    }),
  };
  return { database, sessions };
}

async function probeGate({ config }: RequestContext): Promise<PreflightResult['turnstile']> {
  const { turnstile } = config;
  if (!turnstile) return { state: 'off', ms: null, siteKey: null };
  const since = Date.now();
  const state = await probeTurnstile(turnstile);
  return { state, ms: Date.now() - since, siteKey: turnstile.siteKey };
}

/** The room's answer, timed; a session that it knows to be over is refused like everywhere. */
async function probeRoom(context: RequestContext, session: Session) {
  const { found, ...timed } = await time('room', () =>
    askRoom(context, session, wantedSku(context), (room, call) => room.state(call)),
  );
  if (!found) return { probe: timed, meta: null, refusal: null };
  if ('refusal' in found) return { probe: timed, meta: null, refusal: found.refusal };
  const { result, meta } = found;
  if (result.ok) return { probe: timed, meta, refusal: null };
  const isOut = result.refusal.code === 'UNAUTHORIZED';
  return { probe: timed, meta, refusal: isOut ? loggedOut().refusal : result.refusal };
}

async function probe(what: string, attempt: () => Promise<boolean>): Promise<Probe> {
  const { found, ms } = await time(what, attempt);
  return { ok: found === true, ms };
}

/** Tries something, and times it by the clock that the platform lets a Worker see: it moves with input and output only. */
async function time<T>(what: string, attempt: () => Promise<T>): Promise<Probe & { found: T | null }> {
  const since = Date.now();
  try {
    const found = await attempt();
    return { found, ok: true, ms: Date.now() - since };
  } catch (error) {
    logLine('preflight_failed', { what, ...errorFields(error) });
    return { found: null, ok: false, ms: Date.now() - since };
  }
}
