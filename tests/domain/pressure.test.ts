/** What a room does when more is asked of it than it can answer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BEHIND_MS, feel, noPressure, takeTurn, waitForTurn } from '#lib/domain/pressure.ts';

const LATE = BEHIND_MS + 1;

test('a room that keeps up makes nobody wait, however often they tap', () => {
  const pressure = noPressure();
  for (let now = 0; now < 1_000; now += 1) {
    expect(waitForTurn(pressure, 'anna', now)).toBe(0);
    takeTurn(pressure, 'anna', now);
  }
  expect(pressure.nextAtMs.size).toBe(0);
});

test('a pressed room tells whoever comes too early when their turn is, and keeps its word', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { minLength: 5, maxLength: 50 }), (lateness) => {
      const pressure = noPressure();
      let now = 0;
      feel(pressure, LATE);
      takeTurn(pressure, 'anna', now);
      for (const lateMs of lateness) {
        const waitMs = waitForTurn(pressure, 'anna', now);
        now += Math.max(1, Math.ceil(waitMs));
        // Whatever the room has felt since, who comes back when told is taken.
        expect(waitForTurn(pressure, 'anna', now)).toBe(0);
        takeTurn(pressure, 'anna', now);
        feel(pressure, lateMs);
      }
    }),
  );
});

test('those who tap ten times as often get no more than the others while the room is pressed', () => {
  const pressure = noPressure();
  feel(pressure, LATE);
  const taken = { eager: 0, calm: 0 };
  for (let now = 0; now < 60_000; now += 10) {
    for (const who of ['eager', 'calm'] as const) {
      if (who === 'calm' && now % 100 > 0) continue;
      if (waitForTurn(pressure, who, now) > 0) continue;
      takeTurn(pressure, who, now);
      taken[who] += 1;
    }
  }
  expect(taken.eager).toBeGreaterThan(0);
  expect(taken.eager / taken.calm).toBeLessThanOrEqual(2);
});

test('a room that has caught up lets everybody through again within two seconds', () => {
  const pressure = noPressure();
  for (let look = 0; look < 100; look += 1) feel(pressure, LATE);
  expect(pressure.paceMs).toBeGreaterThan(0);
  for (let look = 0; look < 20; look += 1) feel(pressure, 0);
  expect(pressure.paceMs).toBe(0);
  expect(waitForTurn(pressure, 'anna', 0)).toBe(0);
});

test('lateness in between neither presses nor relieves', () => {
  const pressure = noPressure();
  feel(pressure, LATE);
  const { paceMs } = pressure;
  feel(pressure, BEHIND_MS);
  expect(pressure.paceMs).toBe(paceMs);
});
