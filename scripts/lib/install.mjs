/** Installs packages when node_modules does not match the lock file beside it. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { startChild } from './child.mjs';
import { ownPath } from './node.mjs';
import { ROOT } from './paths.mjs';
import { Stop } from './stop.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} Lock */

/**
 * Whether an installation is complete: npm writes node_modules/.package-lock.json after everything is installed, so an
 * interrupted installation does not pass.
 * @param {Lock} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json, when there is one
 * @param {ReadonlySet<string>} [needed] paths of packages that have to be there although they are optional
 */
export function isInstalled(wanted, installed, needed = new Set()) {
  const there = installed?.packages ?? {};
  const locked = Object.entries(wanted.packages ?? {}).filter(([path]) => path !== '');
  const known = new Set(locked.map(([path]) => path));
  return (
    installed !== undefined &&
    Object.keys(there).every((path) => known.has(path)) &&
    locked.every(([path, { version, integrity, optional, devOptional }]) => {
      const found = there[path];
      // Optional packages may be missing: they are for other platforms.
      return found
        ? found.version === version && found.integrity === integrity
        : !needed.has(path) && (optional ?? devOptional ?? false);
    })
  );
}

/** @returns {boolean} whether this clone's packages are those of its lock file */
export function packagesInstalled() {
  return isInstalled(wantedPackages(ROOT), installedPackages(ROOT));
}

/** What a folder's lock file names. @param {string} folder @returns {Lock} */
export function wantedPackages(folder) {
  const wanted = readLock(join(folder, 'package-lock.json'));
  if (!wanted)
    throw new Stop(`${join(folder, 'package-lock.json')} is missing or damaged: get a fresh clone.`);
  return wanted;
}

/** What npm has installed in a folder, when that was finished. @param {string} folder @returns {Lock | undefined} */
export function installedPackages(folder) {
  return readLock(join(folder, 'node_modules', '.package-lock.json'));
}

/**
 * Installs exactly what the lock file names.
 * @param {string} [folder] with that lock file; the clone unless given
 * @param {string[]} [options] of npm
 * @throws {Stop} when npm is missing or fails
 */
export async function installPackages(folder = ROOT, options = []) {
  const npm = npmScript();
  // npm runs on the machine's Node: the project's own is among the files that are being replaced.
  const node = process.env['npm_node_execpath'] ?? process.execPath;
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = startChild(node, [npm, ...args, '--prefix', folder, ...options], {
    env: { ...process.env, PATH: ownPath() },
  });
  if ((await child.ended) === 0) return;
  throw new Stop(
    `${child.lines.join('\n')}\nThe packages could not be installed: npm's reason stands above; start again when it is gone.`,
  );
}

/**
 * npm's own script, so that it can be run like any other child: the one that npm names to its scripts, or that of PATH.
 * @throws {Stop} when there is no npm
 */
function npmScript() {
  const given = process.env['npm_execpath'];
  if (given && existsSync(given)) return given;
  for (const folder of ownPath().split(delimiter)) {
    const command = join(folder, 'npm');
    if (existsSync(command) && realpathSync(command).endsWith('.js')) return realpathSync(command);
  }
  throw new Stop('npm is missing on this machine: it comes with Node from https://nodejs.org.');
}

/** @param {string} path @returns {Lock | undefined} nothing when it is missing or not JSON */
function readLock(path) {
  try {
    /** @type {unknown} */
    const lock = JSON.parse(readFileSync(path, 'utf8'));
    return typeof lock === 'object' && lock !== null ? lock : undefined;
  } catch {
    return undefined;
  }
}
