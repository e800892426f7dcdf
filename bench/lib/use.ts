/** Processor time of a stretch of time, on both sides: what the hosts under load use, and what loading them costs. */
import { cpuSecondsOf } from './processes.ts';

/** Seconds of processor time between two moments, and the seconds between them. */
export interface Use {
  wallSeconds: number;
  /** Of every process of the host's group. */
  serverSeconds: number;
  /** Of this process. */
  loadSeconds: number;
}

/** Starts to watch a host's process group; the result ends it. */
export function watchUse(group: number): () => Use {
  const startMs = performance.now();
  const server = cpuSecondsOf(group);
  const load = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(load);
    return {
      wallSeconds: (performance.now() - startMs) / 1_000,
      serverSeconds: cpuSecondsOf(group) - server,
      loadSeconds: (user + system) / 1e6,
    };
  };
}

/** What this process has used of a core, as words for a note. */
export function loadShare({ loadSeconds, wallSeconds }: Use): string {
  return `load process ${Math.round((100 * loadSeconds) / wallSeconds)} % of a core`;
}
