import { expect, test } from 'vitest';
import type { GuessState } from '#lib/domain/guess.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { sceneOf } from '../../src/routes/stage/[code]/scenes/scene.ts';
import { laneState, roomState } from './support/fake-room.ts';

const HELD = { sinceMs: 1_000, goAtMs: null };
const QUIET = { ended: false, isDrilled: false, isOnlyRoom: true };
const sold = { safe: laneState({ ops: 3, acknowledged: 3 }), eventual: laneState() };
const people = (phones: number) => ({ phones, stages: 1 });

const sceneIn = (state: Partial<RoomState>, occasion: Partial<typeof QUIET> = {}) =>
  sceneOf(roomState({ people: people(3), ...state }), { ...QUIET, ...occasion });

test('every step has its scene', () => {
  expect(sceneIn({ step: 1 })).toBe('doors');
  expect(sceneIn({ step: 2 })).toBe('sales');
  expect(sceneIn({ step: 3 })).toBe('sales');
  expect(sceneIn({ step: 4 })).toBe('money');
  expect(sceneIn({ step: 5 })).toBe('reset');
  expect(sceneIn({ step: 6 })).toBe('verdict');
});

test('whoever sells at the doors sees sales, and an empty room sees the code to join', () => {
  expect(sceneIn({ step: 1, lanes: sold })).toBe('sales');
  expect(sceneIn({ step: 2, people: people(0) })).toBe('doors');
  // Its people may be in another room of the show.
  expect(sceneIn({ step: 2, people: people(0) }, { isOnlyRoom: false })).toBe('sales');
  expect(sceneIn({ step: 1 }, { ended: true })).toBe('sales');
});

test('a room waits for its GO until its lane has sold, and a lane that is held later stays on stage', () => {
  expect(sceneIn({ step: 2, hold: HELD })).toBe('held');
  expect(sceneIn({ step: 2, hold: HELD, lanes: sold })).toBe('sales');
  expect(sceneIn({ step: 3, mode: 'eventual', hold: HELD, lanes: sold })).toBe('held');
  expect(
    sceneIn({
      step: 3,
      mode: 'eventual',
      hold: HELD,
      lanes: { ...sold, eventual: laneState({ inFlight: 1 }) },
    }),
  ).toBe('sales');
  expect(sceneIn({ step: 4, hold: HELD })).toBe('money');
});

test('a drill is seen at once, on every step; so is an open question, until the show ends', () => {
  const guess: GuessState = { asked: 1, question: 'safe-sold', max: 60, open: true, n: 0 };
  expect(sceneIn({ step: 6, guess }, { isDrilled: true })).toBe('recovery');
  expect(sceneIn({ step: 2, guess })).toBe('guess');
  expect(sceneIn({ step: 2, guess }, { ended: true })).toBe('sales');
  expect(sceneIn({ step: 2, guess: { ...guess, open: false } })).toBe('sales');
});
