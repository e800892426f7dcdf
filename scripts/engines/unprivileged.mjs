/**
 * Starts a program that refuses to be root, as somebody who still reaches what root does: a clone and a folder of shows may lie where
 * nobody else may look.
 */
import { spawnSync } from 'node:child_process';
import { Stop } from '../lib/stop.mjs';

const NOBODY = 65_534;

/**
 * Ways to be somebody else, the best first. Inside a user namespace of its own root has another number, which is seen there alone;
 * many containers allow no such namespaces, but the user `nobody` with the one right to reach every file.
 */
const WAYS = [
  { program: 'unshare', options: ['--user', '--map-user=1000', '--map-group=1000', '--'], owner: 0 },
  {
    program: 'setpriv',
    options: [
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--',
    ],
    owner: NOBODY,
  },
];

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} folder what it writes; it is made its user's own, because an earlier start may have found another way
 * @returns {{ program: string, args: string[] }} what to start in its place
 * @throws {Stop} when this is root and can be nobody else
 */
export function unprivileged(program, args, folder) {
  if (process.getuid?.() !== 0) return { program, args };
  const way = WAYS.find((each) => spawnSync(each.program, [...each.options, 'true']).status === 0);
  if (!way)
    throw new Stop('it refuses to run as root, and root can be nobody else here: start as another user.');
  spawnSync('chown', ['-R', `${way.owner}:${way.owner}`, folder]);
  return { program: way.program, args: [...way.options, program, ...args] };
}
