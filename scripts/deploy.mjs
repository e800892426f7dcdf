/**
 * `npm run deploy`: from an account with nothing in it to a site that answers, with one command (docs/deploy.md). The
 * account is the only memory: what is there is found by its name, what is missing is made, and what is deployed already
 * is left alone. So a call after a stop, of whatever kind, goes on where the last one ended.
 */
import { accountId, lookUp, signIn } from './deploy/account.mjs';
import { folderOf, readConfig, targetOf } from './deploy/configuration.mjs';
import { Deployment } from './deploy/deployment.mjs';
import { destroy } from './deploy/destroy.mjs';
import { parseDeployOptions, refuseTestKey } from './deploy/options.mjs';
import { askHealth, sayAddress } from './deploy/site.mjs';
import { dryRun } from './deploy/wrangler.mjs';
import { installPackages, packagesInstalled } from './lib/install.mjs';
import { live } from './lib/lifetime.mjs';
import { machineNode, refuseOldNode } from './lib/node.mjs';
import { step } from './lib/step.mjs';

await live(main);

async function main() {
  const options = parseDeployOptions(process.argv.slice(2));
  refuseOldNode(machineNode());
  if (!packagesInstalled()) await step('Installing packages', installPackages);
  const config = await readConfig();
  const target = targetOf(config, options.name, process.env['WRANGLER_CI_OVERRIDE_NAME']);
  const given = config.vars['TURNSTILE_SITE_KEY'];
  if (given) refuseTestKey(given, 'TURNSTILE_SITE_KEY in wrangler.toml');
  if (options.isDry) return dryRun(config, target, options.turnstile ?? given ?? '');

  const api = await signIn();
  const account = await accountId(api, config.account_id);
  const folder = folderOf(account, target.name);
  const found = await step(`Looking at what the account has of ${target.name}`, () =>
    lookUp(api, account, target, options.domain),
  );
  if (options.destroys) return destroy(api, `/accounts/${account}`, target, found, folder);

  const deployment = await Deployment.of({ api, account, config, target, folder, found, options });
  const { progress, url } = deployment;
  const tasks = deployment.tasks();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      deployment.isStopped = true;
      console.error(`\nStopped.\n\n${progress.words()}`);
    });
  if (tasks.length === 0) console.log('Nothing has changed since the last deployment.');
  await progress.run([
    ...tasks,
    { title: `Asking ${url}/api/health`, makes: 'a site that answers', work: () => askHealth(url) },
  ]);
  await sayAddress(url, progress.notes);
  return 0;
}
