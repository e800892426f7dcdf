/** Processor time over a stretch of time: of a host under load, and of this process, which makes the load. */
import { cpuSecondsOf } from './processes.ts';

/** Seconds of processor time between two moments, and the seconds between them. */
export interface Use {
  wallSeconds: number;
  /** Of every process of the host's group. */
  serverSeconds: number;
  /** Of this process. */
  loadSeconds: number;
}

/** Starts measuring a host's process group; calling the result ends it and returns the use. */
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

/** The share of a core that this process used, in words for a note. */
export function loadShare({ loadSeconds, wallSeconds }: Use): string {
  return `load process ${Math.round((100 * loadSeconds) / wallSeconds)} % of a core`;
}
