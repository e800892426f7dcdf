/** What may follow `npm run crowd --`. */
import { amount, commandLine, wrong } from '../lib/command-line.mjs';

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

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a run of the crowd is. */
export type CrowdOptions = ReturnType<typeof parseCrowdOptions>;

/** Reads the options. @throws {Stop} for the help, and with exit code 2 and what was wrong */
export function parseCrowdOptions(args: string[]) {
  const { values } = commandLine(CROWD_HELP, {
    args,
    options: {
      show: { type: 'string' },
      url: { type: 'string', default: DEFAULT_URL },
      sku: { type: 'string' },
      phones: { type: 'string', default: '300' },
      rate: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      remote: { type: 'boolean', default: false },
    },
  });
  const { url, show, sku } = values;
  if (show === undefined) throw wrong('--show takes the code of an open show; the stage shows it.');
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw wrong(`--url takes an address such as ${DEFAULT_URL}, not "${url}".`);
  }
  if (!values.remote && !LOOPBACK.test(new URL(url).hostname)) {
    throw wrong(`${url} is not on this machine: add --remote if that site is yours.`);
  }
  const amountOf = (name: 'phones' | 'rate' | 'seconds' | 'seed', whole: boolean) =>
    amount(name, values[name], { whole, most: MOST[name] });
  const phones = amountOf('phones', true);
  const rate = amountOf('rate', false);
  const seconds = amountOf('seconds', false);
  const taps = phones * rate * seconds;
  if (taps <= MOST.taps) return { url, show, sku, phones, rate, seconds, seed: amountOf('seed', true) };
  throw wrong(
    `These are ${Math.ceil(taps)} taps; a run has at most ${MOST.taps}: fewer --phones, --rate or --seconds.`,
  );
}
