import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { groupLives, signalGroup } from '../../scripts/lib/group.mjs';
import type { Running } from './support/processes.ts';
import { groupGone, printed, startNode } from './support/processes.ts';

const support = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
/** Asked, given three seconds, killed: with room for a busy machine. */
const WITHIN_MS = 12_000;
const TIMEOUT_MS = 30_000;

let leaders: number[] = [];
afterEach(() => {
  for (const leader of leaders) signalGroup(leader, 'SIGKILL');
  leaders = [];
});

/** A command with two children that ignore every polite signal. */
async function startHolder(parent: string[] = []): Promise<{ command: Running; leader: number }> {
  const command = startNode([...parent, support('holder.ts'), support('stubborn.ts')]);
  const [, pid] = await printed(command, /both run (\d+)/, WITHIN_MS);
  const leader = Number(pid);
  leaders.push(leader);
  expect(groupLives(leader)).toBe(true);
  return { command, leader };
}

describe('the children of a command', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'all end with it on %s, even those that will not',
    async (signal) => {
      const { command, leader } = await startHolder();
      command.process.kill(signal);
      expect(await command.exit).toBe(7);
      expect(groupLives(leader)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    'all end when it is killed without a word',
    async () => {
      const { command, leader } = await startHolder();
      command.process.kill('SIGKILL');
      await groupGone(leader, WITHIN_MS);
    },
    TIMEOUT_MS,
  );

  it(
    'all end when the parent of the command dies',
    async () => {
      // A shell's place is taken by a Node that starts the command and then does nothing.
      const inner =
        "require('child_process').spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' })";
      const { command, leader } = await startHolder(['-e', inner]);
      command.process.kill('SIGKILL');
      await groupGone(leader, WITHIN_MS);
    },
    TIMEOUT_MS,
  );
});
