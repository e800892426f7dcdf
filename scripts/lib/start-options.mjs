/** What may follow `npm start --`. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { DEFAULT_STATE } from './paths.mjs';
import { Stop } from './stop.mjs';

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

const WRONG_COMMAND_LINE = 2;

/**
 * Reads the options.
 * @param {string[]} argv
 * @param {ReadonlySet<string>} variables names that `--var` may give
 * @returns {StartOptions}
 * @throws {Stop} with exit code 2 and what was wrong
 */
export function parseStartOptions(argv, variables) {
  const values = parse(argv);
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

/** @param {string[]} argv */
function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      options: {
        port: { type: 'string', default: '8787' },
        host: { type: 'string', default: '0.0.0.0' },
        'persist-to': { type: 'string', default: DEFAULT_STATE },
        var: { type: 'string', multiple: true, default: [] },
        open: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new Stop(wrongOption(error), WRONG_COMMAND_LINE);
  }
}

/**
 * Node's message for a wrong option, without its advice, which does not apply here.
 * @param {unknown} error
 * @returns {string}
 */
export function wrongOption(error) {
  const words = error instanceof Error ? error.message : String(error);
  const sentence = (words.split(/\. |\n/)[0] ?? '').replace(/\.$/, '');
  return `${sentence}; --help lists the options.`;
}

/** @param {string} given */
function port(given) {
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= 65_535) return number;
  throw new Stop(`--port takes a number from 1 to 65535, not "${given}".`, WRONG_COMMAND_LINE);
}

/** @param {string} given */
function host(given) {
  if (given === 'localhost') return '127.0.0.1';
  if (isIP(given)) return given;
  throw new Stop(
    `--host takes an address of this machine such as 0.0.0.0 or 127.0.0.1, not "${given}".`,
    WRONG_COMMAND_LINE,
  );
}

/** @param {string} given */
function folder(given) {
  if (given.trim() !== '') return given;
  throw new Stop('--persist-to takes a folder.', WRONG_COMMAND_LINE);
}

/**
 * @param {string} given
 * @param {ReadonlySet<string>} variables
 * @returns {[string, string]}
 */
function variable(given, variables) {
  const at = given.indexOf('=');
  const name = given.slice(0, at);
  if (at < 1) throw new Stop(`--var takes NAME=VALUE, not "${given}".`, WRONG_COMMAND_LINE);
  if (!variables.has(name)) {
    const known = [...variables].sort().join(', ');
    throw new Stop(
      `There is no variable "${name}" to set with --var; there are ${known}.`,
      WRONG_COMMAND_LINE,
    );
  }
  return [name, given.slice(at + 1)];
}
