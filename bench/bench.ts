/**
 * `npm run bench`: the project and the bare objects on the same kind of host, measured in turn by a process of its own.
 * Prints every figure beside what it is held against, and keeps all samples in artifacts/bench.json. Judges nothing: a
 * target that is missed is printed as such, and the command still succeeds; it fails when something could not be measured.
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
import type { Host, ProjectHost } from './lib/hosts.ts';
import { startBare, startProject } from './lib/hosts.ts';
import { describeMachine } from './lib/machine.ts';
import type { BenchOptions } from './lib/options.ts';
import { benchHelp, parseBenchOptions } from './lib/options.ts';
import { machineLine, tableOf } from './lib/table.ts';
import type { Job } from './load.ts';
import { readTold } from './load.ts';
import { MEASURES } from './measures.ts';

/** No measure takes longer; one that hangs is ended. */
const MEASURED_WITHIN_MS = 600_000;
const REPORT = join(ROOT, 'artifacts', 'bench.json');

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
  const chosen = MEASURES.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const results: { measure: string; ended: boolean; figures: Figure[] }[] = [];
  let hosts: Hosts | null = null;
  for (const measure of chosen) {
    hosts = await hostsFor(measure, hosts);
    const figures = await runMeasure(measure, hosts, options);
    results.push({ measure: measure.name, ended: figures !== null, figures: figures ?? [] });
    // Hosts on which a measure broke down are not trusted with the next one.
    if (measure.fresh || figures === null) hosts = await endHosts(hosts);
  }
  ensureFolder(join(ROOT, 'artifacts'));
  writeFileSync(REPORT, `${JSON.stringify({ machine, options, results }, null, 2)}\n`);
  console.log(`\n${tableOf(results.flatMap(({ figures }) => figures))}\n`);
  console.log(`All samples are in ${REPORT}.`);
  const broken = results.filter(({ ended }) => !ended).map(({ measure }) => measure);
  if (broken.length > 0)
    throw new Stop(`Not measured, because the measure broke down: ${broken.join(', ')}.`);
  return 0;
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

/** Runs a measure in a process of its own. Null when it broke down; what was said last is printed. */
async function runMeasure(
  measure: Measure,
  { ours, bare }: Hosts,
  options: BenchOptions,
): Promise<Figure[] | null> {
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
  const child = startChild(node, [join(ROOT, 'bench', 'load.ts'), JSON.stringify(job)], {
    env: toolEnvironment(node),
    onLine: (line) => {
      const told = readTold(line);
      if (told?.t === 'say') console.log(told.line);
      else if (told?.t === 'figures') figures = told.figures;
    },
  });
  const late = new AbortController();
  const tooLong = pause(MEASURED_WITHIN_MS, null, { signal: late.signal }).then(
    () => endGroup(child.pid),
    () => undefined,
  );
  const code = await child.ended;
  late.abort();
  await tooLong;
  if (figures) return figures;
  const words = [...ours.lines, ...bare.lines, ...child.lines].join('\n');
  console.error(`${words}\nThe measure "${measure.name}" ended with ${code} and no figures.`);
  return null;
}
