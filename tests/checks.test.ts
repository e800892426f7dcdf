/** The checks of `npm test` are checked: each catches what is planted for it, and is content without it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandOf, STAGES } from '../scripts/lib/stages.mjs';
import { forbiddenImports } from './scripts/support/import-table.ts';
import { impurities } from './scripts/support/purity.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CONFIGURATION = [
  '.prettierrc.json',
  'eslint.config.js',
  'package.json',
  'svelte.adapter.toml',
  'svelte.config.js',
  'tsconfig.base.json',
  'tsconfig.json',
  join('src', 'server', 'tsconfig.json'),
  join('src', 'lib', 'language'),
  'wuchale.config.js',
];
const TIMEOUT_MS = 120_000;

/** A small tree with this project's own configuration, so that nothing is planted among the real sources. */
let tree = '';

/** Files of both halves of the tree that every check is content with. */
const SOUND = {
  'src/lib/Sound.svelte': '<script lang="ts">\n  const units: number = 1;\n</script>\n\n{units}\n',
  'src/lib/sound.ts': 'export const units: number = 1;\n',
  'src/server/sound.ts': 'export const stub = (binding: D1Database) => binding;\n',
};

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'checks-'));
  for (const file of CONFIGURATION) cpSync(join(ROOT, file), join(tree, file), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  for (const [path, text] of Object.entries(SOUND)) plant(path, text);
  const sync = check('sync');
  expect(sync.status, sync.output).toBe(0);
}, TIMEOUT_MS);

afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('the type check', () => {
  it('passes on sound code', () => expectContent('types'), TIMEOUT_MS);

  describe('of the pages', () => {
    const planted = {
      'src/lib/planted.ts': "export const planted: number = 'one';\n",
      'src/lib/Planted.svelte': '<script lang="ts">const planted: number = "one";</script>{planted}\n',
    };
    const caught = caughtTogether('types', planted);

    it.each(Object.keys(planted))('catches a type error in %s', (path) => {
      expect(caught().some((line) => line.includes(path))).toBe(true);
    });
  });

  it(
    'catches a type error in src/server/planted.ts',
    () => {
      expectCaught('types', 'src/server/planted.ts', "export const planted: number = 'one';\n");
    },
    TIMEOUT_MS,
  );
});

describe('the lint check', () => {
  it('passes on sound code', () => expectContent('lint'), TIMEOUT_MS);

  const paths = ['src/lib/planted.ts', 'src/server/planted.ts', 'scripts/planted.mjs'];
  const caught = caughtTogether(
    'lint',
    Object.fromEntries(paths.map((path) => [path, 'const later = async () => 1;\nlater();\n'])),
  );

  it.each(paths)('catches a floating promise in %s', (path) => {
    const lines = caught();
    const own = lines.slice(lines.indexOf(join(tree, path)) + 1);
    expect(lines).toContain(join(tree, path));
    expect(own.slice(0, own.indexOf('')).join('\n')).toContain('no-floating-promises');
  });
});

describe('the check of texts', () => {
  it('passes where every text is in its catalogue', () => expectContent('texts'), TIMEOUT_MS);

  it(
    'catches a text that nobody could translate',
    () => {
      const path = 'src/lib/components/Planted.svelte';
      const { output } = expectCaught('texts', path, '<p>Nobody has translated this.</p>\n');
      expect(output).toContain('Pending changes');
    },
    TIMEOUT_MS,
  );
});

describe('the architecture test', () => {
  it.each([
    ['src/lib/domain/planted.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
    ['src/lib/domain/planted.ts', "export type { Up } from '#lib/protocol/up.ts';"],
    [
      'src/lib/components/Planted.svelte',
      '<script lang="ts">import { Live } from "#lib/client/live.ts";</script>',
    ],
    ['src/routes/+page.svelte', '<script lang="ts">const secret = import("#server/config.ts");</script>'],
    ['src/server/planted.ts', "import pages from '../../.svelte-kit/cloudflare/_worker.js';"],
  ])('catches a forbidden import in %s', (path, text) => {
    expect(forbiddenImports(tree).filter((line) => line.startsWith(path))).toEqual([]);
    withPlanted(path, text, () => {
      expect(forbiddenImports(tree).filter((line) => line.startsWith(`${path} may not import`))).toHaveLength(
        1,
      );
    });
  });

  it.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'setTimeout(() => 1)',
    'Promise.resolve()',
  ])('catches %s in the domain', (code) => {
    withPlanted('src/lib/domain/planted.ts', `export const planted = () => ${code};`, (path) => {
      expect(impurities(tree, path)).toHaveLength(1);
    });
  });
});

/** Runs a stage's own commands in the small tree, until one fails. */
function check(name: string): { status: number; output: string } {
  const stage = STAGES.find((each) => each.name === name);
  if (!stage) throw new Error(`no stage ${name}`);
  let output = '';
  for (const line of stage.lines) {
    const run = spawnSync(process.execPath, commandOf(line, tree), { cwd: tree, encoding: 'utf8' });
    output += run.stdout + run.stderr;
    if (run.status !== 0) return { status: run.status ?? 1, output };
  }
  return { status: 0, output };
}

function expectContent(name: string): void {
  const { status, output } = check(name);
  expect(status, output).toBe(0);
}

function expectCaught(name: string, path: string, text: string): { output: string } {
  return withPlanted(path, text, () => {
    const { status, output } = check(name);
    expect(status).not.toBe(0);
    expect(output).toContain(path.slice(path.lastIndexOf('/') + 1));
    return { output };
  });
}

/** The lines of one run that meets all of these: a run costs seconds. */
function caughtTogether(name: string, planted: Record<string, string>): () => string[] {
  let lines: string[] = [];
  beforeAll(() => {
    for (const [path, text] of Object.entries(planted)) plant(path, text);
    const { status, output } = check(name);
    for (const path of Object.keys(planted)) rmSync(join(tree, path));
    expect(status, output).not.toBe(0);
    lines = output.split('\n');
  }, TIMEOUT_MS);
  return () => lines;
}

function withPlanted<T>(path: string, text: string, look: (path: string) => T): T {
  try {
    return look(plant(path, text));
  } finally {
    rmSync(join(tree, path), { force: true });
  }
}

function plant(path: string, text: string): string {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
