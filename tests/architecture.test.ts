/** The house as it is written down in ARCHITECTURE.md, held over the real tree. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { CLIENT_BUNDLE, secretsIn } from '../scripts/lib/build.mjs';
import { deadPaths } from './scripts/support/doc-paths.ts';
import { circlesIn, importCircles } from './scripts/support/import-circles.ts';
import { forbiddenImports, sourceFiles } from './scripts/support/import-table.ts';
import { importsOf, nodesOf, syntaxOf } from './scripts/support/imports.ts';
import { impurities } from './scripts/support/purity.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAX_LINES = 300;
/** A file with more lines says why. */
const MAX_LINES_WITHOUT_REASON = 250;
const MAX_CONSTRUCTOR_LINES = 30;
const MAX_IMPORTS = 20;
const SQL =
  /^\s*(SELECT\s[\s\S]*\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX|UNIQUE)\s|ALTER\s+TABLE\s|PRAGMA\s)/i;

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the source', () => {
  it('imports only what the table of the architecture allows', () => {
    expect(sourceFiles(ROOT)).toContain('src/server/env.ts');
    expect(forbiddenImports(ROOT)).toEqual([]);
  });

  it('has no circle of imports, types included', () => {
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['d']],
      ['e', ['a']],
    ]);
    expect(circlesIn(circle)).toEqual([['d'], ['a', 'b', 'c']]);
    expect(importCircles(ROOT)).toEqual([]);
  });

  it('keeps clocks, chance, promises and the platform out of the domain', () => {
    const domain = sourceFiles(ROOT).filter((file) => file.startsWith('src/lib/domain/'));
    expect(domain.length).toBeGreaterThan(0);
    expect(domain.flatMap((file) => impurities(ROOT, join(ROOT, file)))).toEqual([]);
  });

  it('keeps every SQL string in src/server/storage', () => {
    const withSql = sourceFiles(ROOT).filter(holdsSql);
    expect(withSql.length).toBeGreaterThan(0);
    expect(withSql.filter((file) => !file.startsWith('src/server/storage/'))).toEqual([]);
  });

  it('keeps sockets out of the components', () => {
    const components = sourceFiles(ROOT).filter((file) => file.startsWith('src/lib/components/'));
    const knowing = components.filter((file) => /\b(WebSocket|PartySocket|EventSource)\b/.test(read(file)));
    expect(knowing).toEqual([]);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const files = globSync(['src/**/*.{ts,svelte,css}', 'scripts/**/*.{ts,mjs}', 'bench/**/*.ts'], {
      cwd: ROOT,
    });
    const long = files.filter((file) => read(file).split('\n').length - 1 > MAX_LINES);
    expect(long).toEqual([]);
  });

  it(`says in its header why a file has more than ${MAX_LINES_WITHOUT_REASON} lines`, () => {
    const long = sourceFiles(ROOT).filter(
      (file) => read(file).split('\n').length - 1 > MAX_LINES_WITHOUT_REASON,
    );
    expect(long.filter((file) => !headerOf(file).includes('Longer than other files: '))).toEqual([]);
  });

  it('puts nothing together that nobody can take in: constructors of the server, imports of the room', () => {
    const files = [...serverFiles(), ...sourceFiles(ROOT).filter((file) => file.startsWith('src/lib/room/'))];
    const constructors = files.flatMap((file) => constructorsOf(file));
    expect(constructors.length).toBeGreaterThan(10);
    expect(constructors.filter(({ lines }) => lines > MAX_CONSTRUCTOR_LINES)).toEqual([]);
    const room = files.filter((file) => /^src\/(server|lib)\/room\//.test(file));
    expect(room.filter((file) => importsOf(ROOT, join(ROOT, file)).length > MAX_IMPORTS)).toEqual([]);
  });

  it('runs before anything is installed: start, test and deploy import no package when they load', () => {
    const scripts = globSync(['scripts/{start,test,build,deploy}.mjs', 'scripts/lib/*.mjs'], { cwd: ROOT });
    const eager = scripts.flatMap((file) =>
      importsOf(ROOT, join(ROOT, file))
        .filter(
          ({ target, typeOnly, dynamic }) => !dynamic && !typeOnly && !/^(node:|scripts\/)/.test(target),
        )
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(scripts).toContain(join('scripts', 'start.mjs'));
    expect(eager).toEqual([]);
  });
});

