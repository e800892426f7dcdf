/** `npm test`: installs what is missing and runs every check; fails when any of them does. */
import { installBrowser } from './lib/browser.mjs';
import { commandLine, wrong } from './lib/command-line.mjs';
import { installPackages, packagesInstalled } from './lib/install.mjs';
import { live } from './lib/lifetime.mjs';
import { machineNode, refuseOldNode } from './lib/node.mjs';
import { chosenStages, runStages, STAGES } from './lib/stages.mjs';
import { step } from './lib/step.mjs';

const NAMES = STAGES.map(({ name }) => name);
const HELP = `npm test -- [options]

  --only STAGE   run this stage alone, and what it cannot do without; may be repeated: ${NAMES.join(', ')}
  --long         the long form of the stages that have one (the same as \`npm run test:faults\` for faults)
  --help         this text
`;

await live(main);

async function main() {
  const { values } = commandLine(HELP, {
    options: {
      only: { type: 'string', multiple: true, default: [] },
      long: { type: 'boolean', default: false },
    },
  });
  const unknown = values.only.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw wrong(`There is no stage "${unknown}"; there are ${NAMES.join(', ')}.`);
  refuseOldNode(machineNode());
  if (!packagesInstalled()) await step('Installing packages', installPackages);

  const chosen = chosenStages(values.only);
  if (chosen.some((stage) => stage.needsBrowser)) await step('Looking for a browser', installBrowser);
  return report(await runStages(chosen, values.long));
}

/** @param {import('./lib/stages.mjs').Result[]} results @returns {number} exit code */
function report(results) {
  console.log('');
  for (const { name, ok, passed, failed, skipped, seconds } of results) {
    const counts = passed + failed > 1 ? ` (${passed} passed, ${failed} failed, ${skipped} skipped)` : '';
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s${counts}`);
  }
  const failures = results.flatMap((result) => result.failures);
  if (failures.length > 0) console.log(`\nWhat failed:\n${failures.map((line) => `  ${line}`).join('\n')}\n`);
  const notRun = results.flatMap((result) => result.notRun);
  if (notRun.length > 0)
    console.log(`\nNot run, and not counted:\n${notRun.map((line) => `  ${line}`).join('\n')}\n`);
  const sum = (/** @type {'passed' | 'failed'} */ key) =>
    results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return results.every((result) => result.ok) ? 0 : 1;
}
