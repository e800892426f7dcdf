/**
 * One Worker on the local runtime. Its sockets and requests reach it without a hop: the runtime's own entry stays on
 * loopback and unused, and the public port leads to the front (front.mjs) inside of the Worker's own isolate.
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
 * @property {ReadonlyMap<string, string>} vars values that go before those of the configuration and of .dev.vars
 */

/** Where wrangler keeps local state within the folder that it is given; shows of either are found by the other. */
const STATE = 'v3';
/** Modules that run inside of the runtime. */
const FRONT_MODULE = new URL('./front.mjs', import.meta.url);
const MIGRATIONS_MODULE = new URL('./migrations.mjs', import.meta.url);
const FRONT = 'HostFront';
const ROUTER = 'HOST_ROUTER';

/**
 * Brings the databases up to date and starts the Worker; resolves when it can be asked.
 * @param {WorkerBundle} bundle
 * @param {Place} place
 */
export async function serve(bundle, place) {
  if (bundle.databases.length > 0) await migrate(bundle, place);
  const runtime = miniflare(place, {
    ...bundle.runtime,
    name: bundle.name,
    bindings: variables(bundle, place.vars),
    unsafeBindings: [
      ...(bundle.runtime.unsafeBindings ?? []),
      publicPort({ host: place.host, port: place.port, entrypoint: FRONT }),
    ],
    serviceBindings: {
      ...bundle.runtime.serviceBindings,
      // Bound to itself by name, a Worker with static files reaches the router that stands in front of them.
      ...(hasFiles(bundle) && { [ROUTER]: bundle.name }),
    },
    modules: modulesOf(bundle),
  });
  await runtime.ready;
}

/**
 * Before the Worker starts: an object that wakes by its alarm must not meet the tables of yesterday. By a Worker of its
 * own, because the runtime's bindings for Node would bring a second thread along.
 * @param {WorkerBundle} bundle
 * @param {Place} place
 * @throws {Stop} when a migration fails
 */
async function migrate({ name, runtime: { d1Databases }, databases }, place) {
  const worker = {
    name: `${name}-migrations`,
    modules: [module('migrations.js', readFileSync(MIGRATIONS_MODULE, 'utf8'))],
    d1Databases,
    bindings: {
      MIGRATIONS: databases.map(({ migrations, ...database }) => ({
        ...database,
        files: filesIn(migrations),
      })),
    },
  };
  const runtime = miniflare(place, worker);
  const answer = await runtime.dispatchFetch('http://migrations/');
  const words = await answer.text();
  await runtime.dispose();
  if (answer.ok) return;
  throw new Stop(`${words}\nThe database could not be brought up to date: the reason stands above.`);
}

/**
 * @param {string} folder
 * @returns {{ name: string, sql: string }[]} in the order of their names
 */
function filesIn(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }));
}

/**
 * @param {Place} place
 * @param {any} worker
 */
function miniflare({ persistTo }, worker) {
  return new Miniflare(
    convertV4MiniflareOptions({
      workers: [worker],
      resourcePersistencePath: join(persistTo, STATE),
      // No look-up of where this machine is.
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
  return [
    module('main.js', main),
    module('front.js', readFileSync(FRONT_MODULE, 'utf8')),
    module('worker.js', bundle.code),
  ];
}

/**
 * @param {string} path
 * @param {string} contents
 */
function module(path, contents) {
  return { type: 'ESModule', path, contents };
}

/**
 * The beginnings that patterns stand for. With a pattern of another form everything goes through the router, which
 * knows them all.
 * @param {string[]} patterns
 */
function beginnings(patterns) {
  const simple = patterns.every((pattern) => /^\/[^*!]*\/\*$/.test(pattern));
  return simple ? patterns.map((pattern) => pattern.slice(0, -1)) : [];
}

/** @param {WorkerBundle} bundle */
function hasFiles({ runtime }) {
  return 'assets' in runtime && runtime.assets !== undefined;
}

/**
 * @param {WorkerBundle} bundle
 * @param {ReadonlyMap<string, string>} given
 */
function variables({ vars, folder }, given) {
  return { ...vars, ...Object.fromEntries(devVars(folder)), ...Object.fromEntries(given) };
}

/** @param {string} folder */
function devVars(folder) {
  try {
    return parseDevVars(readFileSync(join(folder, '.dev.vars'), 'utf8'));
  } catch {
    // There need not be any: what is missing then, the Worker says itself.
    return new Map();
  }
}
