import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureFolder } from '../../scripts/lib/folder.mjs';
import { takeLock } from '../../scripts/lib/lock.mjs';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock', () => {
  it('names its holder, is free when it is released, and leaves nothing behind', () => {
    const path = join(folder, 'below', 'start.lock');
    const lock = takeLock(path);
    if ('heldBy' in lock) throw new Error('held');
    writeFileSync(path, String(process.ppid));
    expect(takeLock(path)).toEqual({ heldBy: process.ppid });
    lock.release();
    expect(readdirSync(join(folder, 'below'))).toEqual([]);
    expect(takeLock(path)).not.toHaveProperty('heldBy');
  });

  it('is free when its holder has died', () => {
    const gone = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(join(folder, 'start.lock'), gone);
    expect(takeLock(join(folder, 'start.lock'))).not.toHaveProperty('heldBy');
  });
});

describe('a folder', () => {
  it.each(['/proc/cannot', '/dev/null/below', '/dev/null'])(
    'that cannot be made, as %s, gets one sentence',
    (path) => {
      expect(() => ensureFolder(path)).toThrow(/^Cannot write to \/\S+: [^.]+\.$/);
    },
  );
});