describe('the configuration', () => {
  it('is the same for the server tests as for the real Worker, but for its pages and its paths', () => {
    const real = tomlSections(read('wrangler.toml'));
    const tested = tomlSections(read('tests/server/wrangler.test.toml'));
    expect(real.get('[vars]')).toContain('RACE_WINDOW_MS = "100"');
    real.delete('[assets]');
    expect(Object.fromEntries(tested)).toEqual(Object.fromEntries(real));
  });

  it('names no registry in the lock file', () => {
    const lock = read('package-lock.json');
    expect(lock).not.toContain('"resolved"');
    expect(lock).not.toMatch(/\.tgz"/);
  });

  it('names no folder of the machine that it was written on', () => {
    expect(projectFiles().filter((file) => namesMachine(read(file)))).toEqual([]);
  });
});

it('names no file on a written page that is not there', () => {
  const planted =
    '`src/lib/gone.ts`, `server/room`, [a link](gone.md), `*-words.ts`, room/gone.ts, `gone.json`';
  const files = projectFiles();
  expect(deadPaths('docs/planted.md', planted, files)).toEqual([
    'src/lib/gone.ts',
    'room/gone.ts',
    'gone.md',
  ]);
  const pages = files.filter((file) => /^(docs\/)?[^/]*\.md$/.test(file));
  expect(pages).toContain('ARCHITECTURE.md');
  const dead = pages.flatMap((page) =>
    deadPaths(page, read(page), files).map((path) => `${page} names ${path}`),
  );
  expect(dead).toEqual([]);
});

it('lets no name of a secret reach the browser', () => {
  // The build itself refuses such a bundle (scripts/lib/build.mjs); this looks at what lies there now.
  expect(secretsIn(join(ROOT, CLIENT_BUNDLE))).toEqual([]);
});

function serverFiles(): string[] {
  return sourceFiles(ROOT).filter((file) => file.startsWith('src/server/'));
}

/** Every file of the project: what is committed, and what may be. */
function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

/** The comment with which a file begins. */
function headerOf(file: string): string {
  return /^(\/\*\*[\s\S]*?\*\/|<!--[\s\S]*?-->)/.exec(read(file))?.[0] ?? '';
}

function constructorsOf(file: string): { file: string; lines: number }[] {
  return [...nodesOf(syntaxOf(join(ROOT, file)))]
    .filter((node) => ts.isConstructorDeclaration(node))
    .map((node) => ({ file, lines: node.getText().split('\n').length }));
}

function holdsSql(file: string): boolean {
  const literals = [...nodesOf(syntaxOf(join(ROOT, file)))].filter(
    (node) => ts.isStringLiteralLike(node) || ts.isTemplateHead(node),
  );
  return literals.some((node) => SQL.test(node.text));
}

/** Home folders, and this clone's own place unless that is the root of a disk. */
function namesMachine(text: string): boolean {
  const clone = ROOT.replace(/\/$/, '');
  return (
    /(?<![\w.])\/(home|Users|root)\/[\w.-]+/.test(text) || (clone.length > 1 && text.includes(`${clone}/`))
  );
}

/** Lines by section header; comments and what may differ are left out, sections of one name are joined. */
function tomlSections(text: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let header = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || /^(#|main\s*=|migrations_dir\s*=)/.test(line)) continue;
    if (/^\[+[\w.]+\]+$/.test(line)) header = line;
    else sections.set(header, [...(sections.get(header) ?? []), line]);
  }
  return sections;
}
