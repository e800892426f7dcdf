/**
 * Runs one Worker on the local runtime. Requests reach it without another process: the runtime's own entry stays unused on
 * loopback, and the public port leads to front.mjs in the Worker's own isolate.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { parseDevVars } from '../lib/dev-vars.mjs';
import { Stop } from '../lib/stop.mjs';
import { publicPort } from './public-port.mjs';

/** @typedef {import('./bundle.mjs').WorkerBundle} WorkerBundle */

/**
 * @typedef {object} Place
 * @property {string} host
 * @property {number} port
 * @property {string} persistTo absolute path
 * @property {Record<string, string>} vars values that go before those of the configuration and of .dev.vars
 * @property {(() => string | null) | undefined} [publicAddress] the origin of its tunnel now; null while that is down
 */

/** Subfolder in which wrangler keeps local state; the same here, so that both find each other's shows. */
const STATE = 'v3';
/** Modules that run in the runtime. */
const FRONT_MODULE = new URL('./front.mjs', import.meta.url);
const MIGRATIONS_MODULE = new URL('./migrations.mjs', import.meta.url);
const FRONT = 'HostFront';
const ROUTER = 'HOST_ROUTER';
/** The Worker asks by this binding (src/server/env.ts): the address changes while it runs. */
const PUBLIC_ADDRESS = 'PUBLIC_ADDRESS';

/**
 * Brings the databases up to date and starts the Worker; resolves when it can be asked.
 * @param {WorkerBundle} bundle
 * @param {Place} place
 */
export async function serve(bundle, place) {
  const { publicAddress } = place;
  if (bundle.databases.length > 0) await migrate(bundle, place);
  const runtime = miniflare(place, {
    ...bundle.runtime,
    name: bundle.name,
    bindings: { ...bundle.vars, ...devVars(bundle.folder), ...place.vars },
    unsafeBindings: [
      ...(bundle.runtime.unsafeBindings ?? []),
      publicPort({ host: place.host, port: place.port, entrypoint: FRONT }),
    ],
    serviceBindings: {
      ...bundle.runtime.serviceBindings,
      // Bound to itself by name, a Worker with static files reaches the router that stands in front of them.
      ...(hasFiles(bundle) && { [ROUTER]: bundle.name }),
      ...(publicAddress && { [PUBLIC_ADDRESS]: () => Response.json(publicAddress()) }),
    },
    modules: modulesOf(bundle),
  });
  await runtime.ready;
}

/**
 * Migrates the databases before the Worker starts, because an object woken by its alarm must not meet old tables. A Worker
 * does it, because the runtime's bindings for Node would start a second thread.
 * @param {WorkerBundle} bundle
 * @param {Place} place
 * @throws {Stop} when a migration fails
 */
async function migrate({ name, runtime: { d1Databases }, databases }, place) {
  const worker = {
    name: `${name}-migrations`,
    modules: [{ type: 'ESModule', path: 'migrations.js', contents: readFileSync(MIGRATIONS_MODULE, 'utf8') }],
    d1Databases,
    bindings: {
      MIGRATIONS: databases.map(({ migrations: folder, ...database }) => {
        const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
        const sqlOf = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8');
        return { ...database, files: names.sort().map((name) => ({ name, sql: sqlOf(name) })) };
      }),
    },
  };
  const runtime = miniflare(place, worker);
  const answer = await runtime.dispatchFetch('http://migrations/');
  const words = await answer.text();
  await runtime.dispose();
  if (answer.ok) return;
  throw new Stop(`${words}\nThe database could not be brought up to date: the reason stands above.`);
}

/** @param {Place} place @param {any} worker */
function miniflare({ persistTo }, worker) {
  return new Miniflare(
    convertV4MiniflareOptions({
      workers: [worker],
      resourcePersistencePath: join(persistTo, STATE),
      // Without a request for this machine's location.
      cf: false,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      handleStructuredLogs: ({ level, message }) =>
        level === 'error' || level === 'warn' ? console.error(message) : console.log(message),
    }),
  );
}

/** @param {WorkerBundle} bundle */
function modulesOf(bundle) {
  const front = {
    router: hasFiles(bundle) ? ROUTER : null,
    workerFirst: beginnings(bundle.workerFirst),
  };
  const main = `import worker from './worker.js';
import { frontOf } from './front.js';
export * from './worker.js';
export { default } from './worker.js';
export const ${FRONT} = frontOf(worker, ${JSON.stringify(front)});`;
  const type = 'ESModule';
  return [
    { type, path: 'main.js', contents: main },
    { type, path: 'front.js', contents: readFileSync(FRONT_MODULE, 'utf8') },
    { type, path: 'worker.js', contents: bundle.code },
  ];
}

/**
 * The path prefixes of patterns that end in `*`. With any other pattern everything goes through the router, which knows all
 * forms.
 * @param {string[]} patterns
 */
function beginnings(patterns) {
  const simple = patterns.every((pattern) => /^\/[^*!]*\/\*$/.test(pattern));
  return simple ? patterns.map((pattern) => pattern.slice(0, -1)) : [];
}

/** @param {WorkerBundle} bundle */
const hasFiles = ({ runtime }) => 'assets' in runtime && runtime.assets !== undefined;

/** @param {string} folder */
function devVars(folder) {
  try {
    return Object.fromEntries(parseDevVars(readFileSync(join(folder, '.dev.vars'), 'utf8')));
  } catch {
    // The file may be missing; the Worker itself names the secrets that it lacks.
    return {};
  }
}
