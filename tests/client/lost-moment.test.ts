/** When a lost update comes onto the stage by itself. */
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { lostLook, LostMoment, SETTLED_MS } from '#lib/client/lost-moment.ts';
import type { LostLook } from '#lib/client/lost-moment.ts';
import { RaceBook } from '#lib/domain/race.ts';
import { check } from '../domain/support/property.ts';
import { laneState, roomState } from './support/fake-room.ts';
import { Scene } from './support/scene.ts';

/** The room in the step of the race, in which nothing has happened yet. */
const CALM: LostLook = {
  step: 3,
  epoch: 1,
  seq: 10,
  ops: 0,
  inFlight: 0,
  isClosed: false,
  raceSeq: 0,
  trippedAtMs: null,
  isCovered: false,
  isShown: false,
};
const RACING: LostLook = { ...CALM, seq: 60, ops: 40, inFlight: 8, raceSeq: 30 };
const RACED: LostLook = { ...RACING, seq: 70, ops: 48, inFlight: 0, raceSeq: 62 };

/** Looks every 100 ms; the moments at which it came, milliseconds since the first look. */
function comesAt(...parts: [look: LostLook, forMs: number][]): number[] {
  const moment = new LostMoment();
  const came: number[] = [];
  let nowMs = 0;
  for (const [look, forMs] of parts) {
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += 100) {
      if (moment.comes(look, 5_000 + nowMs)) came.push(nowMs);
    }
  }
  return came;
}

test('it comes once the race has settled, and once', () => {
  const [at, ...more] = comesAt([CALM, 2_000], [RACING, 3_000], [RACED, 10_000]);
  expect(at).toBe(5_000 + SETTLED_MS);
  expect(more).toEqual([]);
});

test('it does not wait for taps that can buy nothing: the lane is sold out, or held', () => {
  const tapping = { ...RACED, inFlight: 5 };
  expect(comesAt([CALM, 1_000], [RACING, 1_000], [tapping, 9_000])).toEqual([]);
  expect(comesAt([CALM, 1_000], [RACING, 1_000], [{ ...tapping, isClosed: true }, 9_000])).toHaveLength(1);
});

test('it never comes with races from before this page, or from before the step', () => {
  expect(comesAt([{ ...RACED, seq: 62 }, 9_000])).toEqual([]);
  expect(comesAt([{ ...RACING, step: 1 }, 1_000], [{ ...RACED, step: 2 }, 3_000], [RACED, 9_000])).toEqual(
    [],
  );
  expect(comesAt([{ ...RACED, step: 2 }, 3_000], [{ ...RACED, seq: 71 }, 3_000])).toEqual([]);
});

test('it never comes once the presenter has gone on, and on coming back only with a new race', () => {
  const on = { ...RACED, step: 4 };
  expect(comesAt([CALM, 1_000], [RACING, 1_000], [RACED, 500], [on, 9_000])).toEqual([]);
  const again = { ...RACED, seq: 90, raceSeq: 85 };
  expect(comesAt([CALM, 900], [RACED, 500], [on, 900], [{ ...RACED, seq: 72 }, 9_000])).toEqual([]);
  expect(
    comesAt([CALM, 900], [RACED, 500], [on, 900], [{ ...RACED, seq: 72 }, 900], [again, 9_000]),
  ).toHaveLength(1);
});

test('it never comes over something else, and not at once when that has gone', () => {
  const covered = { ...RACED, isCovered: true };
  const [at] = comesAt([CALM, 1_000], [RACING, 1_000], [covered, 8_000], [RACED, 5_000]);
  expect(at).toBe(10_000 + SETTLED_MS - 100);
});

test('it leaves the guardrail its moment', () => {
  const tripped = { ...RACED, trippedAtMs: 1_000_000 };
  const [at] = comesAt([CALM, 1_000], [RACING, 1_000], [RACED, 1_000], [tripped, 9_000]);
  expect(at).toBeGreaterThanOrEqual(3_000 + 2_000);
});

test('it comes again after a reset, and not when it was asked for before it came', () => {
  const second = { ...CALM, epoch: 2, seq: 100 };
  const secondRaced = { ...RACED, epoch: 2, seq: 150, raceSeq: 140 };
  expect(comesAt([CALM, 900], [RACED, 3_000], [second, 2_000], [secondRaced, 9_000])).toHaveLength(2);
  const shown = { ...RACED, isShown: true, isCovered: true };
  expect(comesAt([CALM, 900], [RACED, 500], [shown, 500], [RACED, 9_000])).toEqual([]);
});

