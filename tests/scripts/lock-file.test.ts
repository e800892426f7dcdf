import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';

interface Entry {
  version?: string;
  integrity?: string;
  resolved?: string;
  /** Comes within the archive of another package, whose integrity covers it. */
  inBundle?: boolean;
  /** Stands for a folder of this clone. */
  link?: boolean;
}

/** The project's packages, and those of the engines, which are installed only when engines are asked for. */
const FOLDERS = [
  { folder: '', atLeast: 300 },
  { folder: 'engines', atLeast: 5 },
];

describe.each(FOLDERS)('in $folder/package-lock.json', ({ folder, atLeast }) => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Entry>;
  };
  /** The entry without a path is the folder itself. */
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  const downloaded = installed.filter(([, { inBundle, link }]) => !inBundle && !link);

  it('every package that npm downloads, for whatever machine, is installed as it was locked or not at all', () => {
    expect(downloaded.length).toBeGreaterThanOrEqual(atLeast);
    const open = downloaded.filter(
      ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('no package is tied to the registry of whoever locked it', () => {
    expect(installed.flatMap(([, { resolved, link }]) => (resolved && !link ? [resolved] : []))).toEqual([]);
  });
});
