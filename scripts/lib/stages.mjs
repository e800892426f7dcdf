/** The stages of `npm test`: what each runs, and what it counts. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.mjs';
import { ensureFolder } from './folder.mjs';
import { toolEnvironment, toolNode } from './node.mjs';
import { ROOT, toolScript } from './paths.mjs';
import { readVitestReport } from './vitest-report.mjs';

/**
 * One stage: Node scripts that run one after the other until one fails.
 * @typedef {object} Stage
 * @property {string} name
 * @property {(root: string) => string[][]} commands each a script and its arguments
 * @property {boolean} [vitest] counts tests, not itself
 * @property {string} [tests] folder that must hold tests, or the stage is left out
 * @property {boolean} [needsBrowser]
 * @property {string[]} [needs] stages whose results it reads: they run first, also when only this one was asked for
 * @property {Record<string, string>} [longEnv] environment of its long form
 */

/**
 * @typedef {object} StageResult
 * @property {string} name
 * @property {boolean} ok
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures a line for each thing that failed
 * @property {number} seconds
 */

const REPORTS = join('artifacts', 'test');

/** In the order in which they run: quick stages that fail often come first. @type {Stage[]} */
export const STAGES = [
  // Every text of the pages is in its catalogue, and no translation lost a placeholder.
  { name: 'texts', commands: (root) => [[toolScript('wuchale', root), 'check', '--full']] },
  // The pages' types are generated from the routes, and their texts from the catalogues; the checks below read them.
  {
    name: 'sync',
    commands: (root) => [
      [toolScript('svelte-kit', root), 'sync'],
      [toolScript('wuchale', root), '--log-level', 'warn'],
    ],
  },
  {
    name: 'format',
    commands: (root) => [[toolScript('prettier', root), '--check', '.', '--log-level', 'warn']],
  },
  {
    name: 'lint',
    needs: ['sync'],
    commands: (root) => [[toolScript('eslint', root), '--max-warnings', '0', '.']],
  },
  {
    name: 'types',
    needs: ['sync'],
    commands: (root) => [
      [
        toolScript('svelte-check', root),
        '--tsconfig',
        'tsconfig.json',
        '--fail-on-warnings',
        '--output',
        'human',
      ],
      [toolScript('tsc', root), '-p', join('src', 'server')],
    ],
  },
  { name: 'knip', needs: ['sync'], commands: (root) => [[toolScript('knip', root)]] },
  {
    name: 'unit',
    vitest: true,
    needs: ['sync'],
    commands: (root) => [[...vitest(root), '--project', 'node']],
  },
  {
    name: 'server',
    vitest: true,
    needs: ['sync'],
    // The server's log of refusals and faults is shown only where a test fails.
    commands: (root) => [[...vitest(root), '--project', 'server', '--silent=passed-only']],
  },
  { name: 'build', commands: (root) => [[join(root, 'scripts', 'build.mjs')]] },
  {
    name: 'faults',
    vitest: true,
    needs: ['sync', 'build'],
    tests: join('tests', 'faults'),
    longEnv: { FAULTS: 'long' },
    commands: (root) => [[...vitest(root), '--config', join('tests', 'faults', 'vitest.config.ts')]],
  },
  {
    name: 'e2e',
    vitest: true,
    needs: ['sync', 'build'],
    tests: join('tests', 'e2e'),
    needsBrowser: true,
    commands: (root) => [[...vitest(root), '--config', join('tests', 'e2e', 'vitest.config.ts')]],
  },
  { name: 'deploy', commands: (root) => [[join(root, 'scripts', 'deploy.mjs'), '--dry-run']] },
];

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
 * Runs a stage and prints its output as it comes.
 * @param {Stage} stage
 * @param {boolean} long
 * @returns {Promise<StageResult>}
 */
export async function runStage(stage, long) {
  const began = performance.now();
  const result = { name: stage.name, ok: true, passed: 0, failed: 0, skipped: 0, failures: [], seconds: 0 };
  if (stage.tests !== undefined && !holdsTests(join(ROOT, stage.tests))) {
    console.log(`\n── ${stage.name}: no tests there`);
    return result;
  }
  console.log(`\n── ${stage.name}`);
  const reportFile = join(ROOT, REPORTS, `${stage.name}.json`);
  const code = await runCommands(stage, reportFile, long ? (stage.longEnv ?? {}) : {});
  const report = stage.vitest ? readVitestReport(reportFile, ROOT) : undefined;
  const seconds = (performance.now() - began) / 1000;
  if (report && report.passed + report.failed > 0) {
    // A run can fail with every test green: an error outside of tests, a file that does not load.
    const hidden = code !== 0 && report.failed === 0;
    const failures = report.failures.map((line) => `${stage.name}: ${line}`);
    if (hidden) failures.push(`${stage.name}: failed outside of its tests`);
    return {
      ...result,
      ...report,
      failed: report.failed + Number(hidden),
      failures,
      ok: code === 0,
      seconds,
    };
  }
  return code === 0
    ? { ...result, passed: 1, seconds }
    : { ...result, ok: false, failed: 1, failures: [stage.name], seconds };
}

/**
 * @param {Stage} stage
 * @param {string} reportFile
 * @param {Record<string, string>} env
 * @returns {Promise<number>} exit code of the first command that failed, or 0
 */
async function runCommands(stage, reportFile, env) {
  const node = toolNode();
  if (stage.vitest) {
    ensureFolder(join(ROOT, REPORTS));
    rmSync(reportFile, { force: true });
  }
  const extra = stage.vitest
    ? ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    : [];
  for (const command of stage.commands(ROOT)) {
    const child = startChild(node, [...command, ...extra], {
      env: toolEnvironment(node, { ...env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) }),
      onLine: (line) => console.log(line),
    });
    const code = await child.ended;
    if (code !== 0) return code;
  }
  return 0;
}

/** @param {string} root */
function vitest(root) {
  return [toolScript('vitest', root), 'run'];
}

/** @param {string} folder */
function holdsTests(folder) {
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((name) => /\.test\.ts$/.test(String(name)))
  );
}
