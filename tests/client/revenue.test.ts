/** From milliseconds to revenue: one formula, the presenter's own numbers, kept on the device. */
import { expect, test } from 'vitest';
import { hourlyUsd, numbersOf, Revenue } from '#lib/client/revenue.ts';
import { revenueWords } from '../../src/routes/control/[code]/revenue-words.ts';
import { memoryStore } from './support/fake-room.ts';

const NUMBERS = { salesUsd: 50_000, lostPercent: 1, todayMs: 300 };

test('the estimate is sales × share lost per 100 ms × the difference, and never more than all sales', () => {
  expect(hourlyUsd(NUMBERS, 100)).toBeCloseTo(1_000);
  expect(hourlyUsd(NUMBERS, 300)).toBe(0);
  expect(hourlyUsd(NUMBERS, 900)).toBe(0);
  expect(hourlyUsd({ ...NUMBERS, lostPercent: 100, todayMs: 60_000 }, 10)).toBe(50_000);
});

test('it says that it is an estimate, with every number that it is made of', () => {
  expect(revenueWords(NUMBERS, 100)).toBe(
    'ESTIMATE: $1,000.00 an hour = $50,000.00 × 1 % per 100 ms × (300 − 100) ms.',
  );
  expect(revenueWords(NUMBERS, 300)).toBe('At your 300 ms, 300 ms is no gain.');
  expect([revenueWords(null, 100), revenueWords(NUMBERS, null)]).toEqual(['', '']);
});

test('numbers are read as they are typed; what is none, or no shop’s, makes no estimate', () => {
  expect(numbersOf({ sales: '50,000', lost: '1.5', today: '300' })).toEqual({
    salesUsd: 50_000,
    lostPercent: 1.5,
    todayMs: 300,
  });
  for (const typed of [
    { sales: '', lost: '1', today: '300' },
    { sales: '1', lost: 'x', today: '300' },
    { sales: '1', lost: '101', today: '300' },
    { sales: '1', lost: '1', today: '1.5' },
    { sales: '1', lost: '1', today: '60001' },
  ]) {
    expect(numbersOf(typed)).toBeNull();
  }
});

test('what was typed is there after a reload, and what is kept damaged is nothing', () => {
  const store = memoryStore();
  new Revenue(store).type({ sales: '50,000', lost: '1' });
  expect(new Revenue(store).typed).toEqual({ sales: '50,000', lost: '1', today: '' });
  store.setItem('rgl.revenue', '{"sales":3}');
  expect(new Revenue(store).typed).toEqual({ sales: '', lost: '', today: '' });
});
