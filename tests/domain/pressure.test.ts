/** What a room does when more is asked of it than it can answer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BEHIND_MS, feel, keepTurn, noPressure, takeTurn, waitForTurn } from '#lib/domain/pressure.ts';
import type { Pressure } from '#lib/domain/pressure.ts';

const LATE = { lateMs: BEHIND_MS + 1, roundMs: 250 };
const IN_TIME = { lateMs: 0, roundMs: 250 };

/** One op that comes: taken, or told when to come back. Returns how long it has to wait. */
function come(pressure: Pressure, who: string, nowMs: number): number {
  const waitMs = waitForTurn(pressure, who, nowMs);
  if (waitMs === 0) takeTurn(pressure, who, nowMs);
  else keepTurn(pressure, who, nowMs);
  return waitMs;
}

test('a room that keeps up makes nobody wait, however often they tap', () => {
  const pressure = noPressure();
  for (let now = 0; now < 1_000; now += 1) {
    expect(waitForTurn(pressure, 'anna', now)).toBe(0);
    takeTurn(pressure, 'anna', now);
  }
  expect(pressure.turns.size).toBe(0);
});

test('a pressed room tells whoever comes too early when their turn is, and keeps its word to each of their ops', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.array(fc.record({ pauseMs: fc.nat(100), lateMs: fc.nat(400) }), { maxLength: 60 }),
      (ops, looks) => {
        const pressure = noPressure();
        feel(pressure, LATE);
        come(pressure, 'anna', 0);
        // All of them come at once and are told; whatever the room feels meanwhile, each is taken when it comes back.
        const due = Array.from({ length: ops }, () => come(pressure, 'anna', 1) + 1).sort((a, b) => a - b);
        let now = 1;
        for (const { pauseMs, lateMs } of looks) {
          now += pauseMs;
          feel(pressure, { lateMs, roundMs: 250 });
        }
        for (const at of due) {
          now = Math.max(now, at);
          expect(come(pressure, 'anna', now)).toBe(0);
        }
      },
    ),
  );
});

test('those who tap ten times as often get no more than the others while the room is pressed', () => {
  const pressure = noPressure();
  feel(pressure, LATE);
  const taken = { eager: 0, calm: 0 };
  for (let now = 0; now < 60_000; now += 10) {
    for (const who of ['eager', 'calm'] as const) {
      if (who === 'calm' && now % 100 > 0) continue;
      if (come(pressure, who, now) === 0) taken[who] += 1;
    }
  }
  expect(taken.eager).toBeGreaterThan(0);
  expect(taken.eager / taken.calm).toBeLessThanOrEqual(2);
});

test('a room that has caught up lets everybody through again within two seconds', () => {
  const pressure = noPressure();
  for (let look = 0; look < 100; look += 1) feel(pressure, LATE);
  expect(pressure.paceMs).toBeGreaterThan(0);
  for (let look = 0; look < 20; look += 1) feel(pressure, IN_TIME);
  expect(pressure.paceMs).toBe(0);
  expect(waitForTurn(pressure, 'anna', 0)).toBe(0);
});

test('lateness in between neither presses nor relieves', () => {
  const pressure = noPressure();
  feel(pressure, LATE);
  const { paceMs } = pressure;
  feel(pressure, { ...LATE, lateMs: BEHIND_MS });
  expect(pressure.paceMs).toBe(paceMs);
});
