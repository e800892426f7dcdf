/**
 * Which processes live. A number is no identity: the system gives it to somebody else, and it stays taken for as long as
 * nobody fetches the exit code of a process that has died (a container's first process may never do that).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Who a process is: its number and when it began, in the words of its system (empty where that cannot be told).
 * @typedef {{ pid: number, born: string }} Identity
 */

/**
 * @param {number} pid
 * @returns {Identity | undefined} nothing when no process of that number lives; one that has died and waits to be fetched does not
 */
export function identityOf(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const found = HAS_PROC ? fromProc(pid) : fromPs(pid);
  return found && !isDead(found.state) ? { pid, born: found.born } : undefined;
}

/**
 * Whether any process of a group lives, where that can be told of each.
 * @param {number} leader the group's number
 * @returns {boolean} true also when the system does not say: somebody of that number was there to be asked
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
    // The name before them may hold spaces and parentheses. Fields 3, 5 and 22 of proc_pid_stat(5).
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
