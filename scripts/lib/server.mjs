/** The server of a local run: wrangler's, tuned for a show, with everything it keeps in one folder. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startChild } from './child.mjs';
import { toolEnvironment, toolNode } from './node.mjs';
import { toolScript } from './paths.mjs';
import { Stop } from './stop.mjs';

/** How long the server may take until it answers: it bundles the Worker and starts the runtime, 2 to 5 s as a rule. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 100;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Environment of wrangler: local tracing off (it costs a factor of two to three), no look-ups outside, and no meeting
 * other Workers of this machine through the shared registry.
 * @param {string} persistTo
 */
function quietEnvironment(persistTo) {
  return {
    X_LOCAL_OBSERVABILITY: 'false',
    X_LOCAL_EXPLORER: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_REGISTRY_PATH: join(persistTo, 'registry'),
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  };
}

/**
 * Brings the local database of a folder up to date; does nothing when it is.
 * @param {string} persistTo absolute path
 * @throws {Stop} when a migration fails
 */
export async function migrate(persistTo) {
  const node = toolNode();
  const child = startChild(
    node,
    [toolScript('wrangler'), 'd1', 'migrations', 'apply', 'DB', '--local', '--persist-to', persistTo],
    { env: toolEnvironment(node, quietEnvironment(persistTo)) },
  );
  if ((await child.ended) === 0) return;
  throw new Stop(
    `${child.lines.join('\n')}\nThe database in ${persistTo} could not be brought up to date: the reason stands above.`,
  );
}

/**
 * @typedef {object} ServerOptions
 * @property {string} host
 * @property {number} port
 * @property {string} persistTo absolute path
 * @property {Map<string, string>} vars
 * @property {(line: string) => void} onLine called with each line of the server's output
 */

/**
 * Starts the server.
 * @param {ServerOptions} options
 */
export function startServer({ host, port, persistTo, vars, onLine }) {
  const node = toolNode();
  const args = ['dev', '--ip', host, '--port', String(port), '--persist-to', persistTo];
  args.push('--inspector-port', '0', '--log-level', 'warn', '--show-interactive-dev-session=false');
  for (const [name, value] of vars) args.push('--var', `${name}:${value}`);
  return startChild(node, [toolScript('wrangler'), ...args], {
    env: toolEnvironment(node, quietEnvironment(persistTo)),
    onLine,
  });
}

/**
 * Waits until the server answers that it is well.
 * @param {import('./child.mjs').Child} server
 * @param {string} url its address
 * @param {number} [withinMs]
 * @throws {Stop} when it ends, refuses its configuration, fails to build, or stays silent
 */
export async function untilHealthy(server, url, withinMs = READY_WITHIN_MS) {
  let ended = false;
  void server.ended.then(() => (ended = true));
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const answer = await ask(`${url}/api/health`);
    if (answer?.status === 200) return;
    if (answer) throw new Stop(answer.sentence);
    if (ended) throw new Stop(`${server.lines.join('\n')}\nThe server ended while it started.`);
    if (server.lines.some((line) => line.includes('Build failed'))) {
      throw new Stop(`${server.lines.join('\n')}\nThe Worker could not be built: the reason stands above.`);
    }
    await pause(POLL_MS);
  }
  throw new Stop(
    `${server.lines.join('\n')}\nThe server did not answer within ${withinMs / 1000} seconds.`.trim(),
  );
}

/**
 * @param {string} url
 * @returns {Promise<{ status: number, sentence: string } | undefined>} nothing while nobody listens
 */
async function ask(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { status: answer.status, sentence: refusal(await answer.text(), answer.status) };
  } catch {
    return undefined;
  }
}

/**
 * What an unhealthy server says of itself: the message of the contract's envelope, or its plain text.
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
    // Not the envelope: plain text, below.
  }
  const line = body.trim().split('\n')[0] ?? '';
  return line === '' || line.startsWith('<') ? `The server answers every request with ${status}.` : line;
}
