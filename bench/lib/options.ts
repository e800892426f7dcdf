/** What may follow `npm run bench --`. */
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { wrongOption } from '../../scripts/lib/start-options.mjs';
import { Stop } from '../../scripts/lib/stop.mjs';

/** How much is measured. */
export const benchOptions = v.object({
  phones: v.number(),
  /** Taps a second of each phone. */
  taps: v.number(),
  seconds: v.number(),
  lane: v.picklist(['safe', 'eventual']),
  rounds: v.number(),
  /** Names of measures; all when empty. */
  only: v.array(v.string()),
  /** Sockets whose memory is measured. */
  sockets: v.number(),
});
/** See {@link benchOptions}. */
export type BenchOptions = v.InferOutput<typeof benchOptions>;

const LONG = { phones: 200, taps: 3, seconds: 10, rounds: 5, sockets: 1_000 };
/** Ends within two minutes on two cores. */
const SHORT = { phones: 200, taps: 3, seconds: 4, rounds: 2, sockets: 300 };
const WRONG_COMMAND_LINE = 2;

/** The help's text. */
export function benchHelp(measures: readonly string[]): string {
  return `npm run bench -- [options]

  --phones N      phones in a room (default ${LONG.phones})
  --taps N        taps a second of each phone (default ${LONG.taps})
  --seconds N     how long they tap (default ${LONG.seconds})
  --lane LANE     safe or eventual: the lane that the phones tap on (default safe)
  --rounds N      rounds of each measure, ours and the bare object in turn (default ${LONG.rounds})
  --sockets N     sockets whose memory is measured (default ${LONG.sockets})
  --only MEASURE  this measure alone; may be repeated: ${measures.join(', ')}
  --short         fewer of everything, at most two minutes; what is given beside it counts
  --help          this text
`;
}

/** Reads the options. Null when help is asked for; throws {@link Stop} with exit code 2 on a wrong command line. */
export function parseBenchOptions(argv: string[], measures: readonly string[]): BenchOptions | null {
  const values = parse(argv);
  if (values.help) return null;
  const defaults = values.short ? SHORT : LONG;
  const numbers = Object.entries(defaults).map(([name, standard]) => {
    const given = values[name as keyof typeof LONG];
    return [name, given === undefined ? standard : positive(name, given)] as const;
  });
  if (values.lane !== 'safe' && values.lane !== 'eventual') throw wrong('--lane takes safe or eventual.');
  const unknown = values.only.find((name) => !measures.includes(name));
  if (unknown !== undefined) {
    throw wrong(`There is no measure "${unknown}"; there are ${measures.join(', ')}.`);
  }
  const amounts = Object.fromEntries(numbers) as Record<keyof typeof LONG, number>;
  return { ...amounts, lane: values.lane, only: values.only };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        phones: { type: 'string' },
        taps: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        sockets: { type: 'string' },
        lane: { type: 'string', default: 'safe' },
        only: { type: 'string', multiple: true, default: [] },
        short: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw wrong(wrongOption(error));
  }
}

function positive(name: string, given: string): number {
  const number = Number(given);
  if (Number.isFinite(number) && number > 0) return name === 'taps' ? number : Math.ceil(number);
  throw wrong(`--${name} takes a number above 0, not "${given}".`);
}

function wrong(sentence: string): Stop {
  return new Stop(sentence, WRONG_COMMAND_LINE);
}
