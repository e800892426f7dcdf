/** Paths in the clone that several commands use. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Default folder of the shows, relative to the clone. */
export const DEFAULT_STATE = join('.wrangler', 'state');
/** Output of SvelteKit's adapter, which the Worker imports. */
export const BUILT_PAGES = join('.svelte-kit', 'cloudflare', '_worker.js');

/** @type {Record<string, string>} */
const TOOLS = {
  wrangler: 'wrangler/bin/wrangler.js',
  vite: 'vite/bin/vite.js',
  'svelte-kit': '@sveltejs/kit/svelte-kit.js',
  vitest: 'vitest/vitest.mjs',
  eslint: 'eslint/bin/eslint.js',
  prettier: 'prettier/bin/prettier.cjs',
  tsc: 'typescript/bin/tsc',
  'svelte-check': 'svelte-check/bin/svelte-check',
  knip: 'knip/bin/knip.js',
  wuchale: 'wuchale/dist/cli/index.js',
  playwright: 'playwright-core/cli.js',
};

/**
 * The script of a package's command. Children run it directly, so that neither a shell nor PATH decides what starts.
 * @param {string} tool
 * @param {string} [root] the clone
 */
export function toolScript(tool, root = ROOT) {
  const script = TOOLS[tool];
  if (script === undefined) throw new Error(`There is no tool ${tool}.`);
  return join(root, 'node_modules', script);
}
