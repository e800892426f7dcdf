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
  /**
   * How the step begins. `practice`: a show is opened held, and phones practise until the page is turned. `go`: turning forward to
   * the step holds the show, and the next press gives the GO. Null: it goes on as it is.
   */
  begins: 'practice' | 'go' | null;
  /** How long the step is meant to last, seconds. */
  targetS: number;
}

/** The presenter's main act on a step, besides turning the page. */
export type StepAct = 'code' | 'crowd' | 'guardrail' | 'reset';

const ANY = { mode: null, guardrail: null, reset: false, begins: null } as const;
const EXPECTED: readonly (StepExpectation & { act: StepAct })[] = [
  { ...ANY, mode: 'safe', begins: 'practice', targetS: 120, act: 'code' },
  { ...ANY, mode: 'safe', begins: 'go', targetS: 120, act: 'crowd' },
  { ...ANY, mode: 'eventual', begins: 'go', targetS: 180, act: 'crowd' },
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

/** What turning to a step sends to the rooms of a show. */
export interface StepTurn {
  step: number;
  mode?: Mode;
  hold?: true;
}

/**
 * What turning to a step sends to the room: the step, its mode, a hold where everybody is to begin together, and nothing that
 * changes stock. A mode of several lanes was chosen by hand, so it is kept; a lane that the show does not have is not asked
 * for. The mode is named even when the room seems to be in it, because the second of two quick presses knows only the state before
 * the first; a hold is sent to a held room too, because another room of the show may not be held, and it changes nothing there.
 * @param from the step that is left: going back never holds
 */
export function turnTo(step: number, room: Tapped, from = step): StepTurn {
  const { mode: expected, begins } = expectationOf(step);
  const hold = step > from && begins === 'go' ? { hold: true as const } : {};
  if (expected === null || !(expected in room.lanes) || tappedLanes(room).length > 1)
    return { step, ...hold };
  return { step, mode: expected, ...hold };
}

/** What the key that turns the page does: turn it, give the GO, or nothing while the countdown runs. */
export type NextPress = 'turn' | 'go' | 'counting';

/**
 * One key carries the show: in a held step that begins on a GO it gives it, during the countdown it does nothing, and
 * everywhere else it turns the page.
 * @param waitMs milliseconds until ops are taken; Infinity while no GO was given
 */
export function nextPress(step: number, waitMs: number): NextPress {
  if (waitMs === 0) return 'turn';
  if (waitMs !== Infinity) return 'counting';
  return expectationOf(step).begins === 'go' ? 'go' : 'turn';
}
