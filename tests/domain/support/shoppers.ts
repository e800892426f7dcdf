/** Histories of shoppers on the eventual lane: who reads how late, buys how much and pauses how long, told as a room tells it. */
import * as fc from 'fast-check';
import type { Write } from '#lib/domain/write.ts';
import { append, emptyLineage } from '#lib/domain/lineage.ts';
import type { Lineage } from '#lib/domain/lineage.ts';
import { draftsOfWrite } from '#lib/domain/settle.ts';
import { Log, openedBody } from './room-facts.ts';

/** One shopper: how many versions were written between its reading and its write, what it took, how its clock goes. */
export interface Shopper {
  late: number;
  units: number;
  pausedMs: number;
  skewMs: number;
}

/** Random histories of up to 40 shoppers. */
export const histories = fc.array(
  fc.record({
    late: fc.nat(6),
    units: fc.integer({ min: 1, max: 5 }),
    pausedMs: fc.integer({ min: 90, max: 140 }),
    skewMs: fc.integer({ min: -30, max: 30 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** A shopper of one unit whose clock goes right, `late` versions behind. */
export function late(versions: number): Shopper {
  return { late: versions, units: 1, pausedMs: 100, skewMs: 0 };
}

/** A room in which these shoppers bought, told by the rules that a room tells it by. */
export function told(history: readonly Shopper[]): {
  log: Log;
  writes: Write[];
  timesOf: Map<string, [number, number]>;
} {
  const log = new Log(openedBody());
  const wrote = [0];
  const writes: Write[] = [];
  const timesOf = new Map<string, [number, number]>();
  for (const [index, { late, units, pausedMs, skewMs }] of history.entries()) {
    const parentVersion = Math.max(0, index - late);
    const readAllocated = wrote[parentVersion] as number;
    const wroteAllocated = readAllocated + units;
    wrote.push(wroteAllocated);
    const [op, who] = [`op-${index + 1}`, `guest-${index % 5}`];
    const write = { op, who, units, parentVersion, version: index + 1, readAllocated, wroteAllocated };
    const wroteAtMs = 1_000_000 + 40 * index + skewMs;
    const times = { readAtMs: wroteAtMs - pausedMs, wroteAtMs };
    const buyer = { op, who, units, sim: index % 7 === 6 };
    for (const draft of draftsOfWrite(log.facts, 'eventual', buyer, write, times)) log.tell(draft);
    writes.push(write);
    timesOf.set(op, [times.readAtMs, times.wroteAtMs]);
  }
  return { log, writes, timesOf };
}

/** The lineage of the first `version` writes. */
export function lineageUpTo(writes: readonly Write[], version: number): Lineage {
  const lineage = emptyLineage();
  for (const write of writes.slice(0, version)) append(lineage, write);
  return lineage;
}
