import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  emptyHistogram,
  histogramOf,
  histogramPercentile,
  record,
  summarise,
  toldHistogram,
} from '#lib/domain/histogram.ts';
import { check } from './support/property.ts';

/** From a microsecond to ten minutes, every size alike. */
const durations = fc.double({ min: Math.log(1e-3), max: Math.log(6e5), noNaN: true }).map(Math.exp);

const SHARES = [0.5, 0.95, 0.99];

test('every percentile is within 5 % of the exact one, from a microsecond to ten minutes', () => {
  check(
    fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), (sample) => {
      const histogram = emptyHistogram();
      for (const ms of sample) record(histogram, ms);
      const sorted = sample.toSorted((a, b) => a - b);
      for (const share of SHARES) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] as number;
        const error = Math.abs((histogramPercentile(histogram, share) as number) - exact) / exact;
        expect(error).toBeLessThanOrEqual(0.05);
      }
    }),
  );
});

test('a single duration is found again within 5 %, also where buckets meet', () => {
  check(
    fc.property(
      fc.oneof(
        durations,
        fc.integer({ min: -72, max: 139 }).map((k) => 1.1 ** k),
      ),
      (ms) => {
        const histogram = emptyHistogram();
        record(histogram, ms);
        expect(Math.abs((histogramPercentile(histogram, 0.5) as number) - ms) / ms).toBeLessThanOrEqual(0.05);
      },
    ),
    10_000,
  );
});

test('an empty sample has no percentiles, and zero counts as the smallest duration', () => {
  expect(summarise(emptyHistogram())).toEqual({ n: 0, p50: null, p95: null, p99: null });
  const histogram = emptyHistogram();
  record(histogram, 0);
  expect(histogram.n).toBe(1);
  expect(histogramPercentile(histogram, 0.5)).toBeCloseTo(0.001, 4);
});

test('percentiles grow with their share, and survive being stored as JSON', () => {
  const histogram = emptyHistogram();
  for (let ms = 1; ms <= 1_000; ms++) record(histogram, ms);
  const stored = JSON.parse(JSON.stringify(histogram)) as typeof histogram;
  const { n, p50, p95, p99 } = summarise(stored);
  expect(n).toBe(1_000);
  expect(p50).toBeLessThan(p95 as number);
  expect(p95).toBeLessThan(p99 as number);
  expect(Object.keys(histogram.buckets).length).toBeLessThan(80);
});

test('what the log tells of a histogram gives the same percentiles', () => {
  check(
    fc.property(fc.array(durations, { maxLength: 300 }), fc.nat(3), (sample, left) => {
      const histogram = { ...emptyHistogram(), ...(left > 0 ? { left } : {}) };
      for (const ms of sample) record(histogram, ms);
      const told = toldHistogram(histogram);
      expect(told.buckets.map(([index]) => index)).toEqual(
        told.buckets.map(([index]) => index).toSorted((a, b) => a - b),
      );
      expect(summarise(histogramOf(JSON.parse(JSON.stringify(told)) as typeof told))).toEqual(
        summarise(histogram),
      );
    }),
  );
});
