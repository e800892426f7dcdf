/**
 * Starts a program that refuses to be root. Inside a user namespace of its own root is somebody else, and still reads and writes
 * what root may; where the machine allows no such namespaces, `nobody` takes over, and has to reach the files.
 */
import { spawnSync } from 'node:child_process';
import { Stop } from '../lib/stop.mjs';

/** Any user that is not root; the number is seen inside the namespace alone. */
const INSIDE = ['--user', '--map-user=1000', '--map-group=1000', '--'];

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} folder what it may write; it is made its user's own
 * @returns {{ program: string, args: string[], as?: { uid: number, gid: number } }}
 * @throws {Stop} when this is root and nobody else can be
 */
export function unprivileged(program, args, folder) {
  if (process.getuid?.() !== 0) return { program, args };
  if (spawnSync('unshare', [...INSIDE, 'true']).status === 0) {
    own(folder, { uid: 0, gid: 0 });
    return { program: 'unshare', args: [...INSIDE, program, ...args] };
  }
  const as = { uid: idOf('-u'), gid: idOf('-g') };
  own(folder, as);
  if (spawnSync(program, ['--version'], { ...as, cwd: '/' }).status !== 0) {
    throw new Stop(
      `it refuses to run as root, and the user nobody cannot reach ${program}: start as another user.`,
    );
  }
  return { program, args, as };
}

/** A folder may be from a start that became another user. @param {string} folder @param {{ uid: number, gid: number }} as */
function own(folder, { uid, gid }) {
  spawnSync('chown', ['-R', `${uid}:${gid}`, folder]);
}

/** @param {'-u' | '-g'} which */
function idOf(which) {
  const { stdout, status } = spawnSync('id', [which, 'nobody'], { encoding: 'utf8' });
  if (status !== 0)
    throw new Stop('it refuses to run as root, and there is no user nobody: start as another user.');
  return Number(stdout);
}
