/** Builds the pages when one of their sources has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { runTool } from './child.mjs';
import { ensureFolder } from './folder.mjs';
import { BUILT_PAGES, ROOT, toolScript } from './paths.mjs';
import { Stop } from './stop.mjs';

/** Sources of the pages. */
const SOURCES = [
  'src',
  'static',
  '_headers',
  'svelte.config.js',
  'svelte.adapter.toml',
  'vite.config.ts',
  'wuchale.config.js',
  'tsconfig.json',
  'tsconfig.base.json',
  'package.json',
  'package-lock.json',
];
/** Generated from the catalogues of texts, which are sources themselves. */
const GENERATED = [join('src', 'lib', 'language', '.wuchale'), join('src', 'lib', 'language', 'data.js')];
// The Worker's own sources: wrangler bundles them at each start, no page may import them.
const NOT_PAGES = [join('src', 'server'), ...GENERATED];
const STAMP = join('.svelte-kit', 'pages.stamp');
/** Where the build leaves what browsers load. */
export const CLIENT_BUNDLE = join('.svelte-kit', 'output', 'client');
const SECRET_NAMES = ['DEBUG_TOKEN', 'SESSION_SECRET', 'TURNSTILE_SECRET_KEY'];

/**
 * A digest of the names and contents of files and folders.
 * @param {string} root
 * @param {string[]} sources files and folders below it; missing ones count as such
 * @param {string[]} [except] folders below it that do not count
 * @returns {string} hex
 */
export function digest(root, sources, except = []) {
  const hash = createHash('sha256');
  /** @param {string} path */
  const add = (path) => {
    const name = relative(root, path);
    if (except.includes(name)) return;
    if (!existsSync(path)) {
      hash.update(`${name}\0missing\0`);
    } else if (statSync(path).isDirectory()) {
      for (const entry of readdirSync(path).sort()) add(join(path, entry));
    } else {
      const content = readFileSync(path);
      hash.update(`${name.split(sep).join('/')}\0${content.length}\0`).update(content);
    }
  };
  for (const source of sources) add(join(root, source));
  return hash.digest('hex');
}

/** @returns {boolean} whether the pages are built from the sources as they are now */
export function pagesBuilt() {
  const stamp = join(ROOT, STAMP);
  if (!existsSync(join(ROOT, BUILT_PAGES)) || !existsSync(stamp)) return false;
  return readFileSync(stamp, 'utf8') === digest(ROOT, SOURCES, NOT_PAGES);
}

/** @returns {string} a digest of all that a deployment is made of, but for its configuration */
export function sourcesDigest() {
  return digest(ROOT, [...SOURCES, 'migrations'], GENERATED);
}

/**
 * Builds the pages.
 * @throws {Stop} when they do not build
 */
export async function buildPages() {
  const stamp = join(ROOT, STAMP);
  ensureFolder(dirname(stamp));
  rmSync(stamp, { force: true });
  // The digest is taken before the build, so that a source that changes meanwhile is built next time.
  const sources = digest(ROOT, SOURCES, NOT_PAGES);
  const failure = 'The pages could not be built: the reason stands above.';
  // Tests build for production too: they test what is deployed.
  await runTool([toolScript('vite'), 'build', '--logLevel', 'warn'], failure, { NODE_ENV: 'production' });
  if (!existsSync(join(ROOT, BUILT_PAGES))) throw new Stop(failure);
  const leaks = secretsIn(join(ROOT, CLIENT_BUNDLE));
  if (leaks.length > 0)
    throw new Stop(`${leaks.join('\n')}\nBrowsers would get what only the server may know.`);
  writeFileSync(stamp, sources);
}

/**
 * Finds names of the server's secrets in the files that browsers load; SvelteKit guards `$lib/server` only, not src/server.
 * @param {string} folder what browsers load
 * @returns {string[]} a line for each file and the secret that it names
 */
export function secretsIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8');
      return SECRET_NAMES.filter((name) => text.includes(name)).map((name) => `${path} names ${name}`);
    });
}
