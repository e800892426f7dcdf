/**
 * Lineage: the exact definition of a lost update. Every write has a parent (the version it read) and a version (the one it
 * made). The chain is the ancestors of the newest version. Ops on the chain are in the stored counter; acknowledged ops
 * off the chain are lost. A later write can build on a lost one, whose op is then restored.
 */
import { assert } from './assert.ts';
import type { Write } from './write.ts';

/** All writes of an epoch: `writes[i]` made version `i + 1`. */
export interface Lineage {
  writes: Write[];
}

/** Ops that one more write removes from the chain and brings back to it, each list newest first. */
export interface Divergence {
  lost: Write[];
  restored: Write[];
}

/** A lineage in which nothing was written. */
export function emptyLineage(): Lineage {
  return { writes: [] };
}

/** The newest version, 0 when nothing was written. */
export function newestVersion(lineage: Lineage): number {
  return lineage.writes.length;
}

/** The counter: what the newest version stored; 0 before the first write. */
export function storedBy(lineage: Lineage): number {
  return lineage.writes.at(-1)?.wroteAllocated ?? 0;
}

/** True when the write found the version moved since it read: a conflict, which is not the same as a loss. */
export function isConflict(write: Write): boolean {
  return write.parentVersion !== write.version - 1;
}

/**
 * The ops that leave the stored counter, and those that come back, when `write` becomes the newest version: found by
 * walking from the old and the new head down to their common ancestor. Changes nothing.
 */
export function divergence(lineage: Lineage, write: Write): Divergence {
  assert(write.version === newestVersion(lineage) + 1, 'writes are applied in version order');
  assert(write.parentVersion < write.version, 'a write reads an older version than it makes');
  const lost: Write[] = [];
  const restored: Write[] = [];
  let left = newestVersion(lineage);
  let right = write.parentVersion;
  // Parents are always older, so stepping down the newer of the two must meet at the common ancestor.
  while (left !== right) {
    if (left > right) {
      const gone = at(lineage, left);
      lost.push(gone);
      left = gone.parentVersion;
    } else {
      const back = at(lineage, right);
      restored.push(back);
      right = back.parentVersion;
    }
  }
  return { lost, restored };
}

/** Makes `write` the newest version, in place. */
export function append(lineage: Lineage, write: Write): void {
  assert(write.version === newestVersion(lineage) + 1, 'writes are applied in version order');
  lineage.writes.push(write);
}

/** The chain from the newest version down to the first write, newest first. */
export function chain(lineage: Lineage): Write[] {
  const ops: Write[] = [];
  for (let version = newestVersion(lineage); version > 0;) {
    const write = at(lineage, version);
    ops.push(write);
    version = write.parentVersion;
  }
  return ops;
}

/** Units of ops off the chain. */
export function lostUnits(lineage: Lineage): number {
  const kept = new Set(chain(lineage).map((write) => write.version));
  return lineage.writes.reduce((sum, write) => sum + (kept.has(write.version) ? 0 : write.units), 0);
}

function at(lineage: Lineage, version: number): Write {
  const write = lineage.writes[version - 1];
  assert(write, `version ${version} was written`);
  return write;
}
