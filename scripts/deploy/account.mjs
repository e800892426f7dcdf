/** Signing in, and what an account holds of one deployment. */
import { spawn } from 'node:child_process';
import { startTool } from '../lib/child.mjs';
import { toolEnvironment, toolNode } from '../lib/node.mjs';
import { ROOT, toolScript } from '../lib/paths.mjs';
import { Stop } from '../lib/stop.mjs';
import { connect, ifThere } from './api.mjs';

/** Wrangler's environment: no figures about its use, no banner. */
export const WRANGLER = { WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };
/** The class that a Worker of this program has, by which it is known. */
const OUR_CLASS = 'Room';

/**
 * What an account holds of a deployment.
 * @typedef {object} Found
 * @property {string | undefined} databaseId
 * @property {string | undefined} namespaceId
 * @property {string | undefined} subdomain of workers.dev, the whole account's
 * @property {{ id: string, hostname: string }[]} domains of this Worker
 * @property {DeployedWorker | undefined} worker
 */

/**
 * @typedef {object} DeployedWorker
 * @property {Set<string>} secrets names
 * @property {string} siteKey of Turnstile; empty without
 * @property {string} tag of the deployed version; empty when somebody else deployed it
 */

/**
 * Signs in: by CLOUDFLARE_API_TOKEN, by an earlier `wrangler login`, or by a new one where somebody can answer it.
 * @returns {Promise<import('./api.mjs').Api>}
 */
export async function signIn() {
  const given = process.env['CLOUDFLARE_API_TOKEN'];
  const token = given || (await wranglerToken()) || (await loginToken());
  if (!token)
    throw new Stop(
      'Nobody is signed in to Cloudflare: run this in a terminal, or set CLOUDFLARE_API_TOKEN. Nothing was changed.',
    );
  return connect(token);
}

/**
 * @param {import('./api.mjs').Api} api
 * @param {string | undefined} configured in wrangler.toml
 * @returns {Promise<string>} the account's id
 */
export async function accountId(api, configured) {
  const given = process.env['CLOUDFLARE_ACCOUNT_ID'] || configured;
  if (given) return given;
  const accounts = await api.list('/accounts');
  if (accounts.length === 1) return accounts[0].id;
  const lines = accounts.map(({ id, name }) => `  ${id}  ${name}`);
  throw new Stop(
    accounts.length === 0
      ? 'The token sees no account: set CLOUDFLARE_ACCOUNT_ID to the account’s id.'
      : `There are several accounts: set CLOUDFLARE_ACCOUNT_ID to one of them.\n${lines.join('\n')}`,
  );
}

/**
 * @param {import('./api.mjs').Api} api
 * @param {string} account id
 * @param {import('./configuration.mjs').Target} target
 * @param {string} [domain] that is asked for
 * @returns {Promise<Found>}
 * @throws {Stop} when the name or the domain serves something else, or a right is missing
 */
export async function lookUp(api, account, target, domain) {
  const at = `/accounts/${account}`;
  const [databases, namespaces, subdomain, domains, worker] = await Promise.all([
    api.list(`${at}/d1/database`),
    api.list(`${at}/storage/kv/namespaces`),
    ifThere(api.call(`${at}/workers/subdomain`)),
    api.call(`${at}/workers/domains`),
    deployedWorker(api, `${at}/workers/scripts/${target.name}`),
  ]);
  /** @type {{ id: string, hostname: string, service: string }[]} */
  const attached = domains;
  const holder = attached.find(({ hostname }) => hostname === domain)?.service ?? target.name;
  if (holder !== target.name)
    throw new Stop(`${domain} serves the Worker ${holder}: detach it there first. Nothing was changed.`);
  // By the id of wrangler.toml when this account has it, by name otherwise: a fork's file may name those of another account.
  const database =
    databases.find(({ uuid }) => uuid === target.databaseId) ??
    databases.find(({ name }) => name === target.database);
  const namespace =
    namespaces.find(({ id }) => id === target.namespaceId) ??
    namespaces.find(({ title }) => title === target.namespace);
  return {
    databaseId: database?.uuid,
    namespaceId: namespace?.id,
    subdomain: subdomain?.subdomain,
    domains: attached.filter(({ service }) => service === target.name),
    worker,
  };
}

/**
 * @param {import('./api.mjs').Api} api
 * @param {string} at path of the Worker
 * @returns {Promise<DeployedWorker | undefined>}
 */
async function deployedWorker(api, at) {
  const settings = await ifThere(api.call(`${at}/settings`));
  if (settings === undefined) return undefined;
  /** @type {any[]} */
  const bindings = settings.bindings ?? [];
  const isOurs = bindings.some(({ class_name }) => class_name === OUR_CLASS);
  // Workers Builds may make the Worker, with its secrets, before this command runs for the first time.
  if (!isOurs && !process.env['WORKERS_CI'])
    throw new Stop(
      'The account has a Worker of this name that is not this program. Nothing was changed: choose another --name.',
    );
  const { deployments } = await api.call(`${at}/deployments`);
  const versions = deployments[0]?.versions ?? [];
  const version = versions.length === 1 ? await api.call(`${at}/versions/${versions[0].version_id}`) : {};
  return {
    secrets: new Set(bindings.filter(({ type }) => type === 'secret_text').map(({ name }) => name)),
    siteKey: bindings.find(({ name }) => name === 'TURNSTILE_SITE_KEY')?.text ?? '',
    tag: version.annotations?.['workers/tag'] ?? '',
  };
}

/** @returns {Promise<string | undefined>} of an earlier `wrangler login`, renewed when it had to be */
async function wranglerToken() {
  const { ended, lines } = startTool([toolScript('wrangler'), 'auth', 'token', '--json'], { env: WRANGLER });
  if ((await ended) !== 0) return undefined;
  return /"token":\s*"([^"]+)"/.exec(lines.join('\n'))?.[1];
}

/** Lets wrangler sign in through the browser. @returns {Promise<string | undefined>} nothing without a terminal */
async function loginToken() {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const node = toolNode();
  // On this very terminal, because it shows an address and waits.
  const child = spawn(node, [toolScript('wrangler'), 'login'], {
    cwd: ROOT,
    env: toolEnvironment(node, WRANGLER),
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => child.on('close', resolve).on('error', () => resolve(1)));
  return code === 0 ? wranglerToken() : undefined;
}
