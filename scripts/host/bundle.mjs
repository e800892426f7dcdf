/**
 * A Worker as wrangler would deploy it: bundled by wrangler, with the bindings of its configuration. The bundle is cached in
 * one file until one of its inputs changes, because loading wrangler takes a second.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest } from '../lib/build.mjs';
import { spawnToEnd } from '../lib/child.mjs';
import { ensureFolder } from '../lib/folder.mjs';
import { ROOT, toolScript } from '../lib/paths.mjs';
import { Stop } from '../lib/stop.mjs';

/** Where bundles are kept, relative to the folder of their configuration. */
const BUNDLES = join('.wrangler', 'bundles');
const META = 'bundle-meta.json';
/** Files beside the code in wrangler's output. */
const BESIDE_CODE = /^(bundle-meta\.json|README\.md)$|\.map$/;
const READER = fileURLToPath(new URL('./options.mjs', import.meta.url));
/** Inputs of a bundle besides the Worker's own sources. */
const MAKERS = [join(ROOT, 'package-lock.json'), READER, fileURLToPath(import.meta.url)];
/** Wrangler's environment: no network requests, no log files, no banner. */
const ENVIRONMENT = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  // Tests bundle for production too: they test what is deployed.
  NODE_ENV: 'production',
};

/**
 * @typedef {object} Database
 * @property {string} binding
 * @property {string} migrations folder, absolute
 * @property {string} table that keeps the names of the migrations that were applied
 */

/**
 * What wrangler reads from a configuration.
 * @typedef {object} WorkerOptions
 * @property {string} name of the Worker: part of where the runtime keeps its objects
 * @property {string} folder of the configuration, absolute
 * @property {Record<string, unknown>} vars
 * @property {string[]} workerFirst patterns of the paths that the Worker gets before static files are looked for
 * @property {import('miniflare').V4WorkerOptions} runtime bindings and compatibility in the runtime's words; no secrets
 * @property {Database[]} databases
 */

/** @typedef {WorkerOptions & { code: string }} WorkerBundle the code is one module */

/** @typedef {{ inputs: string[], digest: string, bundle: WorkerBundle }} Kept */

/**
 * @param {string} config absolute path of a wrangler.toml
 * @returns {Promise<WorkerBundle>}
 * @throws {Stop} with wrangler's reasons when there can be none
 */
export async function workerBundle(config) {
  const file = join(dirname(config), BUNDLES, `${basename(config)}.json`);
  /** @type {Kept | undefined} */
  const kept = readJson(file);
  // A copied clone contains the original's bundle, whose inputs name the original's files.
  const ours = kept?.bundle.folder === dirname(config);
  if (kept && ours && kept.digest === digest(ROOT, kept.inputs)) return kept.bundle;
  const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-bundle-'));
  try {
    const beganMs = Date.now();
    const { inputs, bundle } = await make(config, folder);
    // An input that changed meanwhile may be in the bundle or not, so the bundle is not cached.
    if (inputs.every((input) => statSync(join(ROOT, input)).mtimeMs < beganMs)) {
      ensureFolder(dirname(file));
      // Written by renaming, so that a concurrent start reads the old bundle or the new one, never a part.
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify({ inputs, digest: digest(ROOT, inputs), bundle }));
      renameSync(draft, file);
    }
    return bundle;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} config
 * @param {string} folder to be written to
 * @returns {Promise<{ inputs: string[], bundle: WorkerBundle }>} inputs relative to the clone
 */
async function make(config, folder) {
  const out = join(folder, 'out');
  const optionsFile = join(folder, 'options.json');
  const deploy = ['deploy', '--dry-run', '--metafile', '--config', config, '--outdir', out];
  const commands = [
    [toolScript('wrangler'), ...deploy],
    [READER, config, optionsFile],
  ];
  const env = { ...process.env, ...ENVIRONMENT };
  const ends = await Promise.all(commands.map((command) => spawnToEnd(process.execPath, command, env)));
  const failure = ends.find(({ code }) => code !== 0);
  if (failure) throw new Stop(`${failure.output}\nThe Worker could not be built: the reason stands above.`);
  const [code = '', ...others] = readdirSync(out).filter((name) => !BESIDE_CODE.test(name));
  if (others.length > 0)
    throw new Error(`The bundle is more than one module: ${code}, ${others.join(', ')}.`);
  /** @type {{ inputs: Record<string, unknown> }} */
  const meta = readJson(join(out, META));
  /** @type {WorkerOptions} */
  const options = readJson(optionsFile);
  // Inputs are relative to the configuration's folder; those that are no files are virtual modules of the bundler.
  const sources = Object.keys(meta.inputs).map((input) => resolve(options.folder, input));
  return {
    inputs: [...MAKERS, config, ...sources.filter(existsSync)].map((path) => relative(ROOT, path)),
    bundle: { ...options, code: readFileSync(join(out, code), 'utf8') },
  };
}

/** @param {string} file @returns {any} nothing when it is missing or damaged */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
