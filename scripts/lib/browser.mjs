/** The browser of the tests: the machine's Chromium, or one that is installed for them. */
import { existsSync, readFileSync } from 'node:fs';
import { runTool, spawnToEnd } from './child.mjs';
import { toolScript } from './paths.mjs';
import { Stop } from './stop.mjs';

/** Where systems put it. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Arguments that keep it to itself. */
export const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Path of a Chromium that can be launched: `CHROMIUM_PATH` when it is set, the system's, or Playwright's own.
 * @returns {Promise<string | undefined>} nothing when there is none
 */
export async function findBrowser() {
  const { chromium } = await import('playwright-core');
  const places = [process.env['CHROMIUM_PATH'], ...PLACES, chromium.executablePath()];
  return places.find((path) => path !== undefined && existsSync(path));
}

/** Starts a browser that asks nobody but the pages' own server. @param {string[]} [more] arguments */
export async function launchBrowser(more = []) {
  const executablePath = await findBrowser();
  if (executablePath === undefined)
    throw new Stop('There is no browser: install Chromium, or set CHROMIUM_PATH to one.');
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: [...QUIET, ...more] });
}

/**
 * Installs a browser when there is none: Debian's package where that can be done, Playwright's own elsewhere.
 * @throws {Stop} when neither can be had
 */
export async function installBrowser() {
  if (await findBrowser()) return;
  const release = '/etc/os-release';
  const isDebian = existsSync(release) && /^ID=debian$/m.test(readFileSync(release, 'utf8'));
  if (isDebian && process.getuid?.() === 0) await installDebianPackage();
  else {
    const failure = 'No browser could be installed: install Chromium, or set CHROMIUM_PATH to one.';
    await runTool([toolScript('playwright'), 'install', 'chromium'], failure);
  }
  if (!(await findBrowser()))
    throw new Stop('No browser is there after installing one: set CHROMIUM_PATH to yours.');
}

/** As root on Debian. */
async function installDebianPackage() {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { code, output } = await spawnToEnd('apt-get', ['-q', ...args], environment);
    if (code !== 0)
      throw new Stop(`${output}\nChromium could not be installed with apt-get: the reason stands above.`);
  }
}
