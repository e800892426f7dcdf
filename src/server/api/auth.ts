/** `/api/auth`: sessions begin, are looked at, renewed and ended. */
import type * as v from 'valibot';
import type { LoginResult } from '#lib/protocol/http.ts';
import { loginBody } from '#lib/protocol/http.ts';
import { object } from '#lib/protocol/object.ts';
import { originOf } from '../origins.ts';
import { setCookie } from '../sessions/cookies.ts';
import { badOrigin } from '../sessions/identify.ts';
import { describe, logOut, renew } from '../sessions/lifetime.ts';
import { login } from '../sessions/login.ts';
import type { Outcome } from '../sessions/outcome.ts';
import type { Visit } from '../visit.ts';
import { readBody } from './body.ts';
import { answer, refuse } from './envelope.ts';
import { withSession } from './in-room.ts';

const nothing = object({});

/** `POST /api/auth/login` */
export function postLogin(visit: Visit): Promise<Response> {
  return enter(visit, loginBody, login);
}

/** A call that begins a session: it needs none, and answers with one. */
export async function enter<S extends v.GenericSchema>(
  visit: Visit,
  schema: S,
  begin: (visit: Visit, body: v.InferOutput<S>) => Promise<Outcome<LoginResult>>,
): Promise<Response> {
  // Nobody has a session here yet, but another site's page could still sign its visitor in to a show of its own.
  if (originOf(visit.request, visit.config.allowedOrigins) === 'foreign') {
    return refuse(visit, badOrigin().refusal);
  }
  const body = await readBody(visit.request, schema);
  if (!body.ok) return refuse(visit, body.refusal);
  const outcome = await begin(visit, body.value);
  if (!outcome.ok) return refuse(visit, outcome.refusal);
  const { role, token, expiresAt } = outcome.value;
  const cookie = setCookie(visit.url, role, token, expiresAt - visit.now);
  return answer(visit, outcome.value, { headers: { 'set-cookie': cookie } });
}

/** `GET /api/auth/me` */
export function getMe(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) => {
    const outcome = await describe(visit, session);
    return outcome.ok ? answer(visit, outcome.value) : refuse(visit, outcome.refusal);
  });
}

/** `POST /api/auth/renew` */
export function postRenew(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) => {
    const body = await readBody(visit.request, nothing, { optional: true, typed: session.via === 'cookie' });
    if (!body.ok) return refuse(visit, body.refusal);
    const outcome = await renew(visit, session);
    if (!outcome.ok) return refuse(visit, outcome.refusal);
    const { expiresAt, token } = outcome.value;
    const cookie = setCookie(visit.url, session.claims.role, token, expiresAt - visit.now);
    return answer(visit, { expiresAt }, { headers: { 'set-cookie': cookie } });
  });
}

/** `POST /api/auth/logout` */
export function postLogout(visit: Visit): Promise<Response> {
  return withSession(visit, {}, async (session) => {
    const body = await readBody(visit.request, nothing, { optional: true, typed: session.via === 'cookie' });
    if (!body.ok) return refuse(visit, body.refusal);
    const outcome = await logOut(visit, session);
    if (!outcome.ok) return refuse(visit, outcome.refusal);
    // Another session's cookie of the same role stays, when this one came by header.
    const headers =
      session.via === 'cookie' ? { 'set-cookie': setCookie(visit.url, session.claims.role, '', 0) } : {};
    return answer(visit, outcome.value, { headers });
  });
}
