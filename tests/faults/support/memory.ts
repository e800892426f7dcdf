/** Memory of the runtime, as the kernel tells it (Linux's /proc; elsewhere nothing is known). */
import { runtimeOf } from '../../../bench/lib/processes.ts';

/** Resident memory of workerd in a process group, MB; 0 where it cannot be known. */
export function runtimeMemoryMb(group: number): number {
  return runtimeOf(group).reduce((sum, { rssMb }) => sum + rssMb, 0);
}
