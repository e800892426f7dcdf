/**
 * A plugin of the runtime's API (Miniflare): connects the port for browsers and phones directly to a Worker's entrypoint.
 * Miniflare's own entries put a Worker in front of it, or believe the caller's word for its address; on a plain socket
 * the runtime sets the address (`cf.clientIp`).
 */
import { isIPv6 } from 'node:net';

const NAME = 'public-port';

/** @typedef {{ host: string, port: number, entrypoint: string }} PublicPort */

/** @param {PublicPort} options @returns what a Worker's options name the plugin by */
export function publicPort(options) {
  const plugin = { name: NAME, package: import.meta.filename };
  return { name: 'PUBLIC_PORT', type: NAME, plugin, options };
}

/**
 * @public read by the runtime's API under this name
 * @type {Record<string, import('miniflare').Plugin>}
 */
export const plugins = {
  [NAME]: {
    getBindings: () => undefined,
    getNodeBindings: () => ({}),
    getServices({ options: { config } }) {
      const bindings = Object.values(config.env ?? {});
      const binding = bindings.find(({ type }) => type === `unsafe:${NAME}`);
      if (!binding) throw new Error('A Worker without a public port was started with one.');
      /** @type {PublicPort} */
      const { host, port, entrypoint } = binding.dev.options;
      const socket = {
        name: NAME,
        address: `${isIPv6(host) ? `[${host}]` : host}:${port}`,
        service: { name: `core:user:${config.name}`, entrypoint },
        http: {},
      };
      return { services: [], extensions: [], sockets: [socket] };
    },
  },
};
