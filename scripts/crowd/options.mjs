/** What may follow `npm run crowd --`. */
import { commandLine, wrong } from '../lib/command-line.mjs';

const DEFAULT_URL = 'http://127.0.0.1:8787';

/**
 * The most of each option: the seats of a show, the messages a second that count as a flood, ten minutes, and as many taps as
 * fit into this process's memory with their times.
 */
const MOST = { phones: 5_000, rate: 20, seconds: 600, seed: 2 ** 32 - 1, taps: 1_000_000 };

/** The help of `npm run crowd`. */
export const CROWD_HELP = `npm run crowd -- --show CODE [options]

  --show CODE     the show to join; it must be open
  --url URL       address of the site (default ${DEFAULT_URL})
  --sku ID        what to buy (default: the show's first)
  --phones N      people who join, each with a socket of their own, 1 to ${MOST.phones} (default 300)
  --rate N        taps a second of each, above 0 and at most ${MOST.rate} (default 3)
  --seconds N     how long they tap, above 0 and at most ${MOST.seconds} (default 30)
  --seed N        another unevenness of their taps, a whole number from 1 (default 1)
  --remote        allows a site on another machine: one that is yours
  --help          this text

At most ${MOST.taps} taps in one run (phones × rate × seconds).
It ends with 0 when every promise held, 1 when one was broken (a gap in a stream, a tap that was answered
twice, a tap without an answer), and 2 when it could not be run.
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

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the options.
 * @param {string[]} argv
 * @returns {CrowdOptions | null} null when help is asked for
 * @throws {import('../lib/stop.mjs').Stop} with exit code 2 and what was wrong
 */
export function parseCrowdOptions(argv) {
  const { values } = commandLine({
    args: argv,
    options: {
      show: { type: 'string' },
      url: { type: 'string', default: DEFAULT_URL },
      sku: { type: 'string' },
      phones: { type: 'string', default: '300' },
      rate: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      remote: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (values.show === undefined) throw wrong('--show takes the code of an open show; the stage shows it.');
  if (!URL.canParse(values.url) || !/^https?:/.test(values.url)) {
    throw wrong(`--url takes an address such as ${DEFAULT_URL}, not "${values.url}".`);
  }
  if (!values.remote && !LOOPBACK.test(new URL(values.url).hostname)) {
    throw wrong(`${values.url} is not on this machine: add --remote if that site is yours.`);
  }
  const options = {
    url: values.url,
    show: values.show,
    sku: values.sku,
    phones: whole('phones', values.phones),
    rate: positive('rate', values.rate),
    seconds: positive('seconds', values.seconds),
    seed: whole('seed', values.seed),
  };
  const taps = options.phones * options.rate * options.seconds;
  if (taps <= MOST.taps) return options;
  throw wrong(
    `These are ${Math.ceil(taps)} taps; a run has at most ${MOST.taps}: fewer --phones, --rate or --seconds.`,
  );
}

/**
 * @param {'phones' | 'seed'} name
 * @param {string} given
 */
function whole(name, given) {
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1 && number <= MOST[name]) return number;
  throw wrong(`--${name} takes a whole number from 1 to ${MOST[name]}, not "${given}".`);
}

/**
 * @param {'rate' | 'seconds'} name
 * @param {string} given
 */
function positive(name, given) {
  const number = Number(given);
  if (number > 0 && number <= MOST[name]) return number;
  throw wrong(`--${name} takes a number above 0 and at most ${MOST[name]}, not "${given}".`);
}
