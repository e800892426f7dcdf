/**
 * Finds the session of a request. One browser may be a stage and a phone, so a request may have two sessions:
 *
 *  1. an `Authorization` header wins, and is the only one that counts; so does an embed code that a socket offers
 *     (embed-code.ts), which reads where {@link Wanted.reads} lets it and can do nothing else;
 *  2. else the cookie of the role that `?as=` or `x-session-role` names;
 *  3. else, on calls that are the presenter's alone, the presenter's cookie if there is one;
 *  4. else the presenter's cookie if it is valid, else the participant's.
 *
 * A phone page therefore names `participant`, a stage `presenter`; who has only one session need not say anything.
 */
import type { Role } from '#lib/protocol/http.ts';
import { ROLES } from '#lib/protocol/http.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { originOf } from '../origins.ts';
import type { Caller } from '#lib/room/connections.ts';
import type { RequestContext } from '../request-context.ts';
import { ipHashOf } from '../request-context.ts';
import { readCookie } from './cookies.ts';
import { lookUpShow } from './directory.ts';
import { embedOffered, isEmbedToken, readEmbedToken } from './embed-code.ts';
import type { Result, Err } from './result.ts';
import { ok, err } from './result.ts';
import { getRecord, hasTombstone } from './records.ts';
import type { Claims } from './token.ts';
import { readToken } from './token.ts';

/** A session that may be used now. */
export interface Session {
  /** What its token says; `expiresAt` as it was last renewed. */
  claims: Claims;
  via: 'header' | 'cookie';
  /** What finding out has cost. */
  spent: MeterCounts;
  /** It is no session but an embed code, which only reads. */
  reads?: true;
}

/** What a call requires of its session. */
export interface Wanted {
  /** The only role that may call. */
  only?: Role;
  /** Of two valid sessions in one browser, the one of this show is used. */
  show?: string;
  /** The call only reads, and an embed code may make it, too. */
  reads?: true;
}

interface Candidate {
  token: string;
  via: Session['via'];
  /** The cookie's role, which the token has to have. */
  role?: Role;
}

/** The session of a request. Refuses with `UNAUTHORIZED`, `EXPIRED_SESSION`, `FORBIDDEN` or `BAD_ORIGIN`. */
export async function identify(context: RequestContext, wanted: Wanted = {}): Promise<Result<Session>> {
  const found = await findSession(context, wanted);
  if (!found.ok) return found;
  const { claims, via } = found.value;
  if (via === 'cookie' && changesState(context.request) && !isOwnSite(context)) return badOrigin();
  if (found.value.reads && !wanted.reads) {
    return err('FORBIDDEN', 'An embed code shows figures and does nothing else.');
  }
  if (wanted.only && claims.role !== wanted.only) {
    return err('FORBIDDEN', `Only a ${wanted.only} of the show may do this.`);
  }
  return found;
}

/**
 * Whose request this is, whether or not the session still lives: enough to tell callers apart, never to let anybody in. Null
 * without a token of this show.
 */
export async function signedClaims(context: RequestContext, show: string): Promise<Claims | null> {
  for (const { token } of candidatesOf(context, { show })) {
    const claims = await readToken(context.config.sessionSecret, token);
    if (claims?.show === show) return claims;
  }
  return null;
}

/** The caller that a room gets. */
export async function callerOf(context: RequestContext, { claims, reads }: Session): Promise<Caller> {
  const { sessionId, role, label, expiresAt } = claims;
  const caller = { sessionId, role, label, expiresAt, ipHash: await ipHashOf(context) };
  return reads ? { ...caller, reads } : caller;
}

/** The refusal of a request that a page of another site has sent. */
export function badOrigin(): Err {
  return err('BAD_ORIGIN', "The Origin header is not this site's own, nor an allowed one.");
}

async function findSession(context: RequestContext, wanted: Wanted): Promise<Result<Session>> {
  let firstRefusal: Err | null = null;
  let otherShow: Result<Session> | null = null;
  for (const candidate of candidatesOf(context, wanted)) {
    const checked = await check(context, candidate);
    if (!checked.ok) firstRefusal ??= checked;
    else if (!wanted.show || checked.value.claims.show === wanted.show) return checked;
    else otherShow ??= checked;
  }
  return otherShow ?? firstRefusal ?? err('UNAUTHORIZED', 'Sign in first: this call needs a session.');
}

function candidatesOf(context: RequestContext, wanted: Wanted): Candidate[] {
  const authorization = context.request.headers.get('authorization');
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? '';
    return [{ token, via: 'header' }];
  }
  const embed = embedOffered(context.request);
  if (embed !== null) return [{ token: embed, via: 'header' }];
  const cookies = ROLES.flatMap((role): Candidate[] => {
    const token = readCookie(context.request, role);
    return token ? [{ token, via: 'cookie', role }] : [];
  });
  const named = context.url.searchParams.get('as') ?? context.request.headers.get('x-session-role');
  if (ROLES.some((role) => role === named)) return cookies.filter(({ role }) => role === named);
  return wanted.only === 'presenter' ? cookies.slice(0, 1) : cookies;
}

async function check(context: RequestContext, candidate: Candidate): Promise<Result<Session>> {
  if (candidate.via === 'header' && isEmbedToken(candidate.token)) {
    const read = await readEmbedToken(context, candidate.token);
    return read.ok ? ok({ ...read.value, via: 'header', reads: true }) : read;
  }
  const claims = await readToken(context.config.sessionSecret, candidate.token);
  if (!claims || (candidate.role && claims.role !== candidate.role)) {
    return err('UNAUTHORIZED', 'This session token is not one of ours.');
  }
  const { via } = candidate;
  if (claims.expiresAt > context.now) return ok({ claims, via, spent: {} });
  const expiresAt = await renewedUntil(context, claims);
  if (expiresAt > context.now) {
    return ok({ claims: { ...claims, expiresAt }, via, spent: { 'kv.read': 2 } });
  }
  return err('EXPIRED_SESSION', 'This session has expired: sign in again.');
}

/**
 * Until when a session lives that was renewed after this token was signed, Unix milliseconds; 0 when the session is gone. Only
 * an old token costs this look-up, so that a client may keep the token of its login.
 */
async function renewedUntil(context: RequestContext, claims: Claims): Promise<number> {
  const { env, config } = context;
  const [record, gone] = await Promise.all([
    getRecord(env.SESSIONS, claims.sessionId),
    hasTombstone(env.SESSIONS, claims.sessionId),
  ]);
  if (!record || gone || record.renewedAt <= record.createdAt) return 0;
  const expiresAt = record.renewedAt + config.sessionTtlMs;
  if (claims.role === 'presenter') return expiresAt;
  const show = await lookUpShow(context, claims.show);
  return Math.min(expiresAt, show?.closesAt ?? 0);
}

function changesState(request: Request): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD';
}

function isOwnSite(context: RequestContext): boolean {
  const origin = originOf(context.request, context.config.allowedOrigins);
  return origin === 'own' || origin === 'allowed';
}
