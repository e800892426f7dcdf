/** Memory of the runtime, as the kernel tells it (Linux's /proc; elsewhere nothing is known). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Resident memory of workerd in a process group, MB; 0 where it cannot be known. */
export function runtimeMemoryMb(group: number): number {
  if (!existsSync('/proc/self/stat')) return 0;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + residentMb(pid, group), 0);
}

function residentMb(pid: string, group: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold anything; the fields are counted from behind it (proc(5)).
    const end = stat.lastIndexOf(')');
    const isRuntime = stat.slice(stat.indexOf('(') + 1, end).startsWith('workerd');
    if (!isRuntime || Number(stat.slice(end + 2).split(' ')[2]) !== group) return 0;
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    // It ended while it was looked at.
    return 0;
  }
}
