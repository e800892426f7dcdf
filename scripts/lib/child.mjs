/** Child processes of a command: Node scripts, each in a process group of its own that ends with the command (leash.mjs). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endGroup } from './group.mjs';
import { holdWithChild } from './lock.mjs';
import { ROOT } from './paths.mjs';

const LEASH = new URL('./leash.mjs', import.meta.url).href;
/** Newest lines of output that are kept for the message of a failure. */
const KEPT_LINES = 200;

/** Groups that this command has started and that have not ended. @type {Set<number>} */
const groups = new Set();

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} env
 * @property {(line: string) => void} [onLine] called with each line of output
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
    cwd: options.cwd ?? ROOT,
    env: { ...options.env, LEASH_HOLDER: String(process.pid) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
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

/** Ends every group that this command has started; resolves when none of their processes is left. */
export async function endChildren() {
  await Promise.all([...groups].map(endGroup));
}
