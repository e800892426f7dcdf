/**
 * Which processes live. A process id alone is no identity: the system uses it again, and a zombie keeps it until its parent
 * reads the exit code (which a container's first process may never do).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/stat');
/** The kernel's unit of processor time, seconds: 100 a second on every Linux that Node runs on. */
const TICK_SECONDS = 0.01;

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
  return found && !isDead(found) ? { pid, born: found.born } : undefined;
}

/**
 * Whether any process of a group lives; zombies do not count where the system shows them.
 * @param {number} leader the group's number
 * @returns {boolean} also true when the system does not show states and a process of the group exists
 */
export function groupHasLife(leader) {
  return !HAS_PROC || processesOf(leader).some((found) => !isDead(found));
}

/** Every process of a group, by Linux's /proc; none on other systems. @param {number} leader the group's number */
export function processesOf(leader) {
  if (!HAS_PROC) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => fromProc(Number(pid)) ?? []).filter(({ group }) => group === leader);
}

/** The name of a process by Linux's /proc; nothing when none with that id is there, or on other systems. @param {number} pid */
export function processName(pid) {
  return HAS_PROC ? fromProc(pid)?.name : undefined;
}

/** @param {number} pid */
function fromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields 3, 5, 14, 15 and 22 of proc_pid_stat(5), counted from after the name, which may contain spaces and parentheses.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    return {
      pid,
      name: stat.slice(stat.indexOf('(') + 1, end),
      state: fields[0] ?? '',
      group: Number(fields[2]),
      /** Processor time since it began. */
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS,
      born: fields[19] ?? '',
    };
  } catch {
    // The process ended meanwhile.
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

/** @param {{ state: string }} process */
function isDead({ state }) {
  return /^[ZXx]/.test(state);
}
