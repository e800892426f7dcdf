/** `npm start`: from a fresh clone to a running show with one command. Runs before anything is installed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configuredEngines, TITLES } from './engines/names.mjs';
import { banner, signInLink, tunnelNotice } from './lib/banner.mjs';
import { buildPages, pagesBuilt } from './lib/build.mjs';
import { findCloudflared } from './lib/cloudflared.mjs';
import { ensureDevVars } from './lib/dev-vars.mjs';
import { ensureFolder } from './lib/folder.mjs';
import { installPackages, packagesInstalled } from './lib/install.mjs';
import { live } from './lib/lifetime.mjs';
import { inTurn, takeWhenLeft } from './lib/lock.mjs';
import { addresses, assertFree, ownUrl } from './lib/network.mjs';
import { machineNode, refuseOldNode } from './lib/node.mjs';
import { DEFAULT_STATE, ROOT } from './lib/paths.mjs';
import { printable } from './lib/printable.mjs';
import { startServer, untilHealthy } from './lib/server.mjs';
import { parseStartOptions, variableNames } from './lib/start-options.mjs';
import { step } from './lib/step.mjs';
import { Stop } from './lib/stop.mjs';

await live(main, { exitCode: 0 });

/** @returns {Promise<never>} */
async function main() {
  const variables = variableNames(readFileSync(join(ROOT, 'src', 'server', 'env.ts'), 'utf8'));
  const options = parseStartOptions(process.argv.slice(2), variables);
  refuseOldNode(machineNode());
  const tunnel = options.tunnel ? findCloudflared() : undefined;
  // The folder before the port: a server that is still ending holds both, and the folder's lock waits for it.
  const persistTo = await enterFolder(options.persistTo);
  await assertFree(options.host, options.port);

  const devVars = await inTurn(join(ROOT, '.wrangler', 'prepare.lock'), prepare, (pid) =>
    console.log(`Another start (process ${pid}) is preparing this clone; waiting for it …`),
  );
  const valueOf = (/** @type {string} */ name) => options.vars.get(name) ?? devVars.get(name);
  let ready = false;
  const engines =
    options.engines.length > 0 ? await startThem(options.engines, valueOf, persistTo) : undefined;
  /** What is known of the public address, and who is told when that changes. @type {import('./host/tunnel.mjs').TunnelNews | undefined} */
  let news;
  let onNews = () => {};
  const server = startServer({
    ...options,
    vars: new Map([...(engines?.vars ?? []), ...options.vars]),
    persistTo,
    tunnel,
    onTunnel: (heard) => {
      news = heard;
      onNews();
    },
    onLine: (line) => ready && console.error(printable(line)),
  });
  const local = addresses(options.host, options.port).local;
  await step('Starting the server', () => untilHealthy(server, ownUrl(options.host, options.port)));
  ready = true;

  const debugToken = valueOf('DEBUG_TOKEN') ?? '';
  const { renderUnicodeCompact } = await import('uqr');
  const drawQr = (/** @type {string} */ text) => renderUnicodeCompact(text, { border: 2 });
  const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
  const printing = { debugToken, drawQr, colour };
  if (tunnel !== undefined) await step('Asking for a public address', () => untilTold(server.ended));
  console.log(banner({ ...options, ...printing, tunnel: news, engines }));
  onNews = () => news && console.log(tunnelNotice(news, printing));
  if (options.open) openInBrowser(signInLink(local, debugToken));

  await server.ended;
  throw new Stop(
    'The server ended by itself; what it said last stands above. Start again: the shows are kept.',
  );

  /** Until there is an address, or a reason why there is none yet: the show goes on without one. @param {Promise<unknown>} end */
  async function untilTold(end) {
    if (news === undefined)
      await Promise.race([end, new Promise((resolve) => (onNews = () => resolve(undefined)))]);
  }
}

/**
 * Starts the engines that have no address yet. Their code is loaded only here: a start without them is as quick as ever.
 * @param {import('./engines/names.mjs').EngineName[]} names
 * @param {(variable: string) => string | undefined} valueOf
 * @param {string} folder
 */
async function startThem(names, valueOf, folder) {
  const { here, elsewhere } = configuredEngines(names, valueOf);
  const { startEngines } = await import('./engines/start.mjs');
  const onLine = (/** @type {string} */ line) => console.error(printable(line));
  const started = await step('Starting the engines', () => startEngines({ names: here, folder, onLine }));
  return {
    ...started,
    elsewhere: elsewhere.map((name) => TITLES[name]),
  };
}

/** Installs packages and builds the pages, each only when they are not up to date. */
async function prepare() {
  if (!packagesInstalled()) await step('Installing packages (once; about a minute)', installPackages);
  if (!pagesBuilt()) await step('Building the pages', buildPages);
  return ensureDevVars(join(ROOT, '.dev.vars'));
}

/**
 * Locks the folder of the shows for this run, because two runtimes on one database would overwrite each other's work.
 * @param {string} given
 * @returns {Promise<string>} its absolute path
 */
async function enterFolder(given) {
  // npm runs scripts in the clone's folder; a relative path is meant relative to where the user typed it.
  const path = given === DEFAULT_STATE ? join(ROOT, given) : resolve(process.env['INIT_CWD'] ?? '', given);
  ensureFolder(path);
  const lock = await takeWhenLeft(join(path, 'start.lock'), (pid) =>
    console.log(`The server of an earlier start (process ${pid}) is still ending; waiting for it …`),
  );
  if (!('heldBy' in lock)) return path;
  const what = lock.ending
    ? `is still held by what process ${lock.heldBy} started, which does not end: end it`
    : `is in use by another start (process ${lock.heldBy}): stop that one`;
  throw new Stop(`The folder ${path} ${what}, or choose another folder with --persist-to.`);
}

/** @param {string} url */
function openInBrowser(url) {
  const commands = { darwin: 'open', win32: 'explorer' };
  const command =
    process.platform in commands ? commands[/** @type {'darwin'} */ (process.platform)] : 'xdg-open';
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => console.error(`No browser could be opened; the address is ${url}`))
    .unref();
}
