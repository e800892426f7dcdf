/** The stages of `npm test`: what each runs, and what it counts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { startTool } from './child.mjs';
import { ensureFolder } from './folder.mjs';
import { ROOT, toolScript } from './paths.mjs';
import { readVitestReport } from './vitest-report.mjs';

/**
 * One stage.
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} lines command lines (see {@link commandOf}), run one after the other until one fails
 * @property {boolean} [beside] only reads the tree: runs beside its neighbours that do so too
 * @property {boolean} [vitest] counts tests, not itself
 * @property {boolean} [needsBrowser]
 * @property {string[]} [needs] stages whose results it reads: they run first, also when only this one was asked for
 * @property {Record<string, string>} [longEnv] environment of its long form
 */

/** What a stage counts. @typedef {Awaited<ReturnType<typeof runStage>>} Result */

const REPORTS = join(ROOT, 'artifacts', 'test');
/** How many stages run side by side: each has one thread, and machines of continuous integration have two cores. */
const SIDE_BY_SIDE = 2;

/** In the order in which they run: quick stages that fail often come first. @type {Stage[]} */
export const STAGES = [
  // Every text of the pages is in its catalogue, and no translation lost a placeholder.
  { name: 'texts', lines: ['wuchale check --full'] },
  // The pages' types are generated from the routes, and their texts from the catalogues; the checks below read them.
  { name: 'sync', lines: ['svelte-kit sync', 'wuchale --log-level warn'] },
  { name: 'format', beside: true, lines: ['prettier --check . --log-level warn'] },
  { name: 'lint', beside: true, needs: ['sync'], lines: ['eslint --max-warnings 0 .'] },
  {
    name: 'types',
    beside: true,
    needs: ['sync'],
    lines: ['svelte-check --tsconfig tsconfig.json --fail-on-warnings --output human', 'tsc -p src/server'],
  },
  { name: 'knip', beside: true, needs: ['sync'], lines: ['knip'] },
  { name: 'unit', vitest: true, needs: ['sync'], lines: ['vitest run --project node'] },
  {
    name: 'server',
    vitest: true,
    needs: ['sync'],
    // The server's log of refusals and faults is shown only where a test fails.
    lines: ['vitest run --project server --silent=passed-only'],
  },
  {
    // Lanes on real engines, as far as this machine has them; the stage says which it has not.
    name: 'engines',
    vitest: true,
    needs: ['sync'],
    lines: ['vitest run --config tests/engines/vitest.config.ts --silent=passed-only'],
  },
  { name: 'build', lines: ['scripts/build.mjs'] },
  {
    name: 'faults',
    vitest: true,
    needs: ['sync', 'build'],
    longEnv: { FAULTS: 'long' },
    lines: ['vitest run --config tests/faults/vitest.config.ts'],
  },
  {
    name: 'e2e',
    vitest: true,
    needs: ['sync', 'build'],
    needsBrowser: true,
    lines: ['vitest run --config tests/e2e/vitest.config.ts'],
  },
  // In browsers that are not Chromium, where they are installed; the stage says which are not.
  {
    name: 'browsers',
    vitest: true,
    needs: ['sync', 'build'],
    lines: ['vitest run --config tests/browsers/vitest.config.ts'],
  },
  {
    name: 'deploy',
    vitest: true,
    needs: ['sync', 'build'],
    lines: ['vitest run --config tests/deploy/vitest.config.ts'],
  },
];

/**
 * A Node script and its arguments.
 * @param {string} line a tool's name or a script's path in the clone, and arguments without spaces in them
 * @param {string} [root] the clone
 */
export function commandOf(line, root = ROOT) {
  const [what = '', ...args] = line.split(' ');
  return [what.endsWith('.mjs') ? join(root, what) : toolScript(what, root), ...args];
}

/**
 * The named stages and those whose results they read, in order; all stages when none is named.
 * @param {string[]} only
 * @returns {Stage[]}
 */
