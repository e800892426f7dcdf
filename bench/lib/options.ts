/** What may follow `npm run bench --`. */
import * as v from 'valibot';
import { commandLine, wrong } from '../../scripts/lib/command-line.mjs';
import { MODES, SAFE } from './lanes.ts';

/** Amounts of a run, and which measures it has. */
export const benchOptions = v.object({
  phones: v.number(),
  /** Taps a second of each phone. */
  taps: v.number(),
  seconds: v.number(),
  lane: v.picklist(MODES),
  rounds: v.number(),
  /** Names of measures; all when empty. */
  only: v.array(v.string()),
  /** Sockets of a large crowd: memory, deliveries, connecting, overload. */
  sockets: v.number(),
  /** Sockets of a full house. */
  house: v.number(),
  /** How long a full house is held and the cost of a show is metered, seconds. */
  hold: v.number(),
  /** How long a stage is hammered, seconds. */
  stage: v.number(),
  short: v.boolean(),
});
/** Parsed {@link benchOptions}. */
export type BenchOptions = v.InferOutput<typeof benchOptions>;

const LONG = {
  phones: 200,
  taps: 3,
  seconds: 10,
  rounds: 5,
  sockets: 1_000,
  house: 5_000,
  hold: 60,
  stage: 90,
};
/** Amounts of `--short`, which ends within two minutes on two cores. Fewer phones would reach their rate limits. */
const SHORT = { phones: 200, taps: 3, seconds: 1.5, rounds: 1, sockets: 200, house: 400, hold: 2, stage: 24 };
type Amount = keyof typeof LONG;
/** Amounts that need not be whole. */
const FRACTIONS: ReadonlySet<string> = new Set<Amount>(['taps', 'seconds', 'hold']);
/** Seats of a show: `MAX_PARTICIPANTS` as it is by default. */
const SEATS = 5_000;

/** The help's text. */
export function benchHelp(measures: readonly string[]): string {
  return `npm run bench -- [options]

  --phones N      phones in a room (default ${LONG.phones})
  --taps N        taps a second of each phone (default ${LONG.taps})
  --seconds N     how long they tap (default ${LONG.seconds})
  --lane LANE     ${MODES.join(', ')}: what the phones tap on in the measure "phones" (default ${SAFE})
  --rounds N      rounds of each measure, ours and the bare object in turn (default ${LONG.rounds})
  --sockets N     sockets of a large crowd: memory, deliveries, connecting, overload (default ${LONG.sockets})
  --house N       sockets of a full house (default ${LONG.house})
  --hold N        seconds that a full house is held and the cost of a show is metered (default ${LONG.hold})
  --stage N       seconds that a stage is hammered (default ${LONG.stage}; a talk’s half hour is 1800, best with --sockets 100)
  --only MEASURE  this measure alone; may be repeated: ${measures.join(', ')}
  --short         fewer of everything, less than two minutes; what is given beside it counts
  --help          this text
`;
}

/** Reads the options. Null when help is asked for; throws a `Stop` with exit code 2 on a wrong command line. */
export function parseBenchOptions(argv: string[], measures: readonly string[]): BenchOptions | null {
  const { values } = commandLine({
    args: argv,
    options: {
      phones: { type: 'string' },
      taps: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      sockets: { type: 'string' },
      house: { type: 'string' },
      hold: { type: 'string' },
      stage: { type: 'string' },
      lane: { type: 'string', default: SAFE },
      only: { type: 'string', multiple: true, default: [] },
      short: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const defaults = values.short ? SHORT : LONG;
  const amounts = { ...defaults };
  for (const name of Object.keys(defaults) as Amount[]) {
    const given = values[name];
    if (given !== undefined) amounts[name] = amountOf(name, given);
  }
  const lane = MODES.find((each) => each === values.lane);
  if (lane === undefined) throw wrong(`--lane takes ${MODES.join(', ')}, not "${values.lane}".`);
  const unknown = values.only.find((name) => !measures.includes(name));
  if (unknown !== undefined) {
    throw wrong(`There is no measure "${unknown}"; there are ${measures.join(', ')}.`);
  }
  return { ...amounts, lane, only: values.only, short: values.short };
}

function amountOf(name: Amount, given: string): number {
  const number = Number(given);
  const isWhole = FRACTIONS.has(name) || Number.isInteger(number);
  if (!Number.isFinite(number) || number <= 0 || !isWhole) {
    throw wrong(`--${name} takes a ${FRACTIONS.has(name) ? '' : 'whole '}number above 0, not "${given}".`);
  }
  const isPeople = name === 'phones' || name === 'sockets' || name === 'house';
  if (isPeople && number > SEATS) throw wrong(`--${name} takes at most ${SEATS}: a show has no more seats.`);
  return number;
}
