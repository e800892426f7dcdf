/** Runs an engine's program: until it is ready, and what it said when it ends. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A crash recovery of much data takes seconds; then something is wrong. */
const READY_WITHIN_MS = 30_000;
/** Newest lines that are kept for the reason of an end. */
const KEPT_LINES = 40;
/** Lines that say why, in any of the engines: those of the first kind say it best. */
const CAUSE = /in use|no space/i;
const REASON = /fatal|panic|error|in use|denied|cannot|can't|could not|not found|no such/i;
const LONGEST_REASON = 300;

/**
 * @typedef {object} Program
 * @property {import('node:child_process').ChildProcess} process
 * @property {Promise<string | null>} ready null when it serves, otherwise why it does not: it has ended then
 * @property {Promise<string>} ended why
 */

/** @param {import('./engine.mjs').Launch} launch @returns {Program} */
export function startProgram({ program, args, input, ready }) {
  const child = spawn(program, args, { cwd: '/', env: engineEnvironment(), stdio: 'pipe' });
  /** @type {string[]} */
  const lines = [];
  let failure = '';
  /** @type {Promise<null>} */
  const told = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        if (ready.test(line)) resolve(null);
      });
    }
  });
  // A program that has ended reads no more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const late = setTimeout(() => {
    failure = `it was not ready within ${READY_WITHIN_MS / 1000} seconds.`;
    child.kill('SIGKILL');
  }, READY_WITHIN_MS);
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      failure = error.message;
      // Without a process there is no other end.
      if (child.pid === undefined) resolve(failure);
    });
    child.on('close', (code, signal) =>
      resolve(failure || (signal ? `a signal ended it (${signal})` : lastWords(lines, code))),
    );
  });
  const first = Promise.race([told, ended]).finally(() => clearTimeout(late));
  return { process: child, ready: first, ended };
}

/** What of a program's output says why it ended. @param {string[]} lines @param {number | null} [code] */
export function lastWords(lines, code) {
  const words = [CAUSE, REASON, /\S/].flatMap((kind) => lines.findLast((line) => kind.test(line)) ?? []);
  return words[0]?.trim().slice(0, LONGEST_REASON) ?? `its exit code is ${code ?? 1}`;
}

/** Nothing of the caller's own: variables such as PGPORT or PGDATA would be an engine's settings. @returns {NodeJS.ProcessEnv} */
export function engineEnvironment() {
  const { PATH, TMPDIR } = process.env;
  return { PATH, LC_ALL: 'C', ...(TMPDIR && { TMPDIR }) };
}
