/** Programs that a browser is made of, each the leader of a process group, and all of them gone at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endGroup, signalGroup } from '../../../scripts/lib/group.mjs';

/** Time that a program on a busy machine may take until it says that it is there, milliseconds. */
const STARTS_WITHIN_MS = 30_000;

/** A program that runs. */
export interface Program {
  /** What the pattern found in the line with which the program said that it is there. */
  said: readonly string[];
  end: () => Promise<void>;
}

/**
 * Starts a program and waits until one of its lines has the pattern; of one that says nothing, until it runs.
 * @param onLine hears every line, on both of its outputs
 * @throws when it ends before, or does not say it in time
 */
export async function startProgram(
  path: string,
  args: readonly string[],
  ready: RegExp | null,
  env: Record<string, string> = {},
  onLine: (line: string) => void = () => undefined,
): Promise<Program> {
  const child = spawn(path, args, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Who is interrupted has no time to ask.
  process.once('exit', () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'));
  const lines: string[] = [];
  const end = () => (child.pid === undefined ? Promise.resolve() : endGroup(child.pid));
  const found = new Promise<readonly string[]>((resolve) => {
    if (!ready) child.once('spawn', () => resolve([]));
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        onLine(line);
        const match = ready?.exec(line);
        if (match) resolve(match);
      });
    }
  });
  try {
    const gone = once(child, 'exit').then(([code]) => `it ended with ${code}`);
    const said = await Promise.race([found, gone, later()]);
    if (typeof said === 'string') throw new Error(`${path} did not start: ${said}.\n${lines.join('\n')}`);
    return { said, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function later(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(`it said nothing in ${STARTS_WITHIN_MS} ms`), STARTS_WITHIN_MS).unref();
  });
}
