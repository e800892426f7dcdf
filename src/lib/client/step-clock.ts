/** How long the talk has lasted, from what the room recorded: a reloaded screen, or another one, shows the same times. */
import { expectationOf, stepOf, STEPS } from '#lib/domain/script.ts';
import type { StepTurn } from './history.ts';

/** A duration and what it was meant to be. Milliseconds. */
export interface Pace {
  spentMs: number;
  targetMs: number;
  isOver: boolean;
}

/** The two clocks of a prompter. */
export interface StepClock {
  /** All visits to the step together: a page turned by mistake and back costs what it cost. Null before the log is here. */
  step: Pace | null;
  /** From leaving the first step on: while doors are open nobody is talking yet. Null until then. */
  talk: Pace | null;
}

/** What the talk is meant to last without its first step, milliseconds. */
const TALK_TARGET_MS = 1_000 * sum(STEPS - 1, (place) => expectationOf(place + 2).targetS);

/**
 * The clocks at a moment of the room's clock (Unix milliseconds). `steps` since the first step was last entered, oldest first.
 * `withContest`: the show has one, and its step is meant to last for both.
 */
export function stepClock(
  steps: readonly StepTurn[],
  step: number,
  nowMs: number,
  withContest = false,
): StepClock {
  if (steps.length === 0) return { step: null, talk: null };
  const endOf = (place: number) => Math.max(steps[place]!.atMs, steps[place + 1]?.atMs ?? nowMs);
  const spentMs = steps.reduce(
    (ms, turn, place) => (turn.step === step ? ms + endOf(place) - turn.atMs : ms),
    0,
  );
  const began = steps.find((turn) => turn.step > 1);
  const contestMs = withContest ? 1_000 * expectationOf('contest').targetS : 0;
  const moreMs = step === stepOf('contest') ? contestMs : 0;
  return {
    step: pace(spentMs, 1_000 * expectationOf(step).targetS + moreMs),
    talk: began ? pace(Math.max(0, nowMs - began.atMs), TALK_TARGET_MS + contestMs) : null,
  };
}

function pace(spentMs: number, targetMs: number): Pace {
  return { spentMs, targetMs, isOver: spentMs > targetMs };
}

function sum(count: number, of: (place: number) => number): number {
  return Array.from({ length: count }, (_, place) => of(place)).reduce((total, value) => total + value, 0);
}
