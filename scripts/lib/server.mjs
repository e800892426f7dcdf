/** Starts the local server (host.mjs), which keeps everything in one folder. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startTool } from './child.mjs';
import { ROOT } from './paths.mjs';
import { Stop } from './stop.mjs';

/** Where a server finds what it is told (host/process.mjs). */
export const TOLD = 'HOST_TOLD';

/** Longest wait for the server's first answer, milliseconds: usually 1 to 3 s, longer when the Worker must be bundled. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
const ANSWER_WITHIN_MS = 5_000;

/**
 * @typedef {object} ServerOptions
 * @property {string} host
 * @property {number} port
 * @property {string} persistTo absolute path
 * @property {ReadonlyMap<string, string>} [vars] values that go before those of the configuration
 * @property {(line: string) => void} [onLine] called with each line of the server's output
 * @property {string | undefined} [tunnel] path of cloudflared: the server gets a public address, kept by host/tunnel.mjs
 * @property {((news: import('../host/tunnel.mjs').TunnelNews) => void) | undefined} [onTunnel] called with each change of that
 * @property {string} [config] absolute path of the Worker's configuration; the project's own unless given
 * @property {string} [script] absolute path of what serves it; the project's own unless given
 */

/** Starts the server. Its databases are brought up to date first. @param {ServerOptions} options */
export function startServer({
  host,
  port,
  persistTo,
  vars = new Map(),
  onLine,
  tunnel,
  onTunnel,
  ...worker
}) {
  const { config = join(ROOT, 'wrangler.toml'), script = join(ROOT, 'scripts', 'host.mjs') } = worker;
  /** @type {import('../host/process.mjs').Told} */
  const told = { config, host, port, persistTo, vars: Object.fromEntries(vars), tunnel };
  // By the environment: everybody on the machine can read a command line, and variables may be secrets.
  const env = { [TOLD]: JSON.stringify(told) };
  return startTool(['--expose-gc', script], { env, onLine, onMessage: onTunnel });
}

/**
 * Waits until the server's health check succeeds.
 * @param {import('./child.mjs').Child} server
 * @param {string} url its address
 * @param {number} [withinMs]
 * @throws {Stop} when it ends (its last lines say why), refuses its configuration, or stays silent
 */
export async function untilHealthy(server, url, withinMs = READY_WITHIN_MS) {
  let ended = false;
  void server.ended.then(() => (ended = true));
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    // Undefined while nobody listens.
    const answer = await fetch(`${url}/api/health`, { signal }).catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer) throw new Stop(refusal(await answer.text(), answer.status));
    if (ended) throw new Stop(`${server.lines.join('\n')}\nThe server ended while it started.`);
    await pause(POLL_MS);
  }
  throw new Stop(
    `${server.lines.join('\n')}\nThe server did not answer within ${withinMs / 1000} seconds.`.trim(),
  );
}

/**
 * The reason that an unhealthy server gives: the message of the contract's envelope, or its plain text.
 * @param {string} body
 * @param {number} status
 * @returns {string}
 */
export function refusal(body, status) {
  try {
    const envelope = /** @type {{ error?: { message?: unknown } } | null} */ (JSON.parse(body));
    const message = envelope?.error?.message;
    if (typeof message === 'string') return message;
  } catch {
    // Not the envelope: returned as plain text below.
  }
  const line = body.trim().split('\n')[0] ?? '';
  return line === '' || line.startsWith('<') ? `The server answers every request with ${status}.` : line;
}
