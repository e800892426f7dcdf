/**
 * The process of a local server: brings the databases of a folder up to date and runs one Worker on the runtime's own
 * API, without the proxy process that `wrangler dev` puts in front of it. `startServer` (lib/server.mjs) starts it. It ends
 * by a signal, when its parent dies (lib/leash.mjs), or with the reason as its last lines when it cannot serve.
 */
import { readPlace } from './host/place.mjs';
import { serve } from './host/runtime.mjs';
import { Stop } from './lib/stop.mjs';
import { workerBundle } from './host/bundle.mjs';

const { config, place } = readPlace();

try {
  await serve(await workerBundle(config), place);
  // Building the runtime's configuration leaves 90 MB of garbage that nothing later would collect.
  globalThis.gc?.();
} catch (error) {
  console.error(error instanceof Stop ? error.message : error);
  process.exit(1);
}
