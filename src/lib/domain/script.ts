/**
 * The steps of the show's script. Their texts are content; how many there are, what each expects of its room, and how long
 * it is meant to last are rules, shared by whoever turns the pages.
 */
import { lanesOf } from './lane.ts';
import type { Mode } from './lane.ts';

/** Number of steps; a step is a whole number from 1 to this. */
export const STEPS = 6;

/** What a step expects of its room. What is null may stand as it likes. */
export interface StepExpectation {
  /** Turning to the step switches to this lane, in whichever direction the page is turned. */
  mode: Mode | null;
  /** How the guardrail should stand before the next page: a prompt for the presenter's hand, never done by itself. */
  guardrail: 'tripped' | 'clear' | null;
  /** True when the stock is to be reset on this step: again a prompt, because a reset cannot be taken back. */
  reset: boolean;
  /** How long the step is meant to last, seconds. */
  targetS: number;
}

/** Which act of the presenter a step mostly needs, beside turning the page. */
export type StepAct = 'code' | 'crowd' | 'guardrail' | 'reset';

const ANY = { mode: null, guardrail: null, reset: false } as const;
const EXPECTED: readonly (StepExpectation & { act: StepAct })[] = [
  { ...ANY, mode: 'safe', targetS: 120, act: 'code' },
  { ...ANY, mode: 'safe', targetS: 120, act: 'crowd' },
  { ...ANY, mode: 'eventual', targetS: 180, act: 'crowd' },
  { ...ANY, mode: 'eventual', guardrail: 'tripped', targetS: 120, act: 'guardrail' },
  { ...ANY, guardrail: 'clear', reset: true, targetS: 90, act: 'reset' },
  { ...ANY, targetS: 150, act: 'code' },
];

/** What a step expects, and the act it mostly needs; of the first for a number that is none. */
export function expectationOf(step: number): StepExpectation & { act: StepAct } {
  return EXPECTED[step - 1] ?? EXPECTED[0]!;
}

/** True when the taps of a mode go where the step wants them; a split screen holds each of the lanes. */
export function suits(expected: Mode | null, mode: Mode): boolean {
  return expected === null || lanesOf(expected).every((lane) => lanesOf(mode).includes(lane));
}

/**
 * What turning to a step asks of a room: the step and its lane, and nothing else: no turn of a page ever changes stock. A
 * split screen was chosen by hand and holds every lane, so it is kept. The lane is named even where the room seems to be
 * on it already: of two quick presses the second knows only how the room stood before the first.
 */
export function turnTo(step: number, mode: Mode): { step: number; mode?: Mode } {
  const { mode: expected } = expectationOf(step);
  return expected === null || mode === 'both' ? { step } : { step, mode: expected };
}
