/** What processes use: memory and processor time of a host's group, from Linux's /proc, and of this process, which makes the load. */
import { readFileSync } from 'node:fs';
import { sum } from '../../scripts/crowd/hammering.ts';
import type { Phone } from '../../scripts/crowd/phone.ts';
import { processesOf } from '../../scripts/lib/processes.mjs';

/** Seconds of processor time between two moments, and the seconds between them. */
export interface Use {
  wallSeconds: number;
  /** Of every process of the host's group. */
  serverSeconds: number;
  /** Of this process. */
  loadSeconds: number;
}

/** Processes of the runtime (workerd) in a group, the largest first, with their resident memory: the Worker's own comes first. */
export function runtimeOf(group: number): { pid: number; rssMb: number }[] {
  return processesOf(group)
    .filter(({ name }) => name.startsWith('workerd'))
    .map(({ pid }) => ({ pid, rssMb: rssMbOf(pid) }))
    .sort((a, b) => b.rssMb - a.rssMb);
}

/** Resident memory of the runtime that runs the Worker, MB. NaN where the kernel does not tell. */
export function runtimeMemoryMb(group: number): number {
  return runtimeOf(group)[0]?.rssMb ?? NaN;
}

/** Starts measuring a host's process group; calling the result ends it and returns the use. */
export function watchUse(group: number): () => Use {
  const cpuSeconds = () => sum(processesOf(group), (process) => process.cpuSeconds);
  const startMs = performance.now();
  const server = cpuSeconds();
  const load = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(load);
    return {
      wallSeconds: (performance.now() - startMs) / 1_000,
      serverSeconds: cpuSeconds() - server,
      loadSeconds: (user + system) / 1e6,
    };
  };
}

/** What {@link stretch} measures. */
export type Stretch = Awaited<ReturnType<typeof stretch>>;

/** Measures what phones receive, and what their host's process group uses, while something goes on. */
export async function stretch<T>(phones: readonly Phone[], group: number, during: () => Promise<T>) {
  const received = () => ({
    frames: sum(phones, ({ frames }) => frames),
    frameBytes: sum(phones, ({ frameBytes }) => frameBytes),
    bytes: sum(phones, ({ bytes }) => bytes),
  });
  const before = received();
  const watched = watchUse(group);
  const made = await during();
  const use = watched();
  const after = received();
  const frames = after.frames - before.frames;
  const frameBytes = after.frameBytes - before.frameBytes;
  return { made, use, frames, frameBytes, bytes: after.bytes - before.bytes };
}

/** The share of a core that this process used, in words for a note. */
export function loadShare({ loadSeconds, wallSeconds }: Use): string {
  return `load process ${Math.round((100 * loadSeconds) / wallSeconds)} % of a core`;
}

function rssMbOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    // The process ended meanwhile.
    return 0;
  }
}
