/**
 * The process that keeps the engines of a start: they are its children, in its group, and the relays that put distance in front of
 * them run in it. It ends by a signal, or when the command that started it dies (lib/leash.mjs), and takes them along.
 */
import { join } from 'node:path';
import { Stop } from '../lib/stop.mjs';
import { ENGINES } from './engines.mjs';
import { isLocked } from './packages.mjs';
import { startRelay } from './relay.mjs';
import { supervise } from './supervise.mjs';

/**
 * What this process is told, as JSON in its one argument.
 * @typedef {{ names: import('./names.mjs').EngineName[], folder: string, packages: string, uninstalled: string }} Told
 */
/**
 * What it tells: first which engines run and which do not, then what becomes of them.
 * @typedef {{ running: import('./engine.mjs').RunningEngine[], missing: import('./engine.mjs').MissingEngine[] }} Started
 */
/** @typedef {{ started: Started } | { line: string }} News */

/** Round trips that a lane may be given, milliseconds; 0 is the engine itself. The presenter's choices, as the Worker has them. */
const DISTANCES_MS = [20, 80, 150];

/** @type {Told} */
const told = JSON.parse(process.argv[2] ?? '');
/** @type {import('./supervise.mjs').Supervised[]} */
const supervised = [];
let isEnding = false;

process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
const started = await Promise.all(told.names.map(start));
/** @type {Started} */
const all = {
  running: started.flatMap((one) => ('vars' in one ? [one] : [])),
  missing: started.flatMap((one) => ('why' in one ? [one] : [])),
};
tell({ started: all });

/**
 * @param {import('./names.mjs').EngineName} name
 * @returns {Promise<import('./engine.mjs').RunningEngine | import('./engine.mjs').MissingEngine>}
 */
async function start(name) {
  const engine = ENGINES[name];
  const { title, label, from } = engine;
  const found = engine.find(told.packages);
  if ('why' in found) return { name, title, ...(isLocked(from, told.packages) ? uninstalled() : found) };
  const kept = await supervise(engine, found.program, join(told.folder, name), (line) =>
    tell({ line }),
  ).catch(reason);
  if ('why' in kept) return { name, title, why: kept.why, how: 'docs/engines.md says what to do' };
  supervised.push(kept);
  /** @type {Record<string, number>} */
  const ports = { 0: kept.port };
  for (const ms of DISTANCES_MS) ports[ms] = await startRelay(kept.port, ms);
  return { name, title, label, vars: kept.vars, ports };
}

function uninstalled() {
  return { why: `its package is not installed. ${told.uninstalled}`.trim(), how: 'npm ci --prefix engines' };
}

/** @param {unknown} error */
function reason(error) {
  if (error instanceof Stop) return { why: error.message };
  throw error;
}

/** @param {News} news */
function tell(news) {
  process.send?.(news);
}

async function end() {
  if (isEnding) return;
  isEnding = true;
  await Promise.all(supervised.map((one) => one.end()));
  process.exit(0);
}
