import { expect, test } from 'vitest';
import { byLane, modesOf } from '#lib/domain/by-lane.ts';
import { MODES } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { expectationOf, nextPress, STEPS, suits, turnTo } from '#lib/domain/script.ts';
import { scriptStep } from '#lib/guide/script.ts';
import { expectedNow, resetOnStep } from '../../src/routes/control/[code]/step-words.ts';
import type { Turn } from '#lib/client/history.ts';
import { roomState } from './support/fake-room.ts';

const NUMBERS = Array.from({ length: STEPS }, (_, place) => place + 1);

test('every step of the show has its title, in order', () => {
  expect(NUMBERS.map((step) => scriptStep(step).step)).toEqual(NUMBERS);
  expect(new Set(NUMBERS.map((step) => scriptStep(step).title)).size).toBe(STEPS);
  for (const step of NUMBERS) expect(scriptStep(step).title.length).toBeLessThanOrEqual(24);
  for (const none of [0, STEPS + 1, NaN]) expect(scriptStep(none)).toEqual(scriptStep(1));
});

test('a step names a mode that exists, and both lanes have their moment', () => {
  const named = NUMBERS.flatMap((step) => expectationOf(step).mode ?? []);
  for (const mode of named) expect(MODES).toContain(mode);
  expect(named).toEqual(expect.arrayContaining(['safe', 'eventual']));
});

test('every step has a target time that a talk can keep, and the whole fits into a session', () => {
  const targets = NUMBERS.map((step) => expectationOf(step).targetS);
  for (const seconds of targets) {
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThanOrEqual(300);
  }
  expect(targets.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(1_200);
});

const SHOWS: readonly (readonly LaneId[])[] = [['safe', 'eventual'], ['eventual'], ['safe']];

test('turning to a step leaves the room on a lane that the step is told on, if it has that one, from wherever it comes', () => {
  for (const shown of SHOWS) {
    const lanes = byLane(shown, () => null);
    for (const step of NUMBERS) {
      for (const mode of modesOf(shown)) {
        const turn = turnTo(step, { mode, lanes });
        expect(turn.step).toBe(step);
        expect(modesOf(shown)).toContain(turn.mode ?? mode);
        expect(suits(expectationOf(step).mode, { mode: turn.mode ?? mode, lanes })).toBe(true);
      }
    }
  }
});

test('a step that begins on a GO is held when it is turned to from before it, and only then', () => {
  const lanes = byLane(['safe', 'eventual'], () => null);
  const holds = (from: number, step: number) => turnTo(step, { mode: 'safe', lanes }, from).hold ?? false;
  for (const from of NUMBERS) {
    for (const step of NUMBERS) expect(holds(from, step)).toBe(step > from && [2, 3].includes(step));
  }
});

test('the key that turns the page gives the GO of a held start, and rests while it counts down', () => {
  for (const step of NUMBERS) {
    expect(nextPress(step, 0)).toBe('turn');
    for (const waitMs of [1, 3_000]) expect(nextPress(step, waitMs)).toBe('counting');
    expect(nextPress(step, Infinity)).toBe([2, 3].includes(step) ? 'go' : 'turn');
  }
});

const guardrail = (tripped: boolean) => ({
  ...roomState().guardrail,
  tripped,
  by: tripped ? ('presenter' as const) : null,
});

test('a step says what it expects, whether it is so, and what to press when it is not', () => {
  const on = (step: number, change: Parameters<typeof roomState>[0], resetDone = false) =>
    expectedNow(roomState({ step, ...change }), resetDone).map(({ what, met }) => [what, met]);
  expect(on(2, { mode: 'safe' })).toEqual([['mode', true]]);
  expect(on(2, { mode: 'eventual' })).toEqual([['mode', false]]);
  expect(on(3, { mode: 'both' })).toEqual([['mode', true]]);
  expect(on(4, { mode: 'eventual', guardrail: guardrail(false) })).toEqual([
    ['mode', true],
    ['guardrail', false],
  ]);
  expect(on(4, { mode: 'eventual', guardrail: guardrail(true) })).toContainEqual(['guardrail', true]);
  expect(on(5, { guardrail: guardrail(true) })).toEqual([
    ['reset', false],
    ['guardrail', false],
  ]);
  expect(on(5, { guardrail: guardrail(false) }, true)).toEqual([
    ['reset', true],
    ['guardrail', true],
  ]);
  expect(on(6, {})).toEqual([]);
  expect(on(4, { guardrail: guardrail(true), ledger: { ...roomState().ledger, locked: true } })).toEqual([
    ['mode', false],
    ['guardrail', true],
    ['lock', false],
  ]);
  for (const step of NUMBERS) {
    for (const { met, prompt } of expectedNow(roomState({ step, mode: 'eventual' }), false)) {
      expect(prompt === '').toBe(met);
    }
  }
  const waiting = expectedNow(roomState({ step: 4, mode: 'eventual', guardrail: guardrail(false) }), false);
  expect(waiting.at(-1)).toMatchObject({
    words: 'guardrail: not tripped yet',
    prompt: 'Trip it by hand: key T, twice.',
  });
});

test('a reset counts for the step on which it was done, and for no later one', () => {
  const turns = (...kinds: Turn['kind'][]) => kinds.map((kind) => ({ kind }) as Turn);
  expect(resetOnStep(turns('guardrail', 'reset', 'mode', 'step'))).toBe(true);
  expect(resetOnStep(turns('mode', 'step', 'reset', 'step'))).toBe(false);
  expect(resetOnStep(turns('opened'))).toBe(false);
});
