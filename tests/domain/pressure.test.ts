/** What a room does when more is asked of it than it can answer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BEHIND_MS,
  feel,
  keepTurn,
  noPressure,
  SHUT_MS,
  SHUT_TRIP_MS,
  takeTurn,
  waitForTurn,
} from '#lib/domain/pressure.ts';
import type { Look, Pressure } from '#lib/domain/pressure.ts';

const AT_REST: Look = { lateMs: 0, toldTripMs: 0, toldShare: 0 };
const BEHIND: Look = { lateMs: BEHIND_MS + 1, toldTripMs: 100, toldShare: 1 };
/** Everything came at once: nobody could tell yet. */
const BURST: Look = { lateMs: SHUT_MS + 1, toldTripMs: 0, toldShare: 0 };

/** One op that comes: taken, or told when to come back. Returns how long it has to wait. */
function come(pressure: Pressure, who: string, nowMs: number): number {
  const waitMs = waitForTurn(pressure, who, nowMs);
  if (waitMs === 0) takeTurn(pressure, who, nowMs);
  else keepTurn(pressure, who, nowMs);
  return waitMs;
}

test('a room that keeps up makes nobody wait, however often they tap', () => {
  const pressure = noPressure();
  feel(pressure, AT_REST);
  for (let now = 0; now < 1_000; now += 1) expect(come(pressure, 'anna', now)).toBe(0);
});

test('a room that never rests but answers in time refuses nobody who taps as fast as a thumb', () => {
  const pressure = noPressure();
  for (let now = 0; now < 10_000; now += 100) {
    feel(pressure, { ...BEHIND, lateMs: now, toldTripMs: SHUT_TRIP_MS });
    expect(come(pressure, 'anna', now)).toBe(0);
  }
});

test('what comes all at once is taken until it would be answered too late, but for those who had nothing yet', () => {
  const pressure = noPressure();
  feel(pressure, { ...BURST, lateMs: SHUT_MS });
  expect(come(pressure, 'anna', 0)).toBe(0);
  feel(pressure, BURST);
  expect(come(pressure, 'anna', 100)).toBeGreaterThan(0);
  expect(come(pressure, 'ben', 100)).toBe(0);
});

test('a room whose phones tell of late answers is shut until most of them tell of quick ones', () => {
  const pressure = noPressure();
  come(pressure, 'anna', 0);
  feel(pressure, { ...BEHIND, toldTripMs: SHUT_TRIP_MS + 1 });
  expect(waitForTurn(pressure, 'anna', 100)).toBeGreaterThan(0);
  feel(pressure, { lateMs: 0, toldTripMs: 1, toldShare: 0.3 });
  expect(waitForTurn(pressure, 'anna', 200)).toBeGreaterThan(0);
  feel(pressure, { lateMs: 0, toldTripMs: 1, toldShare: 0.6 });
  expect(waitForTurn(pressure, 'anna', 300)).toBe(0);
});

test('phones that tell of late answers do not shut a room that rests: they tell of what was', () => {
  const pressure = noPressure();
  come(pressure, 'anna', 0);
  feel(pressure, { lateMs: 0, toldTripMs: SHUT_TRIP_MS + 1, toldShare: 1 });
  expect(waitForTurn(pressure, 'anna', 1)).toBe(0);
});

test('whoever had nothing for long is taken even while the room is shut: nobody is starved', () => {
  const pressure = noPressure();
  come(pressure, 'anna', 0);
  feel(pressure, BURST);
  expect(waitForTurn(pressure, 'anna', 1_000)).toBeGreaterThan(0);
  expect(waitForTurn(pressure, 'anna', 10_000)).toBe(0);
});

test('whoever is told when to come back is taken then, if the room is not shut, and each of their ops is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.array(fc.record({ pauseMs: fc.nat(100), lateMs: fc.nat(400) }), { maxLength: 10 }),
      (ops, looks) => {
        const pressure = noPressure();
        feel(pressure, BURST);
        come(pressure, 'anna', 0);
        const due = Array.from({ length: ops }, () => come(pressure, 'anna', 1) + 1).sort((a, b) => a - b);
        let now = 1;
        for (const { pauseMs, lateMs } of looks) {
          now += pauseMs;
          feel(pressure, { ...BEHIND, lateMs });
        }
        feel(pressure, BEHIND);
        for (const at of due) {
          now = Math.max(now, at);
          expect(come(pressure, 'anna', now)).toBe(0);
        }
      },
    ),
  );
});

test('those who tap ten times as often get no more than twice as much while the room is behind', () => {
  const pressure = noPressure();
  feel(pressure, BEHIND);
  const taken = { eager: 0, calm: 0 };
  for (let now = 0; now < 60_000; now += 10) {
    for (const who of ['eager', 'calm'] as const) {
      if (who === 'calm' && now % 100 > 0) continue;
      if (come(pressure, who, now) === 0) taken[who] += 1;
    }
  }
  expect(taken.calm).toBeGreaterThan(500);
  expect(taken.eager / taken.calm).toBeLessThanOrEqual(2);
});

test('a room that rests again lets everybody through within two seconds, though no phone tells anything', () => {
  const pressure = noPressure();
  come(pressure, 'anna', 0);
  for (let look = 0; look < 100; look += 1) feel(pressure, BURST);
  expect(waitForTurn(pressure, 'anna', 1)).toBeGreaterThan(0);
  for (let look = 0; look < 20; look += 1) feel(pressure, AT_REST);
  expect(waitForTurn(pressure, 'anna', 1)).toBe(0);
});
