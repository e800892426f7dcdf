/** What may follow `npm run bench --`. */
import * as v from 'valibot';
import { amount, commandLine, wrong } from '../../scripts/lib/command-line.mjs';
import { MODES, SAFE } from './lanes.ts';

/** An amount of a run; `people` need seats, a `fraction` need not be whole. */
interface Amount {
  says: string;
  long: number;
  /** With `--short`, which ends within two minutes on two cores. */
  short: number;
  of?: 'people' | 'fraction';
}

const AMOUNTS = {
  // Fewer phones would reach their rate limits.
  phones: { says: 'phones in a room', long: 200, short: 200, of: 'people' },
  taps: { says: 'taps a second of each phone', long: 3, short: 3, of: 'fraction' },
  seconds: { says: 'how long they tap', long: 10, short: 1.5, of: 'fraction' },
  rounds: { says: 'rounds of each measure, ours and the bare object in turn', long: 5, short: 1 },
  sockets: {
    says: 'sockets of a large crowd: memory, deliveries, connecting, overload',
    long: 1_000,
    short: 200,
    of: 'people',
  },
  house: { says: 'sockets of a full house', long: 5_000, short: 400, of: 'people' },
  hold: {
    says: 'seconds that a full house is held and the cost of a show is metered',
    long: 60,
    short: 2,
    of: 'fraction',
  },
  stage: {
    says: 'seconds that a stage is hammered; a talk’s half hour is 1800',
    long: 90,
    short: 24,
  },
} satisfies Record<string, Amount>;
type Name = keyof typeof AMOUNTS;
const NAMES = Object.keys(AMOUNTS) as Name[];
/** Seats of a show: `MAX_PARTICIPANTS` as it is by default. */
const SEATS = 5_000;

/** Amounts of a run, and which measures it has. */
export const benchOptions = v.object({
  ...v.entriesFromList(NAMES, v.number()),
  /** What the phones of the measure `phones` tap on. */
  lane: v.picklist(MODES),
  /** Names of measures; all when empty. */
  only: v.array(v.string()),
  short: v.boolean(),
});
/** Parsed {@link benchOptions}. */
export type BenchOptions = v.InferOutput<typeof benchOptions>;

/** The help's text. */
export function benchHelp(measures: readonly string[]): string {
  const amounts = NAMES.map((name) => {
    const { says, long } = AMOUNTS[name];
    return `  ${`--${name} N`.padEnd(15)} ${says} (default ${long})`;
  });
  return `npm run bench -- [options]

${amounts.join('\n')}
  --lane LANE     ${MODES.join(', ')}: what the phones tap on in the measure "phones" (default ${SAFE})
  --only MEASURE  this measure alone; may be repeated: ${measures.join(', ')}
  --short         fewer of everything, less than two minutes; what is given beside it counts
  --help          this text
`;
}

/** Reads the options. @throws {Stop} for the help, and with exit code 2 on a wrong command line */
export function parseBenchOptions(args: string[], measures: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const { values } = commandLine(benchHelp(measures), {
    args,
    options: {
      ...(Object.fromEntries(NAMES.map((name) => [name, text])) as Record<Name, typeof text>),
      lane: { ...text, default: SAFE },
      only: { ...text, multiple: true, default: [] as string[] },
      short: { type: 'boolean', default: false },
    },
  });
  const { only, short } = values;
  const amounts = NAMES.map((name) => [name, amountOf(name, values[name], short)] as const);
  const lane = MODES.find((each) => each === values.lane);
  if (lane === undefined) throw wrong(`--lane takes ${MODES.join(', ')}, not "${values.lane}".`);
  const unknown = only.find((name) => !measures.includes(name));
  if (unknown !== undefined) {
    throw wrong(`There is no measure "${unknown}"; there are ${measures.join(', ')}.`);
  }
  return { ...(Object.fromEntries(amounts) as Record<Name, number>), lane, only, short };
}

function amountOf(name: Name, given: string | undefined, isShort: boolean): number {
  const { long, short, of }: Amount = AMOUNTS[name];
  if (given === undefined) return isShort ? short : long;
  const number = amount(name, given, { whole: of !== 'fraction' });
  if (of === 'people' && number > SEATS) {
    throw wrong(`--${name} takes at most ${SEATS}: a show has no more seats.`);
  }
  return number;
}
