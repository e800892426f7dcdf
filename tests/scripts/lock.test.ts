import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureFolder } from '../../scripts/lib/folder.mjs';
import { groupLives, signalGroup } from '../../scripts/lib/group.mjs';
import { inTurn, takeLock, takeWhenLeft } from '../../scripts/lib/lock.mjs';
import { identityOf } from '../../scripts/lib/processes.mjs';
import type { Running } from './support/processes.ts';
import { groupGone, printed, startNode } from './support/processes.ts';

const support = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
/** A holder's children are asked, given three seconds, and killed: with room for a busy machine. */
const WITHIN_MS = 20_000;
const TIMEOUT_MS = 60_000;

let folder = '';
let path = '';
let ends: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'start.lock');
});
afterEach(() => {
  for (const end of ends) end();
  ends = [];
  rmSync(folder, { recursive: true, force: true });
});

/** Another command that holds the lock and has children that ignore every polite signal. */
async function startHolder(): Promise<{ command: Running; leader: number }> {
  const command = startNode([support('holder.ts'), support('stubborn.ts'), path]);
  const [, leader] = await printed(command, /both run (\d+)/, WITHIN_MS);
  ends.push(() => {
    command.process.kill('SIGKILL');
    signalGroup(Number(leader), 'SIGKILL');
  });
  return { command, leader: Number(leader) };
}

/** Resolves with what ends the wait for a holder that is ending. */
async function taken(onWait: (pid: number) => void) {
  const lock = await takeWhenLeft(path, onWait);
  if ('heldBy' in lock) throw new Error(`held by ${lock.heldBy}`);
  return lock;
}

describe('a lock', () => {
  it(
    'names its holder for as long as that lives, is waited for when it ends, and leaves nothing behind',
    async () => {
      const { command, leader } = await startHolder();
      const { pid = 0 } = command.process;
      expect(takeLock(path)).toEqual({ heldBy: pid, ending: false });
      // No line for one that does not end, and no long wait.
      const onWait = vi.fn();
      expect(await takeWhenLeft(path, onWait)).toEqual({ heldBy: pid, ending: false });
      expect(onWait).not.toHaveBeenCalled();

      command.process.kill('SIGTERM');
      const lock = await taken(onWait);
      expect(onWait.mock.calls).toEqual([[pid]]);
      expect(groupLives(leader)).toBe(false);
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is held by what a killed holder had started, until that is gone',
    async () => {
      const { command, leader } = await startHolder();
      command.process.kill('SIGKILL');
      await command.exit;
      expect(groupLives(leader)).toBe(true);
      expect(takeLock(path)).toEqual({ heldBy: command.process.pid, ending: true });
      const onWait = vi.fn();
      await taken(onWait);
      expect(onWait).toHaveBeenCalledOnce();
      expect(groupLives(leader)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it.runIf(process.platform === 'linux')(
    'is free when its holder has died and nobody fetches what is left of it',
    async () => {
      // The shell starts the holder and then becomes a program that fetches no children, as a container's first may be.
      const words = '"$0" "$1" "$2" "$3" & exec sleep 600';
      const args = [process.execPath, support('holder.ts'), support('stubborn.ts'), path];
      const shell = spawn('sh', ['-c', words, ...args], { stdio: 'ignore' });
      ends.push(() => shell.kill('SIGKILL'));
      const holder = await vi.waitFor(
        () => {
          const { pid, children } = JSON.parse(readFileSync(path, 'utf8')) as {
            pid: number;
            children: { pid: number }[];
          };
          return { pid, leader: children[0]!.pid };
        },
        { timeout: WITHIN_MS },
      );
      ends.push(() => signalGroup(holder.leader, 'SIGKILL'));
      process.kill(holder.pid, 'SIGKILL');
      await groupGone(holder.leader, WITHIN_MS);
      // Its number still answers.
      process.kill(holder.pid, 0);
      expect(identityOf(holder.pid)).toBeUndefined();
      expect(takeLock(path)).not.toHaveProperty('heldBy');
    },
    TIMEOUT_MS,
  );

  it('is free when its holder has died', () => {
    const gone = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(path, JSON.stringify({ pid: Number(gone), born: '1' }));
    expect(takeLock(path)).not.toHaveProperty('heldBy');
  });

  it.each([
    ['the first process', '1'],
    ['a process that lives', String(process.ppid)],
    ['another that has a number of before', JSON.stringify({ pid: process.ppid, born: 'long ago' })],
    ['nobody', ''],
    ['nothing readable', '\u0000{"pid":'],
    ['children of another shape', JSON.stringify({ pid: 1, born: '', children: 7 })],
  ])('is free when it names %s', async (_what, words) => {
    writeFileSync(path, words);
    const lock = takeLock(path);
    if ('heldBy' in lock) throw new Error('held');
    writeFileSync(join(folder, 'prepare.lock'), words);
    expect(await inTurn(join(folder, 'prepare.lock'), () => Promise.resolve('done'), vi.fn())).toBe('done');
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('whose path is taken by something else gets one sentence', () => {
    mkdirSync(path);
    expect(() => takeLock(path)).toThrow(/^\S+start\.lock is to be a file and is none: remove it\.$/);
    const link = join(folder, 'link.lock');
    symlinkSync('/nowhere', link);
    expect(() => takeLock(link)).toThrow(/^\S+link\.lock is to be a file and is none: remove it\.$/);
  });

  it('is not taken away again when another was quicker to take it', () => {
    const lock = takeLock(path);
    writeFileSync(path, JSON.stringify({ ...identityOf(process.ppid), children: [] }));
    if ('heldBy' in lock) throw new Error('held');
    lock.release();
    expect(takeLock(path)).toEqual({ heldBy: process.ppid, ending: false });
  });

  it(
    'that a dead holder left is taken over by one alone, however many try',
    async () => {
      writeFileSync(path, '1');
      const takers = Array.from({ length: 4 }, () => startNode([support('taker.ts'), path, '100']));
      for (const taker of takers) ends.push(() => taker.process.kill('SIGKILL'));
      for (const taker of takers) {
        expect(await taker.exit, taker.output()).toBe(0);
      }
    },
    TIMEOUT_MS,
  );
});

describe('a folder', () => {
  it.each(['/proc/cannot', '/dev/null/below', '/dev/null'])(
    'that cannot be made, as %s, gets one sentence',
    (given) => {
      expect(() => ensureFolder(given)).toThrow(/^Cannot write to \/\S+: [^.]+\.$/);
    },
  );
});
