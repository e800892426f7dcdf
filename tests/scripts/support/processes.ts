/** Commands under test, and what is left of them. */
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { vi } from 'vitest';
import { groupLives } from '../../../scripts/lib/group.mjs';

/** A command that is under way. */
export interface Running {
  process: ChildProcessByStdio<null, Readable, Readable>;
  /** All that it has printed so far. */
  output(): string;
  /** Its exit code; null when a signal ended it. */
  exit: Promise<number | null>;
}

/** Starts a Node script with this test's own Node, in this test's environment unless another one is given. */
export function startNode(args: string[], cwd?: string, env?: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => lines.push(line));
  }
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { process: child, output: () => lines.join('\n'), exit };
}

/** Resolves with the first match in what a command prints; fails when it ends or stays silent. */
export async function printed(command: Running, pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
  return vi.waitFor(
    () => {
      const match = pattern.exec(command.output());
      if (match) return match;
      throw new Error(`has not printed ${pattern}, but:\n${command.output()}`);
    },
    { timeout: withinMs, interval: 20 },
  );
}

/** Resolves when no process of a group lives. */
export async function groupGone(leader: number, withinMs: number): Promise<void> {
  await vi.waitFor(
    () => {
      if (groupLives(leader)) throw new Error(`processes of group ${leader} live`);
    },
    { timeout: withinMs, interval: 20 },
  );
}
