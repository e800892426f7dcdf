/** What may follow `npm run crowd --`. */
import { parseArgs } from 'node:util';
import { wrongOption } from '../lib/start-options.mjs';
import { Stop } from '../lib/stop.mjs';

const DEFAULT_URL = 'http://127.0.0.1:8787';
const WRONG_COMMAND_LINE = 2;

export const CROWD_HELP = `npm run crowd -- --show CODE [options]

  --show CODE     the show to join; it must be open
  --url URL       address of the site (default ${DEFAULT_URL})
  --sku ID        what to buy (default: the show's first)
  --phones N      people who join, each with a socket of their own (default 300)
  --rate N        taps a second of each (default 3)
  --seconds N     how long they tap (default 30)
  --seed N        another unevenness of their taps (default 1)
  --help          this text
`;

/**
 * @typedef {object} CrowdOptions
 * @property {string} url
 * @property {string} show
 * @property {string | undefined} sku
 * @property {number} phones
 * @property {number} rate
 * @property {number} seconds
 * @property {number} seed
 */

/**
 * Reads the options.
 * @param {string[]} argv
 * @returns {CrowdOptions | null} null when help is asked for
 * @throws {Stop} with exit code 2 and what was wrong
 */
export function parseCrowdOptions(argv) {
  const values = parse(argv);
  if (values.help) return null;
  if (values.show === undefined) throw wrong('--show takes the code of an open show; the stage shows it.');
  if (!URL.canParse(values.url) || !/^https?:/.test(values.url)) {
    throw wrong(`--url takes an address such as ${DEFAULT_URL}, not "${values.url}".`);
  }
  return {
    url: values.url,
    show: values.show,
    sku: values.sku,
    phones: Math.ceil(positive('phones', values.phones)),
    rate: positive('rate', values.rate),
    seconds: positive('seconds', values.seconds),
    seed: Math.ceil(positive('seed', values.seed)),
  };
}

/** @param {string[]} argv */
function parse(argv) {
  try {
    return parseArgs({
      args: argv,
      options: {
        show: { type: 'string' },
        url: { type: 'string', default: DEFAULT_URL },
        sku: { type: 'string' },
        phones: { type: 'string', default: '300' },
        rate: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw wrong(wrongOption(error));
  }
}

/**
 * @param {string} name
 * @param {string} given
 */
function positive(name, given) {
  const number = Number(given);
  if (Number.isFinite(number) && number > 0) return number;
  throw wrong(`--${name} takes a number above 0, not "${given}".`);
}

/** @param {string} sentence */
function wrong(sentence) {
  return new Stop(sentence, WRONG_COMMAND_LINE);
}
