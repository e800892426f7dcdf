/**
 * Writes a Worker's configuration into a file as options of the runtime's API. Wrangler itself reads wrangler.toml, so that
 * nothing of it is repeated here. A process of its own, because wrangler is large and needed only for a moment. Secrets
 * stay out of the file.
 */
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler';

/**
 * A database as the configuration names it (wrangler's own type comes without its parts).
 * @typedef {{ binding: string, migrations_dir?: string, migrations_table?: string }} D1Database
 */

const [configPath = '', outFile = ''] = process.argv.slice(2);
const config = unstable_readConfig({ config: configPath });
const folder = dirname(configPath);
/** @type {D1Database[]} */
const databases = config.d1_databases;
const runtime = { ...unstable_getMiniflareWorkerOptions(config).workerOptions };
// Without variables: these contain the secrets of .dev.vars. They are taken from the configuration below.
delete runtime.bindings;
// For a Worker that is not bundled.
delete runtime.modulesRules;

/** @type {import('./bundle.mjs').WorkerOptions} */
const options = {
  name: config.name ?? 'worker',
  folder,
  vars: config.vars,
  workerFirst: Array.isArray(config.assets?.run_worker_first) ? config.assets.run_worker_first : [],
  runtime: /** @type {import('miniflare').V4WorkerOptions} */ (runtime),
  databases: databases.flatMap(({ binding, migrations_dir, migrations_table = 'd1_migrations' }) =>
    migrations_dir === undefined
      ? []
      : [{ binding, migrations: resolve(folder, migrations_dir), table: migrations_table }],
  ),
};
writeFileSync(outFile, JSON.stringify(options));
