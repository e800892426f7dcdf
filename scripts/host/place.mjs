/** What `startServer` tells the process of a server: which Worker, and where it is to be. */
import { parseArgs } from 'node:util';

/** @returns {{ config: string, place: import('./runtime.mjs').Place }} `config` is the path of the Worker's configuration */
export function readPlace() {
  const text = /** @type {const} */ ({ type: 'string', default: '' });
  const { values } = parseArgs({
    options: {
      config: text,
      host: text,
      port: text,
      'persist-to': text,
      var: { type: 'string', multiple: true, default: [] },
    },
  });
  const { config, host, port, 'persist-to': persistTo } = values;
  return {
    config,
    place: { host, port: Number(port), persistTo, vars: new Map(values.var.map(nameAndValue)) },
  };
}

/**
 * @param {string} given NAME=VALUE
 * @returns {[string, string]}
 */
function nameAndValue(given) {
  const at = given.indexOf('=');
  return [given.slice(0, at), given.slice(at + 1)];
}
