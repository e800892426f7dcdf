/** Child processes of a command: Node scripts, each in a process group of its own that ends with the command (leash.mjs). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endGroup } from './group.mjs';
import { holdWithChild } from './lock.mjs';
import { toolEnvironment, toolNode } from './node.mjs';
import { ROOT } from './paths.mjs';
import { Stop } from './stop.mjs';

const LEASH = new URL('./leash.mjs', import.meta.url).href;
/** Newest lines of output that are kept for the message of a failure. */
const KEPT_LINES = 200;

/** Groups that this command has started and that have not ended. @type {Set<number>} */
const groups = new Set();

/**
 * @typedef {object} ChildOptions
 * @property {Record<string, string | undefined>} env
 * @property {((line: string) => void) | undefined} [onLine] called with each line of output
 * @property {((message: any) => void) | undefined} [onMessage] called with what it sends by `process.send`
 */

/**
 * A running child.
 * @typedef {object} Child
 * @property {number} pid leader of its group
 * @property {string[]} lines the newest lines of its output
 * @property {Promise<number>} ended its exit code, when it and its group are gone; 1 when a signal ended it
 */

/**
 * Starts a Node script as the leader of a new group.
 * @param {string} node
 * @param {string[]} command the script and its arguments
 * @param {ChildOptions} options
 * @returns {Child}
 */
export function startChild(node, command, options) {
  const child = spawn(node, ['--import', LEASH, ...command], {
    cwd: ROOT,
    env: { ...options.env, LEASH_HOLDER: String(process.pid) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(options.onMessage ? /** @type {const} */ (['ipc']) : [])],
  });
  if (options.onMessage) child.on('message', options.onMessage);
  const pid = child.pid ?? 0;
  if (pid > 0) {
    groups.add(pid);
    holdWithChild(pid);
  }
  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      options.onLine?.(line);
    });
  }
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      lines.push(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  }).then(async (code) => {
    if (pid > 0) await endGroup(pid);
    groups.delete(pid);
    return Number(code);
  });
  return { pid, lines, ended };
}

/**
 * Starts a Node script on the tools' own Node.
 * @param {string[]} command the script and its arguments
 * @param {Partial<Omit<ChildOptions, 'env'>> & { env?: Record<string, string> }} [options] `env` is added to the tools' own
 */
export function startTool(command, { env, ...heard } = {}) {
  const node = toolNode();
  return startChild(node, command, { env: toolEnvironment(node, env), ...heard });
}

/**
 * Runs a Node script on the tools' own Node to its end.
 * @param {string[]} command the script and its arguments
 * @param {string} failure what is said below its output when it fails
 * @param {Record<string, string>} [env] added to the tools' own
 * @returns {Promise<string[]>} its output
 * @throws {Stop} when it fails
 */
export async function runTool(command, failure, env) {
  const { ended, lines } = startTool(command, { ...(env && { env }) });
  if ((await ended) === 0) return lines;
  throw new Stop(`${lines.join('\n')}\n${failure}`);
}

/**
 * Runs a program of the machine to its end, in this command's own group.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: string }>} code 1 also when it cannot be started
 */
export function spawnToEnd(program, args, env) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Ends every group that this command has started; resolves when none of their processes is left. */
export async function endChildren() {
  await Promise.all([...groups].map(endGroup));
}
