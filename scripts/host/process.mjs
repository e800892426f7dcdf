/**
 * The process of a local server: brings the databases of a folder up to date and runs one Worker on the runtime's own
 * API, without the proxy process that `wrangler dev` puts in front of it. `startServer` (lib/server.mjs) starts it. It ends
 * by a signal, when its parent dies (lib/leash.mjs), or with the reason as its last lines when it cannot serve.
 */
import { Stop } from '../lib/stop.mjs';
import { workerBundle } from './bundle.mjs';
import { serve } from './runtime.mjs';

/** @typedef {import('./runtime.mjs').Place & { config: string }} Told `config` is the path of the Worker's configuration */

/**
 * Serves what this process's one argument says, as JSON.
 * @param {(code: string) => string} [change] makes another Worker of the bundle's code
 */
export async function serveAsTold(change = (code) => code) {
  /** @type {Told} */
  const { config, ...place } = JSON.parse(process.argv[2] ?? '');
  try {
    const bundle = await workerBundle(config);
    await serve({ ...bundle, code: change(bundle.code) }, place);
    // Building the runtime's configuration leaves 90 MB of garbage that nothing later would collect.
    globalThis.gc?.();
  } catch (error) {
    console.error(error instanceof Stop ? error.message : error);
    process.exit(1);
  }
}
