/** Memory and processor time of a process group, from Linux's /proc (proc(5)); empty on other systems. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** One process. */
interface ProcessUse {
  pid: number;
  name: string;
  /** Resident memory, MB. */
  rssMb: number;
  /** Processor time since it began, seconds. */
  cpuSeconds: number;
}

/** The kernel's unit of processor time, seconds: 100 a second on every Linux that Node runs on. */
const TICK_SECONDS = 0.01;

/** Every process of a group. */
function processesOf(group: number): ProcessUse[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid), group));
}

/** Processes of the runtime (workerd) in a group, the largest first: the Worker's own, then the tool's proxy. */
export function runtimeOf(group: number): ProcessUse[] {
  return processesOf(group)
    .filter(({ name }) => name.startsWith('workerd'))
    .sort((a, b) => b.rssMb - a.rssMb);
}

/** Resident memory of the runtime that runs the Worker, MB: the largest of a group. Nothing where the kernel does not tell. */
export function runtimeMemoryMb(group: number): number {
  return runtimeOf(group)[0]?.rssMb ?? NaN;
}

/** Processor time of every process of a group, seconds. */
export function cpuSecondsOf(group: number): number {
  return processesOf(group).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

function readProcess(pid: number, group: number): ProcessUse[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may contain anything; fields are counted from after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) !== group) return [];
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    return [
      {
        pid,
        name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
        rssMb: rssKb / 1_024,
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS,
      },
    ];
  } catch {
    // The process ended meanwhile.
    return [];
  }
}
