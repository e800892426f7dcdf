/** The end of a command: by signal, by the death of its parent, or by its own failure. Nothing that it started stays. */
import { inspect } from 'node:util';
import { endChildren } from './child.mjs';
import { announceEnd, releaseLocks } from './lock.mjs';
import { printableLines } from './printable.mjs';
import { Stop } from './stop.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** How often the parent is looked for: nobody tells a process that its parent was killed. */
const PARENT_POLL_MS = 500;

/**
 * Runs a command to its end and exits. A {@link Stop} becomes its sentence on stderr and its exit code.
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
    // While it ends, what its children leave behind is not news.
    if (ending) return;
    console.error(printableLines(error instanceof Stop ? error.message : inspect(error)));
    await finish(error instanceof Stop ? error.exitCode : 1);
  }
}
