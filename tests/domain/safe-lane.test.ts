import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyFacts } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { apply } from '#lib/domain/reduce.ts';
import { blindWrite, fits } from '#lib/domain/write.ts';
import { check } from './support/property.ts';
import { playShow } from './support/show.ts';

test('the safe lane never holds more than there is, after every op, over random ops and resets', () => {
  let soldOut = 0;
  let resets = 0;
  check(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('safe' as const, 'both' as const),
      (seed, capacity, mode) => {
        const { events } = playShow({ seed, steps: 300, mode, sku: { capacity }, resetEvery: 100 });
        const facts = emptyFacts();
        for (const event of events) {
          apply(facts, event);
          const { acknowledged, stored, lostByLineage, conflicts, byOwner } = ofLane(facts.lanes, 'safe');
          expect(acknowledged).toBeLessThanOrEqual(capacity);
          expect(stored).toBe(acknowledged);
          expect(lostByLineage + conflicts).toBe(0);
          const orders = [...byOwner.values()].flat();
          expect(new Set(orders.map(({ op }) => op)).size).toBe(orders.length);
          if (event.kind === 'reset') resets += 1;
        }
        if (facts.lanes.safe?.refused.OUT_OF_STOCK) soldOut += 1;
      },
    ),
    500,
  );
  expect(soldOut).toBeGreaterThan(50);
  expect(resets).toBeGreaterThan(50);
});

test('an op gets all of its units or none', () => {
  expect(fits(99, 100, 1)).toBe(true);
  expect(fits(100, 100, 1)).toBe(false);
  expect(fits(98, 100, 3)).toBe(false);
  expect(fits(0, 100, 100)).toBe(true);
});

test('a blind write stores its reading plus its units, whatever others wrote', () => {
  expect(blindWrite({ allocated: 41, capacity: 100, version: 7 }, 1)).toBe(42);
});

test('a lone shopper on the eventual lane neither oversells nor loses', () => {
  check(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 })),
      fc.integer({ min: 1, max: 40 }),
      (taps, capacity) => {
        let allocated = 0;
        let acknowledged = 0;
        for (const units of taps) {
          if (!fits(allocated, capacity, units)) continue;
          allocated = blindWrite({ allocated, capacity, version: 0 }, units);
          acknowledged += units;
        }
        expect(allocated).toBe(acknowledged);
        expect(allocated).toBeLessThanOrEqual(capacity);
      },
    ),
  );
});
