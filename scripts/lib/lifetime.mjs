/** Ends a command by signal, with its parent, or by its own failure, together with everything that it started. */
import { inspect } from 'node:util';
import { endChildren } from './child.mjs';
import { announceEnd, releaseLocks } from './lock.mjs';
import { printableLines } from './printable.mjs';
import { Stop } from './stop.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** How often the parent is looked for, milliseconds: a process gets no signal when its parent is killed. */
const PARENT_POLL_MS = 500;

/**
 * Runs a command and exits. A {@link Stop} is printed, on stderr unless it is the help, and sets the exit code.
 * @param {() => Promise<number>} main resolves to the exit code
 * @param {object} [end]
 * @param {number} [end.exitCode] when a signal or the parent's death ended it
 */
export async function live(main, { exitCode = 130 } = {}) {
  let ending = false;
  /** @param {number} code */
  const finish = async (code) => {
    if (ending) return;
    ending = true;
    announceEnd();
    await endChildren();
    releaseLocks();
    process.exit(code);
  };
  for (const signal of SIGNALS) process.on(signal, () => void finish(exitCode));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void finish(exitCode);
  }, PARENT_POLL_MS).unref();

  try {
    await finish(await main());
  } catch (error) {
    // Errors of children that are being ended are not reported.
    if (ending) return;
    const code = error instanceof Stop ? error.exitCode : 1;
    const say = code === 0 ? console.log : console.error;
    say(printableLines(error instanceof Stop ? error.message : inspect(error)));
    await finish(code);
  }
}
