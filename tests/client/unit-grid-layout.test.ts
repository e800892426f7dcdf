import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gridLayout, overflowRoom } from '#lib/components/unit-grid-layout.ts';

const SPACE = { width: 1_156, height: 240, smallest: 8, largest: 56 };

test('every unit has a place on the canvas, whatever exists and however much was oversold', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 300, max: 1_800 }),
      fc.integer({ min: 90, max: 700 }),
      (capacity, sold, width, height) => {
        const overflow = sold === 0 ? 0 : overflowRoom(sold, capacity);
        const layout = gridLayout({ ...SPACE, width, height, capacity, overflow });
        expect(layout.columns * layout.cell).toBeLessThanOrEqual(width + 1e-6);
        expect(layout.inside * layout.unitsPerCell).toBeGreaterThanOrEqual(capacity);
        expect(layout.room * layout.unitsPerCell).toBeGreaterThanOrEqual(sold);
        const rows = Math.ceil(layout.inside / layout.columns);
        expect(rows * layout.cell).toBeLessThanOrEqual(height + 1e-6);
      },
    ),
    { numRuns: 500, seed: 7 },
  );
});

test('a cell is one unit while that can be seen, and says how many it stands for when not', () => {
  expect(gridLayout({ ...SPACE, capacity: 100, overflow: 100 }).unitsPerCell).toBe(1);
  const crowded = gridLayout({ ...SPACE, capacity: 100_000, overflow: 0 });
  expect(crowded.unitsPerCell).toBeGreaterThan(1);
  expect(crowded.cell).toBeGreaterThanOrEqual(SPACE.smallest);
});

test('room for the overflow grows in steps, so that the picture does not jump with each sale', () => {
  const rooms = Array.from({ length: 1_000 }, (_, sold) => overflowRoom(sold + 1, 100));
  expect(rooms.every((room, sold) => room >= sold + 1)).toBe(true);
  expect(new Set(rooms).size).toBeLessThan(12);
});
