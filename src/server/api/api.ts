/** The HTTP API: its routes, and what is answered when there is none or when something fails. */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { API } from '#lib/protocol/paths.ts';
import { errorFields, logLine } from '../log.ts';
import { err } from '../sessions/result.ts';
import { isNewerState, NEWER_STATE } from '../storage/schema.ts';
import { StorageUnavailable } from '../storage/unavailable.ts';
import type { RequestContext } from '../request-context.ts';
import { postAllocate, postRush } from './allocate.ts';
import { getMe, postLogin, postLogout, postRenew } from './auth.ts';
import { postControl, postGuardrail } from './control.ts';
import { getEmbed, postEmbed, postEmbedWithdraw } from './embed.ts';
import { refuse } from './envelope.ts';
import { getHealth } from './health.ts';
import { getLanes } from './lanes.ts';
import { getLog } from './log.ts';
import { getPair, postEnd, postPair, postRedeem, postWithdraw } from './pair.ts';
import { getPreflight } from './preflight.ts';
import { postReset } from './reset.ts';
import { getAudit, getState } from './state.ts';
import { getSummary } from './summary.ts';

/** The context is made before the router is asked, and rides in Hono's place for bindings. */
interface ApiEnv {
  Bindings: { context: RequestContext };
}

/** When to ask again while older code runs than the state is of, milliseconds: a deployment takes its time. */
const NEWER_RETRY_MS = 30_000;

const routes = new Hono<ApiEnv>()
  .basePath(API)
  .get('/health', by(getHealth))
  .post('/auth/login', by(postLogin))
  .get('/auth/me', by(getMe))
  .post('/auth/renew', by(postRenew))
  .post('/auth/logout', by(postLogout))
  .post('/auth/end', by(postEnd))
  .get('/auth/pair', by(getPair))
  .post('/auth/pair', by(postPair))
  .post('/auth/pair/redeem', by(postRedeem))
  .post('/auth/pair/withdraw', by(postWithdraw))
  .get('/auth/embed', by(getEmbed))
  .post('/auth/embed', by(postEmbed))
  .post('/auth/embed/withdraw', by(postEmbedWithdraw))
  .get('/demo/state', by(getState))
  .post('/demo/allocate', by(postAllocate))
  .post('/demo/rush', by(postRush))
  .post('/demo/control', by(postControl))
  .post('/demo/guardrail', by(postGuardrail))
  .post('/demo/reset', by(postReset))
  .get('/demo/lanes', by(getLanes))
  .get('/demo/log', by(getLog))
  .get('/demo/audit', by(getAudit))
  .get('/demo/summary', by(getSummary))
  .get('/demo/preflight', by(getPreflight))
  .notFound((c) => notFound(c.env.context))
  .onError((error, c) => failed(c.env.context, error));

/** Answers a request to the API. */
export async function serveApi(context: RequestContext): Promise<Response> {
  return routes.fetch(context.request, { context });
}

/** Answers where nothing is; `Allow` names the method that is known at a path when another one was used. */
export function notFound(context: RequestContext): Response {
  const { pathname } = context.url;
  const methods = routes.routes.filter(({ path }) => path === pathname).map(({ method }) => method);
  if (methods.length === 0) return refuse(context, err('NOT_FOUND', 'There is nothing here.').refusal);
  const allow = [...new Set(methods)].join(', ');
  const { refusal } = err('NOT_FOUND', `This address answers to ${allow} only.`);
  return refuse(context, refusal, { headers: { allow } });
}

/**
 * Answers when something failed. Storage that does not answer is worth another try; anything else is a bug, and is
 * told apart by its status alone. How it failed stands in the log under the answer's request id.
 */
export function failed(context: RequestContext, error: unknown): Response {
  logLine('request_failed', {
    requestId: context.requestId,
    method: context.request.method,
    path: context.url.pathname,
    ...errorFields(error),
  });
  if (isNewerState(error)) {
    const { refusal } = err('STORAGE_UNAVAILABLE', NEWER_STATE, NEWER_RETRY_MS);
    return refuse(context, refusal);
  }
  const message = 'The storage behind this site does not answer: try again.';
  const { refusal } = err('STORAGE_UNAVAILABLE', message, 1_000);
  return refuse(context, refusal, { status: isUnavailable(error) ? 503 : 500 });
}

/** D1 or KV failed, or a room's object did and says that another try may find it. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof StorageUnavailable) return true;
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

function by(handle: (context: RequestContext) => Response | Promise<Response>) {
  return (c: Context<ApiEnv>) => handle(c.env.context);
}
