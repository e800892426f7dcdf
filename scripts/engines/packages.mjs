/** The engines' own small package: installed when engines are asked for, and by their tests, never by a plain start. */
import { join } from 'node:path';
import { installedPackages, installPackages, isInstalled, wantedPackages } from '../lib/install.mjs';
import { inTurn } from '../lib/lock.mjs';
import { ROOT } from '../lib/paths.mjs';
import { step } from '../lib/step.mjs';
import { Stop } from '../lib/stop.mjs';
import { ENGINES } from './engines.mjs';

/** Folder of that package. */
export const PACKAGES = join(ROOT, 'engines');
/**
 * Nothing of a package runs when it is installed; postgres.mjs does what is needed then. Without a network the other engines are not kept waiting: npm itself would try for more than a minute.
 */
const NPM_OPTIONS = [
  '--ignore-scripts',
  '--prefer-offline',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
];
const LONGEST_REASON = 300;

/**
 * Installs what the engines need and this machine can have, unless that is there.
 * @param {readonly import('./names.mjs').EngineName[]} names
 * @param {string} folder of the package
 * @returns {Promise<string>} what npm said, when it failed; packages that are still missing afterwards are noticed where they are looked for
 */
export async function bringPackages(names, folder) {
  const locked = wantedPackages(folder);
  const needed = new Set(
    names.map((name) => packagePath(ENGINES[name].from)).filter((path) => path in (locked.packages ?? {})),
  );
  const isThere = () => isInstalled(locked, installedPackages(folder), needed);
  if (needed.size === 0 || isThere()) return '';
  const install = () =>
    step("Installing the engines' packages (once)", () => installPackages(folder, NPM_OPTIONS));
  try {
    await inTurn(
      join(ROOT, '.wrangler', 'engines.lock'),
      async () => isThere() || (await install()),
      (pid) =>
        console.log(`Another start (process ${pid}) is installing the engines' packages; waiting for it …`),
    );
    return '';
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const words = error.message.split('\n').find((line) => /npm (error|ERR!) (?!code)/i.test(line));
    return (words ?? error.message.split('\n')[0] ?? '').slice(0, LONGEST_REASON);
  }
}

/**
 * Whether the lock file has a package, so that it is missing for another reason than this machine's kind.
 * @param {string | undefined} name
 * @param {string} folder
 */
export function isLocked(name, folder) {
  return packagePath(name) in (wantedPackages(folder).packages ?? {});
}

/** @param {string | undefined} name */
function packagePath(name) {
  return `node_modules/${name}`;
}
