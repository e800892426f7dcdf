/**
 * `npm run bench`: the project and the bare objects on the same kind of host, measured in turn by a process of its own.
 * Prints every figure beside its comparison and target, and writes all samples to artifacts/bench.json. A missed target is
 * printed and does not fail the command; a measure that breaks down does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startChild } from '../scripts/lib/child.mjs';
import { ensureFolder } from '../scripts/lib/folder.mjs';
import { endGroup } from '../scripts/lib/group.mjs';
import { live } from '../scripts/lib/lifetime.mjs';
import { toolEnvironment, toolNode } from '../scripts/lib/node.mjs';
import { ROOT } from '../scripts/lib/paths.mjs';
import { step } from '../scripts/lib/step.mjs';
import { Stop } from '../scripts/lib/stop.mjs';
import type { Measure } from './lib/bench.ts';
import type { Figure } from './lib/figures.ts';
import { mergedFigures } from './lib/figures.ts';
import type { Host, ProjectHost } from './lib/hosts.ts';
import { startBare, startProject } from './lib/hosts.ts';
import { describeMachine } from './lib/machine.ts';
import type { BenchOptions } from './lib/options.ts';
import { benchHelp, parseBenchOptions } from './lib/options.ts';
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

interface Hosts {
  ours: ProjectHost;
  bare: Host;
}

await live(main);

async function main(): Promise<number> {
  const names = MEASURES.map(({ name }) => name);
  const options = parseBenchOptions(process.argv.slice(2), names);
  if (!options) {
    console.log(benchHelp(names));
    return 0;
  }
  const machine = describeMachine();
  console.log(machineLine(machine));
  const isLeftOut = ({ name, longOnly }: Measure) =>
    options.only.length > 0 ? !options.only.includes(name) : options.short && longOnly;
  const chosen = MEASURES.filter((measure) => !isLeftOut(measure));
  if (options.short && chosen.length < MEASURES.length) {
    console.log(
      `Left out: ${MEASURES.filter(isLeftOut)
        .map(({ name }) => name)
        .join(', ')}`,
    );
  }
  const results: Result[] = [];
  let hosts: Hosts | null = null;
  for (const measure of chosen) {
    const startMs = performance.now();
    const runs: (Findings | null)[] = [];
    // A measure that needs fresh hosts runs once for each round, each time on new hosts.
    const times = measure.fresh ? options.rounds : 1;
    const given = measure.fresh ? { ...options, rounds: 1 } : options;
    for (let run = 0; run < times; run += 1) {
      hosts = await hostsFor(measure, hosts);
      const findings = await runMeasure(measure, hosts, given);
      runs.push(findings);
      // Hosts on which a measure broke down are not trusted with the next one.
      if (measure.fresh || findings === null) hosts = await endHosts(hosts);
      if (findings === null) break;
    }
    const seconds = Number(((performance.now() - startMs) / 1_000).toFixed(1));
    results.push({ ...resultOf(measure, runs), seconds });
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

function resultOf({ name }: Measure, runs: (Findings | null)[]): Omit<Result, 'seconds'> {
  const done = runs.filter((run) => run !== null);
  return {
    measure: name,
    ended: done.length === runs.length,
    figures: mergedFigures(done.map(({ figures }) => figures)),
    tables: done.flatMap(({ tables }) => tables),
  };
}

async function hostsFor(measure: Measure, running: Hosts | null): Promise<Hosts> {
  if (running && !measure.fresh) return running;
  if (running) await endHosts(running);
  return step('Starting the project and the bare objects', async () => ({
    ours: await startProject(new Map()),
    bare: await startBare(),
  }));
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
  const node = toolNode();
  let figures: Figure[] | null = null;
  const tables: Table[] = [];
  const child = startChild(node, [join(ROOT, 'bench', 'load.ts'), JSON.stringify(job)], {
    env: toolEnvironment(node),
    onLine: (line) => {
      const told = readTold(line);
      if (told?.t === 'say') console.log(told.line);
      else if (told?.t === 'table') tables.push(told.table);
      else if (told?.t === 'figures') figures = told.figures;
    },
  });
  const late = new AbortController();
  const tooLong = pause(MEASURED_WITHIN_MS + 2_000 * options.stage, null, { signal: late.signal }).then(
    () => endGroup(child.pid),
    () => undefined,
  );
  const code = await child.ended;
  late.abort();
  await tooLong;
  if (figures) return { figures, tables };
  const words = [...ours.lines, ...bare.lines, ...child.lines].join('\n');
  console.error(`${words}\nThe measure "${measure.name}" ended with ${code} and no figures.`);
  return null;
}
