import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digest } from '../../scripts/lib/build.mjs';
import { isInstalled } from '../../scripts/lib/install.mjs';

describe('packages', () => {
  const locked = {
    packages: {
      '': { version: '1.0.0' },
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/mac-only': { version: '1.0.0', integrity: 'y', optional: true },
    },
  };
  const a = { version: '1.0.0', integrity: 'x' };

  it('are installed when all that is locked is there; what is for other machines may be missing', () => {
    expect(isInstalled(locked, { packages: { 'node_modules/a': a } })).toBe(true);
  });

  it.each([
    ['nothing was ever installed', undefined],
    ['an installation was cut short', { packages: {} }],
    ['the lock has another version', { packages: { 'node_modules/a': { ...a, version: '1.0.1' } } }],
    ['the lock has other contents', { packages: { 'node_modules/a': { ...a, integrity: 'z' } } }],
    ['the lock has dropped one', { packages: { 'node_modules/a': a, 'node_modules/b': a } }],
  ])('are not installed when %s', (_, installed) => {
    expect(isInstalled(locked, installed)).toBe(false);
  });
});

describe('the stamp of the pages', () => {
  let root = '';
  const stamp = () => digest(root, ['src', 'app.config.ts'], [join('src', 'server')]);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'stamp-'));
    mkdirSync(join(root, 'src', 'server'), { recursive: true });
    writeFileSync(join(root, 'src', 'a.ts'), 'a');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('stays while nothing changes, whatever the files are dated', () => {
    const before = stamp();
    writeFileSync(join(root, 'src', 'a.ts'), 'a');
    expect(stamp()).toBe(before);
  });

  it('stays when only the server changes', () => {
    const before = stamp();
    writeFileSync(join(root, 'src', 'server', 'b.ts'), 'b');
    expect(stamp()).toBe(before);
  });

  it.each([
    ['a file changes', () => writeFileSync(join(root, 'src', 'a.ts'), 'A')],
    ['a file is added', () => writeFileSync(join(root, 'src', 'b.ts'), '')],
    ['a file is renamed', () => renameSync(join(root, 'src', 'a.ts'), join(root, 'src', 'c.ts'))],
    ['a file goes', () => rmSync(join(root, 'src', 'a.ts'))],
    ['a missing source appears', () => writeFileSync(join(root, 'app.config.ts'), '')],
  ])('changes when %s', (_, change) => {
    const before = stamp();
    change();
    expect(stamp()).not.toBe(before);
  });
});
