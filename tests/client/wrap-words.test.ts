import { expect, test } from 'vitest';
import type { Round } from '#lib/client/history.ts';
import { resultOf } from '../../src/routes/stage/[code]/wrap-words.ts';
import { laneState, roomState } from './support/fake-room.ts';

const round = (
  epoch: number,
  safe: number,
  acknowledged = 0,
  stored = acknowledged,
  simUnits = 0,
): Round => ({
  epoch,
  lanes: {
    safe: { acknowledged: safe, stored: safe, simUnits: 0 },
    eventual: { acknowledged, stored, simUnits },
  },
});

test('a show’s results are those of all its rounds, the reset ones included', () => {
  const lanes = {
    safe: laneState(),
    eventual: laneState({ acknowledged: 104, stored: 90, lostUnits: 14, oversellDelta: 4, inFlight: 2 }),
  };
  const past = [round(1, 100, 131, 100, 50), round(2, 60, 90, 85)];
  expect(resultOf('safe', roomState({ lanes }), past, 0)).toEqual({
    rounds: 2,
    acknowledged: 160,
    oversold: 0,
    lost: 0,
    simUnits: 0,
    inFlight: 0,
  });
  expect(resultOf('eventual', roomState({ lanes }), past, 7)).toEqual({
    rounds: 3,
    acknowledged: 325,
    oversold: 35,
    lost: 50,
    simUnits: 57,
    inFlight: 2,
  });
});

test('units that one round left unsold do not make up for what another sold twice', () => {
  expect(resultOf('eventual', roomState(), [round(1, 0, 110), round(2, 0, 20)], 0).oversold).toBe(10);
});

test('a lane on which nobody bought has no result to boast of', () => {
  expect(resultOf('safe', roomState(), [round(1, 0)], 0)).toEqual({
    rounds: 0,
    acknowledged: 0,
    oversold: 0,
    lost: 0,
    simUnits: 0,
    inFlight: 0,
  });
});
