/** Keeps one engine running: on one port, on one folder, started again whenever it ends, for as long as this process lives. */
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../lib/network.mjs';
import { startProgram } from './program.mjs';

/**
 * Most tries of a first start when something is in use: a port that was free when it was chosen, or what the last processes of a
 * killed PostgreSQL still hold for a moment.
 */
const MOST_TRIES = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * @typedef {object} Supervised
 * @property {number} port
 * @property {Record<string, string>} vars
 * @property {() => Promise<void>} end ends it for good
 */

/**
 * Starts an engine and keeps it.
 * @param {import('./engine.mjs').Engine} engine
 * @param {string} program
 * @param {string} folder
 * @param {(line: string) => void} say hears of every end, and when it serves again
 * @returns {Promise<Supervised | { why: string }>} why it does not start
 */
export async function supervise(engine, program, folder, say) {
  let why = '';
  for (let turn = 0; turn < MOST_TRIES; turn += 1) {
    const port = await freePort();
    const launch = await engine.launch(program, folder, port);
    const first = startProgram(launch);
    const failure = await first.ready;
    if (failure === null) return keep(first, { engine, program, folder, port, say, launch });
    why = failure;
    if (!/in use/i.test(failure)) break;
    await pause(FIRST_PAUSE_MS * 2 ** turn);
  }
  return { why };
}

/**
 * @param {import('./program.mjs').Program} first
 * @param {{ engine: import('./engine.mjs').Engine, program: string, folder: string, port: number, say: (line: string) => void, launch: import('./engine.mjs').Launch }} kept
 * @returns {Supervised}
 */
function keep(first, { engine, program, folder, port, say, launch }) {
  let current = first;
  let isEnding = false;
  const follow = async () => {
    while (!isEnding) {
      const why = await current.ended;
      if (isEnding) return;
      say(
        `${engine.title} ended: ${why.replace(/\.$/, '')}. It is being started again, on what it has stored.`,
      );
      await again();
    }
  };
  const again = async () => {
    let told = '';
    for (let pauseMs = FIRST_PAUSE_MS; !isEnding; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      await pause(pauseMs);
      const why = await start().catch((error) => String(error instanceof Error ? error.message : error));
      if (why === null) return say(`${engine.title} serves again.`);
      // Each reason once: a full disk would be told every few seconds.
      if (why !== told) say(`${engine.title} does not start: ${why.replace(/\.$/, '')}. It is tried again.`);
      told = why;
    }
  };
  const start = async () => {
    const next = await engine.launch(program, folder, port);
    if (isEnding) return null;
    current = startProgram(next);
    return current.ready;
  };
  void follow();
  return {
    port,
    vars: launch.vars,
    async end() {
      isEnding = true;
      current.process.kill(launch.stop);
      await current.ended;
    },
  };
}
