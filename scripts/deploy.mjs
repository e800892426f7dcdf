/**
 * `npm run deploy`: checks the configuration and secrets, builds, migrates the database and deploys to Cloudflare
 * (docs/deploy.md). Its dry run does what needs no account: the build, and the bundle as it would be uploaded.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPages, pagesBuilt } from './lib/build.mjs';
import { runTool, startTool } from './lib/child.mjs';
import { commandLine } from './lib/command-line.mjs';
import { configurationProblems, readDeployment, secretProblems } from './lib/deployable.mjs';
import { installPackages, packagesInstalled } from './lib/install.mjs';
import { live } from './lib/lifetime.mjs';
import { machineNode, refuseOldNode } from './lib/node.mjs';
import { ROOT, toolScript } from './lib/paths.mjs';
import { refusal } from './lib/server.mjs';
import { step } from './lib/step.mjs';
import { Stop } from './lib/stop.mjs';

const HELP = `npm run deploy -- [--dry-run]

  --dry-run   build and bundle everything, upload nothing; needs no account
  --help      this text
`;
/** Where the dry run leaves the bundle. */
const BUNDLE = join('artifacts', 'deploy');
const ENVIRONMENT = { WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };

await live(main);

async function main() {
  const { values } = commandLine(HELP, { options: { 'dry-run': { type: 'boolean', default: false } } });
  const isDry = values['dry-run'];
  refuseOldNode(machineNode());
  if (!packagesInstalled()) await step('Installing packages', installPackages);
  const deployment = readDeployment(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'));
  if (!isDry) await refuseUnready(deployment);
  if (!pagesBuilt()) await step('Building the pages', buildPages);
  await (isDry ? bundle(deployment) : deploy());
  return 0;
}

/** @param {import('./lib/deployable.mjs').Deployment} deployment */
async function bundle(deployment) {
  await step('Bundling the Worker', () => wrangler(['deploy', '--dry-run', '--outdir', BUNDLE]));
  if (!existsSync(join(ROOT, BUNDLE, 'worker.js')))
    throw new Stop(`The bundle is not in ${BUNDLE} as expected.`);
  console.log(`Nothing was uploaded; what would be is in ${BUNDLE}.`);
  for (const problem of configurationProblems(deployment))
    console.log(`Before a real deployment: ${problem}`);
}

/** @param {import('./lib/deployable.mjs').Deployment} deployment */
async function refuseUnready(deployment) {
  const names = await step('Reading the names of the secrets', secretNames);
  const problems = [...configurationProblems(deployment), ...secretProblems(names, deployment)];
  if (problems.length > 0)
    throw new Stop(`${problems.join('\n')}\nNothing was deployed; docs/deploy.md has the steps.`);
}

/** @returns {Promise<ReadonlySet<string>>} none when there is no such Worker yet */
async function secretNames() {
  const list = [toolScript('wrangler'), 'secret', 'list', '--format', 'json'];
  const { ended, lines } = startTool(list, { env: ENVIRONMENT });
  const code = await ended;
  const output = lines.join('\n');
  // Cloudflare's API answers with code 10007 when the Worker does not exist yet, before the first deployment.
  if (code !== 0 && output.includes('10007')) return new Set();
  if (code !== 0)
    throw new Stop(`${output}\nThe secrets could not be listed: sign in with \`npx wrangler login\`.`);
  return new Set([...output.matchAll(/"name":\s*"([^"]+)"/g)].map((match) => match[1] ?? ''));
}

async function deploy() {
  // Migrations run first, so that the new Worker never meets the old tables. They only ever add.
  await step('Bringing the remote database up to date', () =>
    wrangler(['d1', 'migrations', 'apply', 'DB', '--remote']),
  );
  const lines = await step('Deploying', () => wrangler(['deploy']));
  const url = /https:\/\/\S+\.workers\.dev/.exec(lines.join('\n'))?.[0];
  console.log(lines.join('\n'));
  if (url === undefined) {
    console.log('Open /api/health at the address of the Worker: it must answer 200.');
    return;
  }
  const answer = await fetch(`${url}/api/health`);
  if (answer.status !== 200) {
    throw new Stop(
      `${refusal(await answer.text(), answer.status)}\nIt is deployed but refuses its configuration: mend that, or go back with \`npx wrangler rollback\`.`,
    );
  }
  console.log(`${url} is up.`);
}

/** Runs wrangler to its end. @param {string[]} args @returns its output */
function wrangler(args) {
  const failure = `\`wrangler ${args.join(' ')}\` failed: the reason stands above.`;
  return runTool([toolScript('wrangler'), ...args], failure, ENVIRONMENT);
}