export function chosenStages(only) {
  if (only.length === 0) return STAGES;
  const asked = STAGES.filter(({ name }) => only.includes(name));
  const wanted = new Set([...only, ...asked.flatMap(({ needs = [] }) => needs)]);
  return STAGES.filter(({ name }) => wanted.has(name));
}

/**
 * The stages in their order, as they run: neighbours that only read are one group.
 * @param {Stage[]} stages
 * @returns {Stage[][]}
 */
export function groupsOf(stages) {
  /** @type {Stage[][]} */
  const groups = [];
  for (const stage of stages) {
    const last = groups.at(-1);
    if (stage.beside && last?.[0]?.beside) last.push(stage);
    else groups.push([stage]);
  }
  return groups;
}

/**
 * Runs stages, group by group.
 * @param {Stage[]} stages
 * @param {boolean} long
 * @returns {Promise<Result[]>} in the order of the stages
 */
export async function runStages(stages, long) {
  /** @type {Result[]} */
  const results = [];
  for (const group of groupsOf(stages)) results.push(...(await runGroup(group, long)));
  return results;
}

/**
 * Runs a group side by side: what each stage says is printed whole when it ends. A stage alone prints as it goes.
 * @param {Stage[]} group
 * @param {boolean} long
 * @returns {Promise<Result[]>}
 */
async function runGroup(group, long) {
  const [first] = group;
  if (first && group.length === 1) return [await runStage(first, long, console.log)];
  console.log(`\n── ${group.map(({ name }) => name).join(', ')}: side by side`);
  /** @type {Result[]} */
  const results = [];
  const waiting = [...group.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [place, stage] = next;
      /** @type {string[]} */
      const said = [];
      results[place] = await runStage(stage, long, (line) => said.push(line));
      console.log(said.join('\n'));
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return results;
}

/**
 * Runs a stage.
 * @param {Stage} stage
 * @param {boolean} long
 * @param {(line: string) => void} say hears its output as it comes
 * @returns what it counts; `failures` has a line for each thing that failed, `notRun` for each that could not be tried here
 */
async function runStage({ name, lines, vitest, longEnv }, long, say) {
  say(`\n── ${name}`);
  const began = performance.now();
  const reportFile = join(REPORTS, `${name}.json`);
  if (vitest) {
    ensureFolder(REPORTS);
    rmSync(reportFile, { force: true });
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  /** @type {string[]} */
  const notRun = [];
  const hear = (/** @type {string} */ line) => {
    const missing = notRunIn(line);
    if (missing !== undefined) notRun.push(`${name}: ${missing}`);
    say(line);
  };
  const env = { ...(long && longEnv), ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) };
  let ok = true;
  for (const line of lines) {
    const command = [...commandOf(line), ...(vitest ? reporters : [])];
    ok &&= (await startTool(command, { env, onLine: hear }).ended) === 0;
    if (!ok) break;
  }
  const seconds = (performance.now() - began) / 1000;
  const report = vitest ? readVitestReport(reportFile, ROOT) : undefined;
  if (!report || report.passed + report.failed === 0) {
    const failures = ok ? [] : [name];
    // Nothing may have been there to be tested: a browser that is not installed.
    const passed = Number(ok && !vitest);
    return { name, ok, passed, failed: Number(!ok), skipped: 0, failures, notRun, seconds };
  }
  const failures = report.failures.map((line) => `${name}: ${line}`);
  // A run can fail with every test green: an error outside of tests, a file that does not load.
  const isHidden = !ok && report.failed === 0;
  if (isHidden) failures.push(`${name}: failed outside of its tests`);
  return { ...report, name, ok, failed: report.failed + Number(isHidden), failures, notRun, seconds };
}

/** What a stage says that it cannot test here, and what brings it: a line of its own. @param {string} line of its output */
export function notRunIn(line) {
  return /^not run: (.+)$/.exec(stripVTControlCharacters(line))?.[1];
}
