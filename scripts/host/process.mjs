/**
 * The process of a local server: brings the databases of a folder up to date and runs one Worker on the runtime's own
 * API, without the proxy process that `wrangler dev` puts in front of it. `startServer` (lib/server.mjs) starts it. It ends
 * by a signal, when its parent dies (lib/leash.mjs), or with the reason as its last lines when it cannot serve.
 */
import { ownUrl } from '../lib/network.mjs';
import { TOLD } from '../lib/server.mjs';
import { Stop } from '../lib/stop.mjs';
import { workerBundle } from './bundle.mjs';
import { serve } from './runtime.mjs';
import { keepTunnel } from './tunnel.mjs';

/**
 * `config` is the path of the Worker's configuration, `tunnel` that of cloudflared when this server is to have a public address.
 * @typedef {Omit<import('./runtime.mjs').Place, 'publicAddress'> & { config: string, tunnel?: string | undefined }} Told
 */

/**
 * Serves what this process was told.
 * @param {(code: string) => string} [change] makes another Worker of the bundle's code
 */
export async function serveAsTold(change = (code) => code) {
  /** @type {Told} */
  const { config, tunnel, ...place } = JSON.parse(process.env[TOLD] ?? '');
  // The runtime and the tunnel need nothing of it.
  delete process.env[TOLD];
  /** @type {string | null} */
  let address = null;
  try {
    const bundle = await workerBundle(config);
    const publicAddress = tunnel === undefined ? undefined : () => address;
    await serve({ ...bundle, code: change(bundle.code) }, { ...place, publicAddress });
    if (tunnel !== undefined) {
      keepTunnel({
        program: tunnel,
        url: ownUrl(place.host, place.port),
        onNews(news) {
          ({ address } = news);
          process.send?.(news);
        },
      });
    }
    // Building the runtime's configuration leaves 90 MB of garbage that nothing later would collect.
    globalThis.gc?.();
  } catch (error) {
    console.error(error instanceof Stop ? error.message : error);
    process.exit(1);
  }
}
