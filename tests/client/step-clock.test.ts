import { expect, test } from 'vitest';
import { RoomHistory } from '#lib/client/history.ts';
import { stepClock } from '#lib/client/step-clock.ts';
import { expectationOf, STEPS } from '#lib/domain/script.ts';
import { Scene } from './support/scene.ts';

const MINUTE = 60_000;

/** A talk whose pages are turned a minute apart. */
function talk(...steps: number[]): { scene: Scene; history: RoomHistory } {
  const scene = new Scene();
  for (const step of steps) {
    scene.atMs += MINUTE;
    scene.tell({ kind: 'step', body: { step, by: 'presenter' } });
  }
  const history = new RoomHistory();
  history.apply(scene.events);
  return { scene, history };
}

test('while doors are open only the step counts; the talk begins when the first page is turned', () => {
  const { scene, history } = talk();
  const clock = stepClock(history.steps, 1, scene.atMs + 5_000);
  expect(clock.step).toMatchObject({ spentMs: 5_000, isOver: false });
  expect(clock.talk).toBeNull();
});

test('a page that was turned by mistake, and back, keeps its time', () => {
  const { scene, history } = talk(2, 3, 2);
  const clock = stepClock(history.steps, 2, scene.atMs + 10_000);
  expect(clock.step?.spentMs).toBe(MINUTE + 10_000);
  expect(clock.talk?.spentMs).toBe(2 * MINUTE + 10_000);
});

test('a step and a talk that last longer than they were meant to say so', () => {
  const { scene, history } = talk(2);
  const targetMs = expectationOf(2).targetS * 1_000;
  expect(stepClock(history.steps, 2, scene.atMs + targetMs).step?.isOver).toBe(false);
  expect(stepClock(history.steps, 2, scene.atMs + targetMs + 1).step?.isOver).toBe(true);
  const talkMs = stepClock(history.steps, 2, scene.atMs).talk!.targetMs;
  let whole = 0;
  for (let step = 2; step <= STEPS; step += 1) whole += expectationOf(step).targetS * 1_000;
  expect(talkMs).toBe(whole);
  expect(stepClock(history.steps, 2, scene.atMs + talkMs + 1).talk?.isOver).toBe(true);
});

test('a show with a contest is given its time, on the step that it belongs to', () => {
  const { scene, history } = talk(2, 3);
  const at = (step: number, withContest: boolean) => stepClock(history.steps, step, scene.atMs, withContest);
  const contestMs = 1_000 * expectationOf('contest').targetS;
  expect(at(3, true).step!.targetMs - at(3, false).step!.targetMs).toBe(contestMs);
  expect(at(2, true).step!.targetMs).toBe(at(2, false).step!.targetMs);
  expect(at(2, true).talk!.targetMs - at(2, false).talk!.targetMs).toBe(contestMs);
});

test('a rehearsal before the talk is not part of it: the first step starts all clocks anew', () => {
  const { scene, history } = talk(2, 3, 4, 1, 2);
  const clock = stepClock(history.steps, 2, scene.atMs + 7_000);
  expect(clock.step?.spentMs).toBe(7_000);
  expect(clock.talk?.spentMs).toBe(7_000);
});

test('a reloaded screen shows the same times, from the log alone, however much else was told', () => {
  const { scene, history } = talk(2, 3);
  for (let turn = 0; turn < 60; turn += 1) {
    scene.tell({ kind: 'mode', body: { mode: turn % 2 ? 'safe' : 'eventual', by: 'presenter' } });
  }
  const reloaded = new RoomHistory();
  reloaded.load(scene.ndjson);
  const nowMs = scene.atMs + 12_345;
  expect(stepClock(reloaded.steps, 3, nowMs)).toEqual(stepClock(history.steps, 3, nowMs));
  expect(stepClock(reloaded.steps, 3, nowMs).step?.spentMs).toBe(12_345);
});

test('before the log is here no time is shown, and a clock that is behind never shows less than nothing', () => {
  expect(stepClock([], 3, 1_000)).toEqual({ step: null, talk: null });
  const { scene, history } = talk(2);
  const early = stepClock(history.steps, 2, scene.atMs - 5_000);
  expect(early.step?.spentMs).toBe(0);
  expect(early.talk?.spentMs).toBe(0);
});

test('rounds that a reset ended keep what they came to', () => {
  const { scene } = talk(2);
  for (let buyer = 0; buyer < 4; buyer += 1) scene.safe({ who: `s${buyer}` });
  scene.race([{ who: 'a' }, { who: 'b' }, { who: 'c' }]);
  scene.reset();
  scene.safe({ who: 'late' });
  const history = new RoomHistory();
  history.apply(scene.events);
  expect(history.rounds).toEqual([
    {
      epoch: 1,
      lanes: {
        safe: { acknowledged: 4, stored: 4, simUnits: 0 },
        eventual: { acknowledged: 3, stored: 1, simUnits: 0 },
      },
    },
  ]);
});
