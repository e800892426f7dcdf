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
import type { Result } from '../sessions/result.ts';
import type { RequestContext } from '../request-context.ts';
import { readBody } from './body.ts';
import { answer, answerResult, refuse } from './envelope.ts';
import { withBody, withSession } from './in-room.ts';

/** A call that needs no words. */
export const NO_BODY = { body: object({}), optional: true };

/** `POST /api/auth/login` */
export function postLogin(context: RequestContext): Promise<Response> {
  return enter(context, loginBody, login);
}

/** A call that begins a session: it needs none, and answers with one. */
export async function enter<S extends v.GenericSchema>(
  context: RequestContext,
  schema: S,
  begin: (context: RequestContext, body: v.InferOutput<S>) => Promise<Result<LoginResult>>,
): Promise<Response> {
  // Nobody has a session here yet, but another site's page could still sign its visitor in to a show of its own.
  if (originOf(context.request, context.config.allowedOrigins) === 'foreign') {
    return refuse(context, badOrigin().refusal);
  }
  const body = await readBody(context.request, schema);
  if (!body.ok) return refuse(context, body.refusal);
  const outcome = await begin(context, body.value);
  if (!outcome.ok) return refuse(context, outcome.refusal);
  const { role, token, expiresAt } = outcome.value;
  const cookie = setCookie(context.url, role, token, expiresAt - context.now);
  return answer(context, outcome.value, { headers: { 'set-cookie': cookie } });
}

/** `GET /api/auth/me` */
export function getMe(context: RequestContext): Promise<Response> {
  return withSession(context, {}, async (session) => answerResult(context, await describe(context, session)));
}

/** `POST /api/auth/renew` */
export function postRenew(context: RequestContext): Promise<Response> {
  return withBody(context, NO_BODY, async (session) => {
    const outcome = await renew(context, session);
    if (!outcome.ok) return refuse(context, outcome.refusal);
    const { expiresAt, token } = outcome.value;
    const cookie = setCookie(context.url, session.claims.role, token, expiresAt - context.now);
    return answer(context, { expiresAt }, { headers: { 'set-cookie': cookie } });
  });
}

/** `POST /api/auth/logout` */
export function postLogout(context: RequestContext): Promise<Response> {
  return withBody(context, NO_BODY, async (session) => {
    // Another session's cookie of the same role stays, when this one came by header.
    const headers =
      session.via === 'cookie' ? { 'set-cookie': setCookie(context.url, session.claims.role, '', 0) } : {};
    const outcome = await logOut(context, session);
    return outcome.ok ? answer(context, outcome.value, { headers }) : refuse(context, outcome.refusal);
  });
}
