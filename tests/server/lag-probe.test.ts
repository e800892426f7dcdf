/** How late a room is, and what its phones tell of it. */
import { expect, it } from 'vitest';
import type { Lag } from '#server/room/lag-probe.ts';
import { LagProbe } from '#server/room/lag-probe.ts';
import { until } from './support/inner-room.ts';

/** A probe at a clock of its own, and what it has found. */
function probeAt(clock: { ms: number }) {
  const looks: Lag[] = [];
  let silences = 0;
  const probe = new LagProbe(
    () => clock.ms,
    (lag) => looks.push(lag),
    () => (silences += 1),
  );
  return { probe, looks, silences: () => silences };
}

it('messages that come without a pause look themselves, and find for how long the room has not rested', () => {
  const clock = { ms: 1_000 };
  const { probe, looks } = probeAt(clock);
  for (; clock.ms <= 1_200; clock.ms += 1) probe.handled();
  expect(looks.map(({ lateMs }) => lateMs)).toEqual([1, 52, 103]);
});

it('a look finds the median of what was told lately, and how many of those who came could tell it', () => {
  const clock = { ms: 1_000 };
  const { probe, looks } = probeAt(clock);
  for (const tripMs of [90, 10, 20]) probe.told(tripMs);
  for (let message = 0; message < 9; message += 1) probe.handled();
  clock.ms = 1_060;
  probe.handled();
  expect(looks).toEqual([{ lateMs: 10, toldTripMs: 20, toldShare: 0.3 }]);
});

it('falls silent once nothing comes in', async () => {
  const { probe, silences } = probeAt({ ms: 1_000 });
  probe.handled();
  await until(() => silences() === 1);
});
