/** What a held room's screens count: the seconds to the GO, and practice taps. */
import { describe, expect, test } from 'vitest';
import { countDown } from '#lib/client/countdown.ts';
import { Practice } from '#lib/client/practice.ts';
import { MAX_PRACTICE } from '#lib/protocol/limits.ts';
import { FakeTime } from './support/fake-time.ts';

describe('the countdown', () => {
  const told = (time: FakeTime, leftMs: () => number) => {
    const seconds: [atMs: number, seconds: number | null][] = [];
    const cancel = countDown(leftMs, time.later, (left) => seconds.push([time.clock.monotonic(), left]));
    return { seconds, cancel };
  };

  test('says three, two, one, each at its moment, and ends at the GO', () => {
    const time = new FakeTime();
    const { seconds } = told(time, () => 2_700 - time.clock.monotonic());
    time.pass(10_000);
    expect(seconds).toEqual([
      [0, 3],
      [700, 2],
      [1_700, 1],
      [2_700, null],
    ]);
  });

  test('follows a clock that becomes better known meanwhile', () => {
    const time = new FakeTime();
    let laterMs = 0;
    const { seconds } = told(time, () => 2_000 + laterMs - time.clock.monotonic());
    time.pass(500);
    laterMs = -300;
    time.pass(10_000);
    expect(seconds.at(-1)?.[1]).toBe(null);
    expect(seconds.at(-1)?.[0]).toBeLessThanOrEqual(2_000);
  });

  test('says nothing more once it is called off', () => {
    const time = new FakeTime();
    const { seconds, cancel } = told(time, () => 2_700 - time.clock.monotonic());
    time.pass(1_000);
    cancel();
    time.pass(10_000);
    expect(seconds).toHaveLength(2);
  });
});

describe('practice', () => {
  test('is told once a second at most, all taps of it together, and no more than a message may say', () => {
    const time = new FakeTime();
    const told: number[] = [];
    const practice = new Practice((taps) => told.push(taps), time.later);
    for (let tap = 0; tap < 5; tap++) practice.tap();
    expect(told).toEqual([]);
    time.pass(1_000);
    expect(told).toEqual([5]);
    for (let tap = 0; tap < 3 * MAX_PRACTICE; tap++) practice.tap();
    time.pass(5_000);
    expect(told).toEqual([5, MAX_PRACTICE]);
  });
});
