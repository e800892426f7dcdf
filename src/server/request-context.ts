/** A request under way, with all that handling it may need: handed down instead of globals. */
import type { Config } from './config.ts';
import type { Env } from './env.ts';
import { networkOf } from './network.ts';
import { isLoopback } from './origins.ts';
import { hashAddress } from './sessions/keys.ts';

/** A request under way. */
export interface RequestContext {
  requestId: string;
  request: Request;
  url: URL;
  env: Env;
  config: Config;
  /** Unix milliseconds at which the request came. */
  now: number;
  /** Lets work go on after the answer. */
  waitUntil(work: Promise<unknown>): void;
}

/** Begins to handle a request. */
export function newContext(
  request: Request,
  env: Env,
  config: Config,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): RequestContext {
  return {
    requestId: crypto.randomUUID(),
    request,
    url: new URL(request.url),
    env,
    config,
    now: Date.now(),
    waitUntil: (work) => ctx.waitUntil(work),
  };
}

/**
 * True unless the visitor is known to sit at another machine. The Host header alone does not tell: whoever is in the
 * same network may write "localhost" there.
 */
export function comesFromThisMachine(context: RequestContext): boolean {
  const address = context.request.headers.get('cf-connecting-ip');
  if (address === null) return true;
  const v4 = address.toLowerCase().replace(/^::ffff:/, '');
  return isLoopback(v4.includes(':') ? `[${v4}]` : v4);
}

/** Keyed hash of the visitor's network. Without an address (no proxy in front) all visitors share one. */
export function ipHashOf(context: RequestContext): Promise<string> {
  const address = context.request.headers.get('cf-connecting-ip') ?? 'unknown';
  return hashAddress(context.config.sessionSecret, networkOf(address), context.now);
}
