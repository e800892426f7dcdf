/**
 * `npm run deploy`: from an account with nothing in it to a site that answers, with one command (docs/deploy.md). The
 * account is the only memory: what is there is found by its name, what is missing is made, and what is deployed already
 * is left alone. So a call after a stop, of whatever kind, goes on where the last one ended.
 */
import { createHash, randomBytes } from 'node:crypto';
import { accountId, lookUp, signIn } from './deploy/account.mjs';
import { folderOf, readConfig, targetOf, writeConfig } from './deploy/configuration.mjs';
import { destroy } from './deploy/destroy.mjs';
import { parseDeployOptions, refuseTestKey } from './deploy/options.mjs';
import { Progress } from './deploy/progress.mjs';
import { collectSecrets } from './deploy/secrets.mjs';
import { askHealth, sayAddress } from './deploy/site.mjs';
import { buildInTurn, dryRun, runWrangler } from './deploy/wrangler.mjs';
import { signInLink } from './lib/banner.mjs';
import { pagesBuilt, sourcesDigest } from './lib/build.mjs';
import { installPackages, packagesInstalled } from './lib/install.mjs';
import { live } from './lib/lifetime.mjs';
import { machineNode, refuseOldNode } from './lib/node.mjs';
import { step } from './lib/step.mjs';

/** Characters of the digest by which a deployed version is known again: a version's tag is short. */
const TAG_LENGTH = 24;

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
  const at = `/accounts/${account}`;
  const folder = folderOf(account, target.name);
  const found = await step(`Looking at what the account has of ${target.name}`, () =>
    lookUp(api, account, target, options.domain),
  );
  if (options.destroys) return destroy(api, at, target, found, folder);

  const { worker } = found;
  const domain = options.domain ?? found.domains[0]?.hostname;
  const kept = worker?.secrets.has('TURNSTILE_SECRET_KEY') ? worker.siteKey : '';
  const siteKey = options.turnstile ?? (given || kept);
  const { pending, secrets } = await collectSecrets(folder, siteKey, worker);
  const subdomain = found.subdomain ?? `show-${randomBytes(4).toString('hex')}`;
  const url = `https://${domain ?? `${target.name}.${subdomain}.workers.dev`}`;

  const ids = { database: found.databaseId ?? '', namespace: found.namespaceId ?? '' };
  const configFile = () =>
    writeConfig(folder, config, {
      name: target.name,
      database: target.database,
      databaseId: ids.database,
      namespaceId: ids.namespace,
      siteKey,
      hasDomain: domain !== undefined,
    });
  const tag = () => tagOf([ids.database, ids.namespace, siteKey, domain ?? '', target.name]);
  const wrangler = (/** @type {string[]} */ ...args) =>
    runWrangler(account, [...args, '--config', configFile()]);

  const database = `the database ${target.database}`;
  const namespace = `the namespace ${target.namespace}`;
  const theWorker = `the Worker ${target.name} with its secrets`;
  const isAttached = found.domains.some(({ hostname }) => hostname === domain);
  const isUploaded = worker !== undefined && worker.tag === tag() && Object.keys(secrets).length === 0;

  const progress = new Progress();
  if (found.databaseId) progress.found(database);
  if (found.namespaceId) progress.found(namespace);
  if (isUploaded) progress.found(theWorker);
  else if (worker) progress.found(`an older version of the Worker ${target.name}`);
  for (const { hostname } of found.domains) progress.found(`the domain ${hostname}`);
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      isStopped = true;
      console.error(`\nStopped.\n\n${progress.words()}`);
    });

  /** @type {[needed: boolean, task: import('./deploy/progress.mjs').Task][]} */
  const tasks = [
    [
      !isUploaded && !pagesBuilt(),
      { title: 'Building the pages', makes: 'the pages, built here', work: buildInTurn },
    ],
    [
      !found.databaseId,
      {
        title: 'Making the database',
        makes: database,
        work: async () => {
          ids.database = (await api.call(`${at}/d1/database`, 'POST', { name: target.database })).uuid;
        },
      },
    ],
    [
      !found.namespaceId,
      {
        title: 'Making the namespace of the sessions',
        makes: namespace,
        work: async () => {
          const made = await api.call(`${at}/storage/kv/namespaces`, 'POST', { title: target.namespace });
          ids.namespace = made.id;
        },
      },
    ],
    [
      // A name of the whole account, which must be nobody else's, so it is drawn; the dashboard can change it.
      !found.subdomain && domain === undefined,
      {
        title: 'Making the account’s name below workers.dev',
        makes: `${subdomain}.workers.dev`,
        work: () => api.call(`${at}/workers/subdomain`, 'PUT', { subdomain }),
      },
    ],
    [
      // Before the Worker, so that a new one never meets old tables. Migrations only ever add, so the old one stays whole.
      !isUploaded,
      {
        title: 'Bringing the database up to date',
        makes: 'the tables, up to date',
        work: () => wrangler('d1', 'migrations', 'apply', 'DB', '--remote'),
      },
    ],
    [
      !isUploaded,
      {
        title: 'Uploading the Worker and its pages',
        makes: theWorker,
        work: async () => {
          const file = pending.write(secrets);
          await wrangler('deploy', '--tag', tag(), '--secrets-file', file);
          // A wrangler that is stopped may end as if all were well, with nothing uploaded.
          if (isStopped) return;
          pending.forget();
          const token = secrets['DEBUG_TOKEN'];
          if (token)
            progress.note(
              `\nPresenter, open this link to sign in. Keep it; it is not shown again:\n  ${signInLink(url, token)}`,
            );
        },
      },
    ],
    [
      domain !== undefined && !isAttached,
      {
        title: `Attaching ${domain}`,
        makes: `the domain ${domain}`,
        work: () =>
          api.call(`${at}/workers/domains`, 'PUT', {
            hostname: domain,
            service: target.name,
            environment: 'production',
          }),
      },
    ],
  ];
  const needed = tasks.flatMap(([isNeeded, task]) => (isNeeded ? [task] : []));
  if (needed.length === 0) console.log('Nothing has changed since the last deployment.');
  await progress.run([
    ...needed,
    { title: `Asking ${url}/api/health`, makes: 'a site that answers', work: () => askHealth(url) },
  ]);
  await sayAddress(url, progress.notes);
  return 0;
}

/** @param {string[]} settings beside the sources @returns the tag of the version that these make */
function tagOf(settings) {
  const hash = createHash('sha256').update(sourcesDigest()).update(JSON.stringify(settings));
  return hash.digest('hex').slice(0, TAG_LENGTH);
}
