import { describe, expect, test } from 'vitest';
import { byLane, modesOf } from '#lib/domain/by-lane.ts';
import { MODES } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import {
  expectationOf,
  hasContest,
  nextPress,
  pageAfter,
  pageBefore,
  pageOf,
  standIn,
  stepOf,
  STEPS,
  suits,
  turnTo,
} from '#lib/domain/script.ts';
import type { Page } from '#lib/domain/script.ts';
import { lanesOfPreset } from '#lib/domain/lane-presets.ts';
import { scriptStep } from '#lib/guide/script.ts';
import { expectedNow, resetOnStep } from '../../src/routes/control/[code]/step-words.ts';
import type { Turn } from '#lib/client/history.ts';
import { laneState, roomState } from './support/fake-room.ts';

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

/** The pages of a show from the first one on, by the key that turns them. */
function pagesOf(shown: readonly LaneId[]): Page[] {
  const lanes = byLane(shown, () => null);
  const pages: Page[] = [1];
  for (let next = pageAfter(1, lanes); next !== pages.at(-1); next = pageAfter(next, lanes)) pages.push(next);
  return pages;
}

describe('the contest', () => {
  const GUIDE = lanesOfPreset('guide');
  const guide = byLane(GUIDE, () => null);

  test('is a page of shows with more lanes than the pair, behind the race, and of no other', () => {
    for (const shown of SHOWS) expect(pagesOf(shown)).toEqual(NUMBERS);
    expect(pagesOf(GUIDE)).toEqual([1, 2, 3, 'contest', 4, 5, 6]);
    expect(pagesOf(lanesOfPreset('postgres'))).toEqual([1, 2, 3, 'contest', 4, 5, 6]);
    expect(hasContest(byLane(lanesOfPreset('pair'), () => null))).toBe(false);
  });

  test('takes the place of the race where no lane of the show can lose one', () => {
    expect(pagesOf(lanesOfPreset('exact'))).toEqual([1, 2, 'contest', 4, 5, 6]);
  });

  test('turns back by the same pages', () => {
    for (const shown of [...SHOWS, GUIDE, lanesOfPreset('exact')]) {
      const lanes = byLane(shown, () => null);
      const pages = pagesOf(shown);
      for (const [at, page] of pages.entries()) expect(pageBefore(page, lanes)).toBe(pages[at - 1] ?? page);
    }
  });

  test('is a step and a mode to the room, and found again by them', () => {
    const turn = turnTo('contest', { mode: 'eventual', lanes: guide }, 3);
    expect(turn).toEqual({ step: 3, mode: 'contest', hold: true });
    expect(pageOf({ step: turn.step, mode: turn.mode! })).toBe('contest');
    expect(pageOf({ step: 4, mode: 'contest' })).toBe(4);
    expect(stepOf('contest')).toBe(3);
  });

  test('begins on a GO, goes on in all lanes, and leads back to the race on its own lane', () => {
    expect(nextPress('contest', Infinity)).toBe('go');
    const room = { mode: 'contest' as const, lanes: guide };
    expect(turnTo(4, room, 'contest')).toEqual({ step: 4 });
    expect(turnTo(3, room, 'contest')).toEqual({ step: 3, mode: 'eventual' });
    expect(turnTo('contest', room, 4)).toEqual({ step: 3, mode: 'contest' });
  });

  test('asks for the same stock on every lane before its GO, and for nothing afterwards', () => {
    const lanes = { safe: laneState({}), eventual: laneState({}), 'redis-script': laneState({}) };
    const on = (change: Parameters<typeof roomState>[0]) =>
      expectedNow(roomState({ step: 3, mode: 'contest', lanes, ...change }), false).map(({ what, met }) => [
        what,
        met,
      ]);
    const hold = { sinceMs: 1, goAtMs: null };
    expect(on({ hold })).toEqual([['reset', true]]);
    expect(on({ hold, lanes: { ...lanes, eventual: laneState({ acknowledged: 3 }) } })).toEqual([
      ['reset', false],
    ]);
    expect(on({ hold: null })).toEqual([]);
  });
});

test('a lane that the show does not have is stood in for by its first one of the same care', () => {
  const postgres = byLane(lanesOfPreset('postgres'), () => null);
  expect(standIn('safe', postgres)).toBe('postgres-conditional');
  expect(standIn('eventual', postgres)).toBe('postgres-blind');
  expect(turnTo(2, { mode: 'postgres-blind', lanes: postgres })).toEqual({
    step: 2,
    mode: 'postgres-conditional',
  });
  expect(suits('eventual', { mode: 'postgres-blind', lanes: postgres })).toBe(true);
  expect(standIn('eventual', { safe: null })).toBeNull();
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
