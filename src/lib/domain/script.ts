/**
 * The steps of the show's script. Their texts are content (lib/guide); their number, what each expects of its room and how long
 * it should last are rules, shared by all screens.
 */
import { tappedLanes } from './lane.ts';
import type { LaneId, Mode, Tapped } from './lane.ts';

/** Number of steps; a step is a whole number from 1 to this. */
export const STEPS = 6;

/** What a step expects of its room; null where it expects nothing. */
export interface StepExpectation {
  /** Turning to the step sends taps to this lane, in either direction. */
  mode: LaneId | null;
  /** State of the guardrail before the next page: a prompt to the presenter, never done automatically. */
  guardrail: 'tripped' | 'clear' | null;
  /** True when the stock is to be reset on this step: a prompt too, because a reset cannot be undone. */
  reset: boolean;
  /** How long the step is meant to last, seconds. */
  targetS: number;
}

/** The presenter's main act on a step, besides turning the page. */
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

/** What a step expects, and its main act; those of the first step for a number that is no step. */
export function expectationOf(step: number): StepExpectation & { act: StepAct } {
  return EXPECTED[step - 1] ?? EXPECTED[0]!;
}

/** True when taps go to the lane that a step expects, beside others or not; of a show without that lane nothing is expected. */
export function suits(expected: LaneId | null, room: Tapped): boolean {
  return expected === null || !(expected in room.lanes) || tappedLanes(room).includes(expected);
}

/**
 * What turning to a step sends to the room: the step and its mode, and nothing that changes stock. A mode of several lanes was
 * chosen by hand, so it is kept; a lane that the show does not have is not asked for. The mode is named even when the room
 * seems to be in it, because the second of two quick presses knows only the state before the first.
 */
export function turnTo(step: number, room: Tapped): { step: number; mode?: Mode } {
  const { mode: expected } = expectationOf(step);
  if (expected === null || !(expected in room.lanes) || tappedLanes(room).length > 1) return { step };
  return { step, mode: expected };
}
