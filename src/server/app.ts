/** The Worker's handler: sockets, the API, and pages for everything else. */
import { serveApi } from './api/api.ts';
import { refuse } from './api/envelope.ts';
import { withSecurityHeaders } from './api/security-headers.ts';
import { configProblem, hostProblem, readConfig } from './config.ts';
import type { Env } from './env.ts';
import { logLine } from './log.ts';
import { namesOneHost } from './origins.ts';
import { err } from './sessions/result.ts';
import { serveSockets } from './sockets.ts';
import { newContext } from './request-context.ts';

/** The Worker that serves the pages. */
export interface Pages {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response>;
}

/** In place of the URL of a request without a valid one. */
const NOWHERE = new URL('http://nowhere.invalid/');

/** The Worker: `/parties/` to the rooms' sockets, `/api/` to the API, the rest to `pages`. */
export function createWorker(pages: Pages): ExportedHandler<Env> {
  return {
    async fetch(request, env, ctx) {
      if (!namesOneHost(request)) return withSecurityHeaders(NOWHERE, hostRefused(env));
      const url = new URL(request.url);
      return withSecurityHeaders(url, await serve(pages, request, url, env, ctx));
    },
  };
}

function serve(
  pages: Pages,
  request: Request,
  { pathname, hostname }: URL,
  env: Env,
  ctx: ExecutionContext,
): Response | Promise<Response> {
  const problem = configProblem(env) ?? hostProblem(readConfig(env), hostname);
  if (problem) return stopped(problem);
  if (isUnder(pathname, '/parties')) return serveSockets(newContext(request, env, readConfig(env), ctx));
  if (isUnder(pathname, '/api')) return serveApi(newContext(request, env, readConfig(env), ctx));
  return pages.fetch(request, env, ctx);
}

function isUnder(pathname: string, folder: string): boolean {
  return pathname === folder || pathname.startsWith(`${folder}/`);
}

/** The answer to a request without exactly one valid `Host`. */
function hostRefused(env: Env): Response {
  const problem = configProblem(env);
  if (problem) return stopped(problem);
  const { refusal } = err('INVALID_REQUEST', 'The request names no host, or not one alone.');
  return refuse({ requestId: crypto.randomUUID(), config: readConfig(env) }, refusal);
}

/** The answer to every request while the configuration is invalid: the reason. */
function stopped(problem: string): Response {
  logLine('bad_configuration', { problem });
  return new Response(`This site is not set up rightly. ${problem}\n`, {
    status: 500,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}
