/** What may follow `npm start --`. */
import { isIP } from 'node:net';
import { ENGINE_NAMES } from '../engines/names.mjs';
import { amount, commandLine, wrong } from './command-line.mjs';
import { DEFAULT_STATE } from './paths.mjs';

const HELP = `npm start -- [options]

  --port N            port to listen on (default 8787)
  --host ADDRESS      address to listen on (default 0.0.0.0: this machine and the local network)
  --persist-to DIR    folder that keeps the shows (default ${DEFAULT_STATE})
  --var NAME=VALUE    another value of a variable for this run; may be repeated
  --engines[=A,B]     engines for more lanes than two: ${ENGINE_NAMES.join(', ')}; all of them unless named (docs/engines.md)
  --tunnel            a public https address for phones, by a quick tunnel of Cloudflare (needs cloudflared)
  --open              open the presenter's page in the browser
  --help              this text
`;

/** Addresses to listen on that include this machine's own. */
const ON_LOOPBACK = /^(0\.0\.0\.0|127\..*|::|::1)$/;

/**
 * Reads the options.
 * @param {string[]} argv
 * @param {ReadonlySet<string>} variables names that `--var` may give
 * @throws {import('./stop.mjs').Stop} for the help, and with exit code 2 and what was wrong
 */
export function parseStartOptions(argv, variables) {
  const { values } = commandLine(HELP, {
    args: argv.map(withEveryEngine),
    options: {
      port: { type: 'string', default: '8787' },
      host: { type: 'string', default: '0.0.0.0' },
      'persist-to': { type: 'string', default: DEFAULT_STATE },
      var: { type: 'string', multiple: true, default: [] },
      engines: { type: 'string' },
      tunnel: { type: 'boolean', default: false },
      open: { type: 'boolean', default: false },
    },
  });
  const { var: given, open, tunnel, 'persist-to': persistTo } = values;
  const port = amount('port', values.port, { whole: true, most: 65_535 });
  const host = values.host === 'localhost' ? '127.0.0.1' : values.host;
  if (!isIP(host)) {
    throw wrong(`--host takes an address of this machine such as 0.0.0.0 or 127.0.0.1, not "${host}".`);
  }
  if (tunnel && !ON_LOOPBACK.test(host)) {
    // From another address of this machine the tunnel's word for its visitors would not be believed.
    throw wrong(
      `--tunnel connects from this machine to itself: leave --host out, or give 127.0.0.1, not "${host}".`,
    );
  }
  if (persistTo.trim() === '') throw wrong('--persist-to takes a folder.');
  return {
    port,
    host,
    persistTo,
    open,
    tunnel,
    engines: values.engines === undefined ? [] : engineNames(values.engines),
    vars: new Map(given.map((pair) => variable(pair, variables))),
  };
}

/** The option alone means all of them; Node's parser knows no option whose value may be missing. @param {string} word @param {number} at @param {string[]} argv */
function withEveryEngine(word, at, argv) {
  const next = argv[at + 1];
  const isAlone = word === '--engines' && (next === undefined || next.startsWith('-'));
  return isAlone ? `--engines=${ENGINE_NAMES.join()}` : word;
}

/** @param {string} given @returns {import('../engines/names.mjs').EngineName[]} in the order of the guide */
function engineNames(given) {
  const asked = given.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !ENGINE_NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    throw wrong(`--engines takes ${ENGINE_NAMES.join(', ')}, with commas between them, not "${unknown}".`);
  }
  return ENGINE_NAMES.filter((name) => asked.includes(name));
}

/**
 * The names of variables and secrets, read from the type that declares them, so that there is no second list.
 * @param {string} source text of src/server/env.ts
 * @returns {Set<string>}
 */
export function variableNames(source) {
  return new Set([...source.matchAll(/^ {2}([A-Z][A-Z0-9_]*)\?: string;/gm)].map((match) => match[1] ?? ''));
}

/** @param {string} given @param {ReadonlySet<string>} variables @returns {[string, string]} */
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
