/** The parts of a deployment that are made here: the pages, the bundle of a dry run, and whatever wrangler does. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPages, pagesBuilt } from '../lib/build.mjs';
import { runTool } from '../lib/child.mjs';
import { ensureFolder } from '../lib/folder.mjs';
import { inTurn } from '../lib/lock.mjs';
import { ROOT, toolScript } from '../lib/paths.mjs';
import { step } from '../lib/step.mjs';
import { Stop } from '../lib/stop.mjs';
import { WRANGLER } from './account.mjs';
import { lacks } from './api.mjs';
import { folderOf, writeConfig } from './configuration.mjs';

/** Where the dry run leaves the bundle. */
const BUNDLE = join('artifacts', 'deploy');

/** Builds the pages, unless another command of this clone does so meanwhile: then waits for it. */
export function buildInTurn() {
  ensureFolder(join(ROOT, '.wrangler'));
  return inTurn(
    join(ROOT, '.wrangler', 'prepare.lock'),
    async () => {
      if (!pagesBuilt()) await buildPages();
    },
    (pid) => console.log(`Process ${pid} is preparing this clone; waiting for it …`),
  );
}

/**
 * Builds and bundles everything, and uploads nothing.
 * @param {import('./configuration.mjs').Config} config
 * @param {import('./configuration.mjs').Target} target
 * @param {string} siteKey
 */
export async function dryRun(config, target, siteKey) {
  if (!pagesBuilt()) await step('Building the pages', buildInTurn);
  const { name, database, databaseId, namespaceId } = target;
  const filling = { name, database, databaseId, namespaceId, siteKey, hasDomain: false };
  const file = writeConfig(folderOf('none', name), config, filling);
  const outdir = join(ROOT, BUNDLE);
  await step('Bundling the Worker', () =>
    runWrangler('', ['deploy', '--dry-run', '--outdir', outdir, '--config', file]),
  );
  if (!existsSync(join(outdir, 'worker.js'))) throw new Stop(`The bundle is not in ${BUNDLE} as expected.`);
  console.log(`Nothing was uploaded; what would be is in ${BUNDLE}.`);
  return 0;
}

/**
 * Runs wrangler to its end.
 * @param {string} account id
 * @param {string[]} args
 * @throws {Stop} with what it said
 */
export async function runWrangler(account, args) {
  const env = { ...WRANGLER, ...(account && { CLOUDFLARE_ACCOUNT_ID: account }) };
  const failure = `\`wrangler ${args.slice(0, 3).join(' ')}\` failed: the reason stands above.`;
  try {
    await runTool([toolScript('wrangler'), ...args], failure, env);
  } catch (error) {
    const isRight = error instanceof Stop && /\[code: (10000|9109)\]/.test(error.message);
    if (isRight)
      throw new Stop(`${error.message}\n${lacks(args[0] === 'd1' ? 'D1: Edit' : 'Workers Scripts: Edit')}`);
    throw error;
  }
}
