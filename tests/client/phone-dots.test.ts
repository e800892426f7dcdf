import { expect, test } from 'vitest';
import { DOTS, dotsOf } from '../../src/routes/stage/[code]/scenes/phone-dots.ts';

test('there is one dot a phone, each whole and apart from the others, until they cannot be told apart', () => {
  for (const phones of [0, 1, 3, 47, 120, 300, 599, 600]) {
    const { places, radius } = dotsOf(phones);
    expect(places).toHaveLength(phones);
    for (const { x, y } of places) {
      expect(Math.min(x, y, DOTS.width - x, DOTS.height - y)).toBeGreaterThanOrEqual(radius);
    }
    const rows = new Set(places.map(({ y }) => y));
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(phones);
    if (rows.size > 1) expect([...rows][1]! - [...rows][0]!).toBeGreaterThan(2 * radius);
  }
  expect(dotsOf(601).places).toEqual([]);
});
