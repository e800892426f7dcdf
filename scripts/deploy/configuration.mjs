/**
 * The configuration that wrangler deploys: wrangler.toml of the clone, with the names and ids of one account. It is made
 * anew for each run and kept out of the repository, so that nobody edits a file and nothing of an account is committed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ensureFolder } from '../lib/folder.mjs';
import { ROOT } from '../lib/paths.mjs';

/**
 * As much of wrangler.toml as a deployment reads or replaces.
 * @typedef {{
 *   name: string, main: string, account_id?: string, assets: { directory: string }, vars: Record<string, string>,
 *   d1_databases: { database_name?: string, database_id?: string, migrations_dir: string }[],
 *   kv_namespaces: { id?: string }[],
 * } & Record<string, unknown>} Config
 */

/**
 * What a deployment is called in its account, and the ids that wrangler.toml gives: empty when there is none, or a
 * placeholder of zeros.
 * @typedef {object} Target
 * @property {string} name of the Worker
 * @property {string} database name
 * @property {string} databaseId
 * @property {string} namespace title
 * @property {string} namespaceId
 */

/**
 * What an account gives to the configuration.
 * @typedef {object} Filling
 * @property {string} name of the Worker
 * @property {string} database name
 * @property {string} databaseId empty for a bundle that goes nowhere
 * @property {string} namespaceId the same
 * @property {string} siteKey of Turnstile; empty without
 * @property {boolean} hasDomain a domain of its own, and none of workers.dev
 */

/** @returns {Promise<Config>} wrangler.toml of the clone */
export async function readConfig() {
  // When it is needed: this command may have to install it first.
  const { parse } = await import('smol-toml');
  return /** @type {any} */ (parse(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')));
}

/**
 * @param {Config} config
 * @param {string | undefined} asked name that was asked for
 * @param {string | undefined} [builder] name that Workers Builds gives to the Worker of this repository
 * @returns {Target}
 */
export function targetOf(config, asked, builder) {
  const database = config.d1_databases[0];
  const name = asked ?? builder ?? config.name;
  // Another name is another site, which shares neither database nor sessions with the one that the file describes.
  const isOther = asked !== undefined && asked !== config.name;
  return {
    name,
    database: isOther ? name : (database?.database_name ?? name),
    databaseId: isOther ? '' : real(database?.database_id),
    namespace: `${name}-sessions`,
    namespaceId: isOther ? '' : real(config.kv_namespaces[0]?.id),
  };
}

/**
 * @param {Config} config
 * @param {Filling} filling
 * @param {string} toRoot relative path from the folder of the new file to the clone
 * @returns {Config}
 */
export function filledConfig(config, filling, toRoot) {
  const { name, database, databaseId, namespaceId, siteKey, hasDomain } = filling;
  const fromRoot = (/** @type {string} */ path) => `${toRoot}/${path}`;
  return {
    ...config,
    name,
    main: fromRoot(config.main),
    workers_dev: !hasDomain,
    preview_urls: false,
    assets: { ...config.assets, directory: fromRoot(config.assets.directory) },
    vars: { ...config.vars, TURNSTILE_SITE_KEY: siteKey },
    d1_databases: config.d1_databases.map(({ database_id: _, ...each }) => ({
      ...each,
      database_name: database,
      ...(databaseId && { database_id: databaseId }),
      migrations_dir: fromRoot(each.migrations_dir),
    })),
    kv_namespaces: config.kv_namespaces.map(({ id: _, ...each }) => ({
      ...each,
      ...(namespaceId && { id: namespaceId }),
    })),
  };
}

/**
 * The folder of a deployment: its configuration, and for a moment its secrets.
 * @param {string} account id
 * @param {string} name of the Worker
 */
export function folderOf(account, name) {
  return join(ROOT, '.wrangler', 'deployments', account, name);
}

/**
 * Writes the configuration into its folder.
 * @param {string} folder
 * @param {Config} config of the clone
 * @param {Filling} filling
 * @returns {string} path of the file
 */
export function writeConfig(folder, config, filling) {
  ensureFolder(folder);
  const file = join(folder, 'wrangler.json');
  const toRoot = relative(folder, ROOT).split(sep).join('/');
  writeFileSync(file, JSON.stringify(filledConfig(config, filling, toRoot), undefined, 2));
  return file;
}

/** @param {string | undefined} id @returns {string} empty for a placeholder */
function real(id = '') {
  return /^[0-]*$/.test(id) ? '' : id;
}
