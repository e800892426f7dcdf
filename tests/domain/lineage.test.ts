import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  append,
  chain,
  divergence,
  emptyLineage,
  isConflict,
  lostUnits,
  newestVersion,
  storedBy,
} from '#lib/domain/lineage.ts';
import type { Lineage } from '#lib/domain/lineage.ts';
import type { Write } from '#lib/domain/write.ts';
import { check } from './support/property.ts';

/** One shopper of a history: how many versions were written between its reading and its write, and what it took. */
const shopper = fc.record({ late: fc.nat(6), units: fc.integer({ min: 1, max: 5 }) });
const histories = fc.array(shopper, { minLength: 1, maxLength: 40 });

/** The writes of a history: a register that is read and blindly written, and nothing of the code under test. */
function writesOf(history: readonly { late: number; units: number }[]): Write[] {
  const wrote = [0];
  return history.map(({ late, units }, index) => {
    const parentVersion = Math.max(0, index - late);
    const readAllocated = wrote[parentVersion] as number;
    wrote.push(readAllocated + units);
    return {
      op: `op-${index + 1}`,
      who: `guest-${index % 5}`,
      units,
      parentVersion,
      version: index + 1,
      readAllocated,
      wroteAllocated: readAllocated + units,
    };
  });
}

function lineageOf(writes: readonly Write[]): Lineage {
  const lineage = emptyLineage();
  for (const write of writes) append(lineage, write);
  return lineage;
}

/** The ops in the counter after the first `length` writes, found by brute force from the newest one down. */
function keptAfter(writes: readonly Write[], length: number): Set<string> {
  const kept = new Set<string>();
  let version = length;
  while (version > 0) {
    const write = writes[version - 1] as Write;
    kept.add(write.op);
    version = write.parentVersion;
  }
  return kept;
}

const sum = (writes: readonly Write[]) => writes.reduce((total, { units }) => total + units, 0);
const ops = (writes: readonly Write[]) => writes.map(({ op }) => op);

test('lost units by chain = acknowledged − stored = an independent recount, in 10,000 random histories', () => {
  let lostSomething = 0;
  check(
    fc.property(histories, (history) => {
      const writes = writesOf(history);
      const lineage = lineageOf(writes);
      const kept = keptAfter(writes, writes.length);
      const recount = sum(writes.filter(({ op }) => !kept.has(op)));
      const stored = (writes.at(-1) as Write).wroteAllocated;
      expect(storedBy(lineage)).toBe(stored);
      expect(lostUnits(lineage)).toBe(sum(writes) - stored);
      expect(lostUnits(lineage)).toBe(recount);
      expect(sum(chain(lineage))).toBe(stored);
      if (recount > 0) lostSomething += 1;
    }),
    10_000,
  );
  expect(lostSomething).toBeGreaterThan(5_000);
});

test('lost and restored, told write by write, name exactly the ops that left and came back', () => {
  let cameBack = 0;
  check(
    fc.property(histories, (history) => {
      const writes = writesOf(history);
      const lineage = emptyLineage();
      const standing = new Set<string>();
      for (const write of writes) {
        const { lost, restored } = divergence(lineage, write);
        for (const { op } of lost) expect(standing.delete(op)).toBe(true);
        for (const { op } of restored) {
          expect(standing.has(op)).toBe(false);
          standing.add(op);
        }
        cameBack += restored.length;
        standing.add(write.op);
        append(lineage, write);
        expect(standing).toEqual(keptAfter(writes, write.version));
      }
    }),
    2_000,
  );
  expect(cameBack).toBeGreaterThan(100);
});

test('conflicts are not the lost ops: they agree in some histories and differ in others', () => {
  let equal = 0;
  let different = 0;
  check(
    fc.property(histories, (history) => {
      const writes = writesOf(history);
      const lost = writes.length - chain(lineageOf(writes)).length;
      if (writes.filter(isConflict).length === lost) equal += 1;
      else different += 1;
    }),
    2_000,
  );
  expect(equal).toBeGreaterThan(0);
  expect(different).toBeGreaterThan(0);
});

test('one shopper after the other loses nothing', () => {
  check(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }), (units) => {
      const writes = writesOf(units.map((taken) => ({ late: 0, units: taken })));
      expect(lostUnits(lineageOf(writes))).toBe(0);
      expect(writes.some(isConflict)).toBe(false);
    }),
  );
});

test('two who read the same version: the second write erases the first', () => {
  const [first, second] = writesOf([
    { late: 0, units: 1 },
    { late: 1, units: 2 },
  ]) as [Write, Write];
  const lineage = lineageOf([first]);
  expect(divergence(lineage, second)).toEqual({ lost: [first], restored: [] });
  expect(divergence(lineage, second)).toEqual({ lost: [first], restored: [] });
  append(lineage, second);
  expect(isConflict(first)).toBe(false);
  expect(isConflict(second)).toBe(true);
  expect(lostUnits(lineage)).toBe(1);
});

test('a write that builds on a lost one brings it back, and drops its rivals', () => {
  const writes = writesOf([
    { late: 0, units: 1 },
    { late: 1, units: 1 },
    { late: 0, units: 1 },
    { late: 2, units: 1 },
  ]);
  const lineage = lineageOf(writes.slice(0, 3));
  const { lost, restored } = divergence(lineage, writes[3] as Write);
  expect(ops(lost)).toEqual(['op-3', 'op-2']);
  expect(ops(restored)).toEqual(['op-1']);
  append(lineage, writes[3] as Write);
  expect(newestVersion(lineage)).toBe(4);
  expect(ops(chain(lineage))).toEqual(['op-4', 'op-1']);
});

test('a gap in the versions, or a parent from the future, is a bug and throws', () => {
  const [write] = writesOf([{ late: 0, units: 1 }]) as [Write];
  expect(() => append(emptyLineage(), { ...write, version: 2 })).toThrow('version order');
  expect(() => divergence(emptyLineage(), { ...write, version: 2 })).toThrow('version order');
  expect(() => divergence(emptyLineage(), { ...write, parentVersion: 1 })).toThrow('older version');
});
