/**
 * `npm run bench`: the project and the bare objects on the same kind of host, measured in turn by a process of its own.
 * Prints every figure beside its comparison and target, and writes all samples to artifacts/bench.json. A missed target is
 * printed and does not fail the command; a measure that breaks down does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTool } from '../scripts/lib/child.mjs';
import { ensureFolder } from '../scripts/lib/folder.mjs';
import { endGroup } from '../scripts/lib/group.mjs';
import { live } from '../scripts/lib/lifetime.mjs';
import { ROOT } from '../scripts/lib/paths.mjs';
import { step } from '../scripts/lib/step.mjs';
import { Stop } from '../scripts/lib/stop.mjs';
import type { Measure } from './lib/bench.ts';
import type { Figure } from './lib/figures.ts';
import { mergedFigures } from './lib/figures.ts';
import { startBare, startProject } from './lib/hosts.ts';
import { describeMachine } from './lib/machine.ts';
import type { BenchOptions } from './lib/options.ts';
import { parseBenchOptions } from './lib/options.ts';
import type { Table } from './lib/table.ts';
import { figuresText, machineLine, tableText } from './lib/table.ts';
import type { Job } from './load.ts';
import { readTold } from './load.ts';
import { MEASURES } from './measures.ts';

/** A measure that takes longer hangs, and is ended. */
const MEASURED_WITHIN_MS = 900_000;
const REPORT = join(ROOT, 'artifacts', 'bench.json');

/** Figures and tables of one run of a measure. */
interface Findings {
  figures: Figure[];
  tables: Table[];
}

/** What artifacts/bench.json keeps of a measure. */
interface Result extends Findings {
  measure: string;
  /** False when it broke down. */
  ended: boolean;
  /** How long it took, the start of its own hosts included. */
  seconds: number;
}

type Hosts = Awaited<ReturnType<typeof startHosts>>;

await live(main);

async function main(): Promise<number> {
  const names = MEASURES.map(({ name }) => name);
  const options = parseBenchOptions(process.argv.slice(2), names);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const { only, short, rounds } = options;
  const isChosen = ({ name, longOnly }: Measure) =>
    only.length > 0 ? only.includes(name) : !(short && longOnly);
  const leftOut = MEASURES.filter((measure) => !isChosen(measure));
  if (short && leftOut.length > 0) console.log(`Left out: ${leftOut.map(({ name }) => name).join(', ')}`);
  const results: Result[] = [];
  let hosts: Hosts | null = null;
  for (const measure of MEASURES.filter(isChosen)) {
    const startMs = performance.now();
    const runs: (Findings | null)[] = [];
    // A measure that needs fresh hosts runs once for each round, each time on new hosts.
    const times = measure.fresh ? rounds : 1;
    while (runs.length < times && !runs.includes(null)) {
      if (hosts && measure.fresh) hosts = await endHosts(hosts);
      hosts ??= await step('Starting the project and the bare objects', startHosts);
      const findings = await runMeasure(measure, hosts, measure.fresh ? { ...options, rounds: 1 } : options);
      runs.push(findings);
      // Hosts on which a measure broke down are not trusted with the next one.
      if (measure.fresh || findings === null) hosts = await endHosts(hosts);
    }
    const done = runs.filter((run) => run !== null);
    const seconds = Number(((performance.now() - startMs) / 1_000).toFixed(1));
    results.push({
      measure: measure.name,
      ended: done.length === runs.length,
      figures: mergedFigures(done.map(({ figures }) => figures)),
      tables: done.flatMap(({ tables }) => tables),
      seconds,
    });
    console.log(`${measure.name}: measured in ${seconds} s`);
  }
  if (hosts) await endHosts(hosts);
  ensureFolder(join(ROOT, 'artifacts'));
  writeFileSync(REPORT, `${JSON.stringify({ machine, options, results }, null, 2)}\n`);
  for (const table of results.flatMap(({ tables }) => tables)) console.log(`\n${tableText(table)}`);
  console.log(`\n${figuresText(results.flatMap(({ figures }) => figures))}\n`);
  console.log(`All samples are in ${REPORT}.`);
  const broken = results.filter(({ ended }) => !ended).map(({ measure }) => measure);
  if (broken.length > 0)
    throw new Stop(`Not measured, because the measure broke down: ${broken.join(', ')}.`);
  return 0;
}

async function startHosts() {
  return { ours: await startProject(), bare: await startBare() };
}

async function endHosts({ ours, bare }: Hosts): Promise<null> {
  await Promise.all([ours.end(), bare.end()]);
  return null;
}

/** Runs a measure in a process of its own. Null when it broke down: its last lines are printed. */
async function runMeasure(
  measure: Measure,
  { ours, bare }: Hosts,
  options: BenchOptions,
): Promise<Findings | null> {
  const job: Job = {
    measure: measure.name,
    ours: ours.url,
    bare: bare.url,
    debugToken: ours.debugToken,
    groups: { ours: ours.group, bare: bare.group },
    options,
  };
  let figures: Figure[] | null = null;
  const tables: Table[] = [];
  const child = startTool([join(ROOT, 'bench', 'load.ts'), JSON.stringify(job)], {
    onLine: (line) => {
      const told = readTold(line);
      if (told?.t === 'say') console.log(told.line);
      else if (told?.t === 'table') tables.push(told.table);
      else if (told?.t === 'figures') figures = told.figures;
    },
  });
  const late = setTimeout(() => void endGroup(child.pid), MEASURED_WITHIN_MS + 2_000 * options.stage);
  const code = await child.ended;
  clearTimeout(late);
  if (figures) return { figures, tables };
  const words = [...ours.lines, ...bare.lines, ...child.lines].join('\n');
  console.error(`${words}\nThe measure "${measure.name}" ended with ${code} and no figures.`);
  return null;
}
