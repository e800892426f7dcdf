/**
 * The process of a local server: brings the databases of a folder up to date and runs one Worker on the runtime's own
 * API, without the proxy process that `wrangler dev` puts in front of it. `startServer` (lib/server.mjs) starts it. It ends
 * by a signal, when its parent dies (lib/leash.mjs), or with the reason as its last lines when it cannot serve.
 */
import { parseArgs } from 'node:util';
import { serve } from './host/runtime.mjs';
import { Stop } from './lib/stop.mjs';
import { workerBundle } from './host/bundle.mjs';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '' },
    host: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    'persist-to': { type: 'string', default: '' },
    var: { type: 'string', multiple: true, default: [] },
  },
});

try {
  await serve(await workerBundle(values.config), {
    host: values.host,
    port: Number(values.port),
    persistTo: values['persist-to'],
    vars: new Map(values.var.map(nameAndValue)),
  });
  // Building the runtime's configuration leaves 90 MB of garbage that nothing later would collect.
  globalThis.gc?.();
} catch (error) {
  console.error(error instanceof Stop ? error.message : error);
  process.exit(1);
}

/**
 * @param {string} given NAME=VALUE
 * @returns {[string, string]}
 */
function nameAndValue(given) {
  const at = given.indexOf('=');
  return [given.slice(0, at), given.slice(at + 1)];
}
