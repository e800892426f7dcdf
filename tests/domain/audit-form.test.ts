/** What has the form of an event, where the form is more than a type: quantities and histograms. */
import { expect, test } from 'vitest';
import { hasForm } from '#lib/domain/audit-form.ts';

const event = (kind: string, body: object) => ({
  seq: 2,
  epoch: 1,
  atMs: 1_800_000_000_000,
  kind,
  body,
  hash: 'ab',
});
const COST = {
  virtualUsd: 0.3,
  platformUsd: 0.000006,
  exposureUsd: 0,
  realUsd: 0,
  limitUsd: 0,
  billingScale: 1e-9,
  loadFactor: 100_000,
  locked: false,
};
const QUANTITIES: [name: string, meters: unknown, holds: boolean][] = [
  ['whole and in thousandths', { 'do.rowWritten': 4, 'do.activeSecond': 1_234.567 }, true],
  ['none', {}, true],
  ['of an unknown meter', { 'gpu.second': 1 }, false],
  ['of a meter that every object has', { constructor: 1 }, false],
  ['zero, which is left out', { 'do.request': 0 }, false],
  ['below zero', { 'do.request': -1 }, false],
  ['finer than a thousandth', { 'do.activeSecond': 0.0005 }, false],
  ['beyond what a room can cause', { 'do.rowRead': 1e15 }, false],
  ['in a text', { 'do.request': '1' }, false],
];

test.each(QUANTITIES)('metered quantities %s', (_name, meters, holds) => {
  expect(hasForm(event('cost', { ...COST, tapsUsd: 0.000003, meters, taps: {} }))).toBe(holds);
});

test('a cost of older rooms has no quantities', () => {
  expect(hasForm(event('cost', COST))).toBe(true);
});

const HISTOGRAMS: [name: string, lanes: unknown, holds: boolean][] = [
  [
    'with counts that add up',
    {
      safe: {
        n: 3,
        buckets: [
          [-3, 1],
          [31, 2],
        ],
      },
    },
    true,
  ],
  ['of nothing but what was left out', { eventual: { n: 0, left: 4, buckets: [] } }, true],
  ['with another sum', { safe: { n: 4, buckets: [[31, 2]] } }, false],
  [
    'out of order',
    {
      safe: {
        n: 2,
        buckets: [
          [31, 1],
          [30, 1],
        ],
      },
    },
    false,
  ],
  [
    'with a bucket twice',
    {
      safe: {
        n: 2,
        buckets: [
          [31, 1],
          [31, 1],
        ],
      },
    },
    false,
  ],
  ['with an empty bucket', { safe: { n: 0, buckets: [[31, 0]] } }, false],
  ['with half a bucket', { safe: { n: 1, buckets: [[0.5, 1]] } }, false],
  ['of an unknown lane', { express: { n: 0, buckets: [] } }, false],
];

test.each(HISTOGRAMS)('a histogram %s', (_name, lanes, holds) => {
  expect(hasForm(event('latency', { lanes, phones: 2 }))).toBe(holds);
});