test('whatever happens in whatever order, it comes at most once an epoch, uncovered, in its step and after a quiet time', () => {
  const look = fc.record({
    step: fc.constantFrom(2, 3, 3, 3, 4),
    ops: fc.integer({ min: 0, max: 2 }),
    inFlight: fc.constantFrom(0, 0, 0, 1),
    isClosed: fc.boolean(),
    isCovered: fc.constantFrom(false, false, false, true),
    isShown: fc.constantFrom(false, false, false, true),
    races: fc.boolean(),
    forMs: fc.integer({ min: 1, max: 30 }),
    resets: fc.constantFrom(false, false, false, true),
  });
  let came = 0;
  check(
    fc.property(fc.array(look, { maxLength: 30 }), (looks) => {
      const moment = new LostMoment();
      const cameIn: number[] = [];
      let [nowMs, seq, epoch, raceSeq, ops] = [0, 1, 1, 0, 0];
      let quietSinceMs = Infinity;
      for (const { races, forMs, resets, ops: more, ...part } of looks) {
        seq += 2;
        if (resets) [epoch, raceSeq] = [epoch + 1, 0];
        if (races) raceSeq = seq;
        ops += more;
        const isBusy = more > 0 || (part.inFlight > 0 && !part.isClosed) || part.isCovered || part.step !== 3;
        for (let ticks = 0; ticks < forMs; ticks += 1, nowMs += 100) {
          if (isBusy && (ticks === 0 || more === 0)) quietSinceMs = Infinity;
          else if (quietSinceMs === Infinity) quietSinceMs = nowMs;
          if (!moment.comes({ ...CALM, ...part, epoch, seq, ops, raceSeq }, nowMs)) continue;
          cameIn.push(epoch);
          expect(part).toMatchObject({ step: 3, isCovered: false, isShown: false });
          expect(raceSeq).toBeGreaterThan(0);
          expect(nowMs - quietSinceMs).toBeGreaterThanOrEqual(SETTLED_MS - 100);
        }
      }
      came += cameIn.length;
      expect(new Set(cameIn).size).toBe(cameIn.length);
    }),
  );
  expect(came).toBeGreaterThan(50);
});

test('what decides is read from the room: lanes that can lose, its hold, what is left, and what asks', () => {
  const scene = new Scene(100, 'eventual');
  scene.race([{ who: 'amber-otter' }, { who: 'blue-heron' }]);
  const races = new RaceBook();
  for (const event of scene.events) races.take(event);
  const open = { isCovered: false, isShown: false };
  const eventual = laneState({ ops: 2, inFlight: 1, stored: 40 });
  const view = { ...roomState({ mode: 'both', step: 3 }), lanes: { safe: laneState({ ops: 9 }), eventual } };
  const newest = races.newest!;
  expect(lostLook(view, races, open)).toMatchObject({
    ops: 2,
    inFlight: 1,
    isClosed: false,
    isCovered: false,
    raceSeq: newest.epoch === view.epoch ? newest.seq : 0,
  });
  expect(lostLook({ ...view, mode: 'safe' }, races, open).raceSeq).toBe(0);
  expect(lostLook({ ...view, mode: 'contest' }, races, open).raceSeq, 'one loss over all lanes').toBe(0);
  expect(lostLook({ ...view, epoch: 99 }, races, open).raceSeq).toBe(0);
  const sold = { ...view, lanes: { ...view.lanes, eventual: { ...eventual, stored: view.sku.capacity } } };
  expect(lostLook(sold, races, open).isClosed).toBe(true);
  expect(lostLook({ ...view, hold: { sinceMs: 1, goAtMs: null } }, races, open)).toMatchObject({
    isClosed: true,
    isCovered: false,
  });
  expect(lostLook({ ...view, hold: { sinceMs: 1, goAtMs: 9 } }, races, open).isCovered).toBe(true);
  const guess = { asked: 1, question: 'eventual-lost' as const, max: 10, open: true, n: 0 };
  expect(lostLook({ ...view, guess }, races, open).isCovered).toBe(true);
});

test('it is looked for until the page goes', () => {
  vi.useFakeTimers();
  try {
    let look: LostLook | null = null;
    const come = vi.fn();
    const stop = new LostMoment().watch(() => look, come);
    vi.advanceTimersByTime(1_000);
    look = CALM;
    vi.advanceTimersByTime(1_000);
    look = RACED;
    vi.advanceTimersByTime(5_000);
    expect(come).toHaveBeenCalledTimes(1);
    stop();
    look = { ...RACED, epoch: 2 };
    vi.advanceTimersByTime(5_000);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
