/**
 * The load generator: one process for each measure, separate from the printing command and from the hosts under load.
 * It gets its job as one argument of JSON and prints its messages as lines of JSON.
 */
import * as v from 'valibot';
import { Site } from '../scripts/crowd/site.ts';
import { benchOn } from './lib/bench.ts';
import { figure } from './lib/figures.ts';
import { benchOptions } from './lib/options.ts';
import { table } from './lib/table.ts';
import { MEASURES } from './measures.ts';

const job = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    measure: v.string(),
    ours: v.string(),
    bare: v.string(),
    debugToken: v.string(),
    groups: v.object({ ours: v.number(), bare: v.number() }),
    options: benchOptions,
  }),
);
const told = v.variant('t', [
  v.object({ t: v.literal('say'), line: v.string() }),
  v.object({ t: v.literal('table'), table }),
  v.object({ t: v.literal('figures'), figures: v.array(figure) }),
]);

/** The load process's argument: which measure to run, on which hosts. */
export type Job = v.InferOutput<typeof job>;
/** A message of the load process. */
export type Told = v.InferOutput<typeof told>;

/** Reads a line of the load process; null for one that is not its own. */
export function readTold(line: string): Told | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), told), line);
  return parsed.success ? parsed.output : null;
}

if (import.meta.main) await load(v.parse(job, process.argv[2]));

async function load({ measure: name, ours, bare, ...rest }: Job): Promise<void> {
  const measure = MEASURES.find((candidate) => candidate.name === name);
  if (!measure) throw new Error(`There is no measure ${name}.`);
  const bench = benchOn({
    ...rest,
    ours: new Site(ours),
    bare: new Site(bare),
    say: (line) => tell({ t: 'say', line }),
    table: (made) => tell({ t: 'table', table: made }),
  });
  tell({ t: 'figures', figures: await measure.run(bench) });
  // Sockets that are closing, and idle connections of fetch, would keep the process for seconds.
  process.exit(0);
}

function tell(message: Told): void {
  console.log(JSON.stringify(message));
}
