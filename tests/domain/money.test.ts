import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { picoFromUsd, PICO_PER_CENT, toDecimal, usdFromPico, wholeCents } from '#lib/domain/money.ts';
import { METERS, PRICE_PICO, priceOf } from '#lib/domain/prices.ts';
import { check } from './support/property.ts';

test.each([
  [0, 0n, 0],
  [-0, 0n, 0],
  [189, 189n, 0],
  [19.99, 1999n, 2],
  [1e-9, 1n, 9],
  ['1e-9', 1n, 9],
  ['0.0', 0n, 1],
  ['2.50E+3', 2500n, 0],
  [' 7 ', 7n, 0],
  [1e21, 10n ** 21n, 0],
  ['-1.5', -15n, 1],
])('%s is a decimal, exactly', (value, digits, places) => {
  expect(toDecimal(value)).toEqual({ digits, places });
});

test.each([
  '',
  'abc',
  '1,5',
  '0x10',
  '1e',
  'e5',
  '1e-31',
  '1e31',
  '1e9999',
  'Infinity',
  '1 2',
  NaN,
  Infinity,
])('%s is no decimal', (value) => {
  expect(toDecimal(value)).toBeNull();
});

test('amounts in whole pico-USD come back as they went, up to $8,192', () => {
  check(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n - 2n ** 50n }), (pico) => {
      expect(picoFromUsd(usdFromPico(pico))).toBe(pico);
    }),
    5_000,
  );
});

test('amounts in whole cents come back as they went, far beyond 2^53 pico-USD', () => {
  check(
    fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), (cents) => {
      expect(picoFromUsd(usdFromPico(cents * PICO_PER_CENT))).toBe(cents * PICO_PER_CENT);
    }),
    5_000,
  );
});

test('money that is no decimal throws, parts below a pico-USD are dropped', () => {
  expect(() => picoFromUsd('ten')).toThrow('Not a decimal amount');
  expect(picoFromUsd('0.0000000000019')).toBe(1n);
  expect(usdFromPico(-1_500_000_000_000n)).toBe(-1.5);
});

test('whole cents are rounded down, never to the nearest', () => {
  const one = { digits: 1n, places: 0 };
  expect(wholeCents(PICO_PER_CENT - 1n, one)).toBe(0n);
  expect(wholeCents(PICO_PER_CENT, one)).toBe(PICO_PER_CENT);
  expect(wholeCents(2n * PICO_PER_CENT - 1n, one)).toBe(PICO_PER_CENT);
  expect(wholeCents(picoFromUsd(9_999_999.99), { digits: 1n, places: 9 })).toBe(0n);
  expect(wholeCents(picoFromUsd(10_000_000), { digits: 1n, places: 9 })).toBe(PICO_PER_CENT);
});

test('each meter costs its list price, exactly, also in parts of a second', () => {
  expect(METERS.map((meter) => [meter, PRICE_PICO[meter]])).toEqual([
    ['worker.request', 300_000n],
    ['do.request', 150_000n],
    ['do.messageIn', 7_500n],
    ['do.activeSecond', 1_600_000n],
    ['do.rowRead', 1_000n],
    ['do.rowWritten', 1_000_000n],
    ['d1.rowRead', 1_000n],
    ['d1.rowWritten', 1_000_000n],
    ['kv.read', 500_000n],
    ['kv.write', 5_000_000n],
    ['ae.point', 250_000n],
  ]);
  expect(priceOf('do.activeSecond', 0.001)).toBe(1_600n);
  expect(priceOf('worker.request', 1_000_000)).toBe(picoFromUsd(0.3));
  expect(priceOf('kv.write', 0)).toBe(0n);
});

test('a sum of tenths has no crumbs', () => {
  let sum = 0n;
  for (let times = 0; times < 1_000_000; times++) sum += picoFromUsd(0.1);
  expect(usdFromPico(sum)).toBe(100_000);
});
