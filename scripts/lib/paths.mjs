/** Places of the clone that the commands share, as absolute paths. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where a start keeps its shows unless told otherwise; relative to the clone. */
export const DEFAULT_STATE = join('.wrangler', 'state');
/** What the adapter makes of the pages; the Worker imports it. */
export const BUILT_PAGES = join('.svelte-kit', 'cloudflare', '_worker.js');

/**
 * The script behind a package's command: children run through it, so that no shell and no PATH decides what starts.
 * @param {'wrangler' | 'vite' | 'svelte-kit' | 'vitest' | 'eslint' | 'prettier' | 'tsc' | 'svelte-check' | 'knip' | 'wuchale' | 'playwright'} tool
 * @param {string} [root] the clone
 */
export function toolScript(tool, root = ROOT) {
  return join(root, 'node_modules', TOOLS[tool]);
}

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
