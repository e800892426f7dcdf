/**
 * Which processes live. A process id alone is no identity: the system uses it again, and a zombie keeps it until its parent
 * reads the exit code (which a container's first process may never do).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Identity of a process: its id and start time as the system gives it (empty where it does not).
 * @typedef {{ pid: number, born: string }} Identity
 */

/**
 * @param {number} pid
 * @returns {Identity | undefined} nothing when no process with that id lives; a zombie does not count
 */
export function identityOf(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const found = HAS_PROC ? fromProc(pid) : fromPs(pid);
  return found && !isDead(found.state) ? { pid, born: found.born } : undefined;
}

/**
 * Whether any process of a group lives; zombies do not count where the system shows them.
 * @param {number} leader the group's number
 * @returns {boolean} also true when the system does not show states and a process of the group exists
 */
export function groupHasLife(leader) {
  if (!HAS_PROC) return true;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    const found = fromProc(Number(pid));
    return found?.group === leader && !isDead(found.state);
  });
}

/** @param {number} pid */
function fromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields 3, 5 and 22 of proc_pid_stat(5), counted from after the name, which may contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), born: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function fromPs(pid) {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env });
  if (ps.error) return answers(pid) ? { state: '', born: '' } : undefined;
  const [state = '', ...born] = ps.stdout.trim().split(/\s+/);
  return state === '' ? undefined : { state, born: born.join(' ') };
}

/** @param {number} pid */
function answers(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} state */
function isDead(state) {
  return /^[ZXx]/.test(state);
}
