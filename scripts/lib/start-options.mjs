/** What may follow `npm start --`. */
import { isIP } from 'node:net';
import { commandLine, wrong } from './command-line.mjs';
import { DEFAULT_STATE } from './paths.mjs';

/** The help of `npm start`. */
export const START_HELP = `npm start -- [options]

  --port N            port to listen on (default 8787)
  --host ADDRESS      address to listen on (default 0.0.0.0: this machine and the local network)
  --persist-to DIR    folder that keeps the shows (default ${DEFAULT_STATE})
  --var NAME=VALUE    another value of a variable for this run; may be repeated
  --open              open the presenter's page in the browser
  --help              this text
`;

/**
 * @typedef {object} StartOptions
 * @property {number} port
 * @property {string} host
 * @property {string} persistTo
 * @property {Map<string, string>} vars
 * @property {boolean} open
 * @property {boolean} help
 */

/**
 * Reads the options.
 * @param {string[]} argv
 * @param {ReadonlySet<string>} variables names that `--var` may give
 * @returns {StartOptions}
 * @throws {import('./stop.mjs').Stop} with exit code 2 and what was wrong
 */
export function parseStartOptions(argv, variables) {
  const { values } = commandLine({
    args: argv,
    options: {
      port: { type: 'string', default: '8787' },
      host: { type: 'string', default: '0.0.0.0' },
      'persist-to': { type: 'string', default: DEFAULT_STATE },
      var: { type: 'string', multiple: true, default: [] },
      open: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    port: port(values.port),
    host: host(values.host),
    persistTo: folder(values['persist-to']),
    vars: new Map(values.var.map((given) => variable(given, variables))),
    open: values.open,
    help: values.help,
  };
}

/**
 * The names of variables and secrets, read from the type that declares them, so that there is no second list.
 * @param {string} source text of src/server/env.ts
 * @returns {Set<string>}
 */
export function variableNames(source) {
  return new Set([...source.matchAll(/^ {2}([A-Z][A-Z0-9_]*)\?: string;/gm)].map((match) => match[1] ?? ''));
}

/** @param {string} given */
function port(given) {
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= 65_535) return number;
  throw wrong(`--port takes a number from 1 to 65535, not "${given}".`);
}

/** @param {string} given */
function host(given) {
  if (given === 'localhost') return '127.0.0.1';
  if (isIP(given)) return given;
  throw wrong(`--host takes an address of this machine such as 0.0.0.0 or 127.0.0.1, not "${given}".`);
}

/** @param {string} given */
function folder(given) {
  if (given.trim() !== '') return given;
  throw wrong('--persist-to takes a folder.');
}

/**
 * @param {string} given
 * @param {ReadonlySet<string>} variables
 * @returns {[string, string]}
 */
function variable(given, variables) {
  const at = given.indexOf('=');
  const name = given.slice(0, at);
  if (at < 1) throw wrong(`--var takes NAME=VALUE, not "${given}".`);
  if (!variables.has(name)) {
    const known = [...variables].sort().join(', ');
    throw wrong(`There is no variable "${name}" to set with --var; there are ${known}.`);
  }
  return [name, given.slice(at + 1)];
}
