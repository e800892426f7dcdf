/** Starts the engines that a start or a test asks for, and says what runs, what does not, and why. */
import { join } from 'node:path';
import { startTool } from '../lib/child.mjs';
import { endGroup } from '../lib/group.mjs';
import { Stop } from '../lib/stop.mjs';
import { bringPackages, PACKAGES } from './packages.mjs';

const KEEPER = join(import.meta.dirname, 'keeper.mjs');

/**
 * @typedef {object} Engines
 * @property {import('./engine.mjs').RunningEngine[]} running
 * @property {import('./engine.mjs').MissingEngine[]} missing
 * @property {Map<string, string>} vars the Worker's variables for all that run, with LOCAL_ENGINES
 * @property {number} group leader of the process group that all of them are in
 * @property {() => Promise<void>} end resolves when nothing of them is left
 */

/**
 * Starts engines. They listen on loopback only, keep their data and their secrets in `engines` below the folder, are started again
 * when they end, and end with this process, however that ends. What cannot be had is missing, and the others run.
 * @param {object} options
 * @param {readonly import('./names.mjs').EngineName[]} options.names
 * @param {string} options.folder absolute path; nobody else may use it meanwhile
 * @param {(line: string) => void} [options.onLine] hears a sentence when one ends, and when it serves again
 * @param {string} [options.packages] folder of their package
 * @returns {Promise<Engines>}
 */
export async function startEngines({ names, folder, onLine = () => undefined, packages = PACKAGES }) {
  const uninstalled = await bringPackages(names, packages);
  /** @type {import('./keeper.mjs').Told} */
  const told = { names: [...names], folder: join(folder, 'engines'), packages, uninstalled };
  /** @type {import('../lib/child.mjs').Child | undefined} */
  let keeper;
  let isEnding = false;
  /** @type {import('./keeper.mjs').Started} */
  const started = await new Promise((resolve, reject) => {
    const child = startTool([KEEPER, JSON.stringify(told)], {
      onMessage: (/** @type {import('./keeper.mjs').News} */ news) =>
        'line' in news ? onLine(news.line) : resolve(news.started),
    });
    keeper = child;
    void child.ended.then(() => {
      reject(new Stop(`${child.lines.join('\n')}\nThe engines could not be started.`));
      if (!isEnding) onLine(`The engines ended, all of them: start again. ${child.lines.at(-1) ?? ''}`);
    });
  });
  // A keeper of nothing ends by itself.
  isEnding ||= started.running.length === 0;
  return {
    ...started,
    vars: variables(started.running),
    group: keeper?.pid ?? 0,
    async end() {
      isEnding = true;
      if (!keeper) return;
      await endGroup(keeper.pid);
      await keeper.ended;
    },
  };
}

/** @param {import('./engine.mjs').RunningEngine[]} running */
function variables(running) {
  const local = running.map(({ name, label, ports }) => [name, { label, ports }]);
  const vars = new Map(running.flatMap((one) => Object.entries(one.vars)));
  return vars.set('LOCAL_ENGINES', JSON.stringify(Object.fromEntries(local)));
}
