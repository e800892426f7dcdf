/**
 * The pages of the show's script: its steps, and behind the third one the contest, where a show has more lanes than a step can
 * tell of. Their texts are content (lib/guide); their order, what each expects of its room and how long it should last are rules,
 * shared by all screens.
 */
import { idsIn, modesOf } from './by-lane.ts';
import { tappedLanes } from './lane.ts';
import type { ByLane, LaneId, Mode, Tapped } from './lane.ts';
import { LANES } from './lanes.ts';

/** Number of steps; a step is a whole number from 1 to this. */
export const STEPS = 6;

/** A page of the script: a step by its number, or the contest, which is step 3 on all lanes at once. */
export type Page = number | 'contest';

/** The step that the contest belongs to: a room knows steps and modes, no pages. */
const CONTEST_STEP = 3;
/** Every page, in order. */
const PAGES: readonly Page[] = [1, 2, CONTEST_STEP, 'contest', 4, 5, STEPS];

/** What a step expects of its room; null where it expects nothing. */
export interface StepExpectation {
  /** Turning to the step sends taps to this lane, or to the one that stands in for it, in either direction. */
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
/** All lanes begin together, with the same stock: what the steps before have sold is to be put back first. */
const CONTEST: (typeof EXPECTED)[number] = { ...ANY, reset: true, begins: 'go', targetS: 120, act: 'crowd' };

/** What a page expects, and its main act; those of the first step for a number that is no step. */
export function expectationOf(page: Page): StepExpectation & { act: StepAct } {
  return page === 'contest' ? CONTEST : (EXPECTED[page - 1] ?? EXPECTED[0]!);
}

/** True for a show that has a contest: more lanes than any other mode of it sends a tap to. */
export function hasContest(lanes: Readonly<ByLane<unknown>>): boolean {
  return modesOf(idsIn(lanes)).includes('contest');
}

/** The page on which a room is. */
export function pageOf({ step, mode }: { readonly step: number; readonly mode: Mode }): Page {
  return step === CONTEST_STEP && mode === 'contest' ? 'contest' : step;
}

/** The step of a page, which is what a room is told. */
export function stepOf(page: Page): number {
  return page === 'contest' ? CONTEST_STEP : page;
}

/** The page after this one, in a show with these lanes; itself where it is the last. */
export function pageAfter(page: Page, lanes: Readonly<ByLane<unknown>>): Page {
  const place = PAGES.indexOf(page);
  return PAGES.find((each, at) => at > place && isTold(each, lanes)) ?? page;
}

/** The page before this one, in a show with these lanes; itself where it is the first. */
export function pageBefore(page: Page, lanes: Readonly<ByLane<unknown>>): Page {
  const place = PAGES.indexOf(page);
  return PAGES.findLast((each, at) => at < place && isTold(each, lanes)) ?? page;
}

/**
 * True for a page that a show has. One with a contest leaves out the step of a lane that nothing stands in for: the contest shows
 * what there is.
 */
function isTold(page: Page, lanes: Readonly<ByLane<unknown>>): boolean {
  if (!hasContest(lanes)) return page !== 'contest';
  const { mode, begins } = expectationOf(page);
  return mode === null || begins !== 'go' || standIn(mode, lanes) !== null;
}

/**
 * The lane on which a show tells what a step has to say of `expected`: that one, else its first one of the same care; null where
 * it has none.
 */
export function standIn(expected: LaneId, lanes: Readonly<ByLane<unknown>>): LaneId | null {
  if (expected in lanes) return expected;
  return idsIn(lanes).find((lane) => LANES[lane].canOversell === LANES[expected].canOversell) ?? null;
}

/** True when taps go to the lane that a step expects, beside others or not; of a show without such a lane nothing is expected. */
export function suits(expected: LaneId | null, room: Tapped): boolean {
  const lane = expected && standIn(expected, room.lanes);
  return lane === null || tappedLanes(room).includes(lane);
}

/** What turning to a step sends to the rooms of a show. */
export interface StepTurn {
  step: number;
  mode?: Mode;
  hold?: true;
}

/**
 * What turning to a page sends to the room: the step, its mode, a hold where everybody is to begin together, and nothing that
 * changes stock. A mode of several lanes was chosen by hand, so it is kept; a lane that the show does not have is not asked
 * for. The mode is named even when the room seems to be in it, because the second of two quick presses knows only the state before
 * the first; a hold is sent to a held room too, because another room of the show may not be held, and it changes nothing there.
 * @param from the page that is left: going back never holds
 */
export function turnTo(page: Page, room: Tapped, from: Page = page): StepTurn {
  const step = stepOf(page);
  const { mode: expected, begins } = expectationOf(page);
  const isForward = PAGES.indexOf(page) > PAGES.indexOf(from);
  const hold = isForward && begins === 'go' ? { hold: true as const } : {};
  if (page === 'contest') return { step, mode: page, ...hold };
  const lane = expected && standIn(expected, room.lanes);
  // The same step on all lanes is another page: to come from there, it has to name its own.
  const isKept = tappedLanes(room).length > 1 && !(from === 'contest' && step === CONTEST_STEP);
  if (lane === null || isKept) return { step, ...hold };
  return { step, mode: lane, ...hold };
}

/** What the key that turns the page does: turn it, give the GO, or nothing while the countdown runs. */
export type NextPress = 'turn' | 'go' | 'counting';

/**
 * One key carries the show: on a held page that begins on a GO it gives it, during the countdown it does nothing, and
 * everywhere else it turns the page.
 * @param waitMs milliseconds until ops are taken; Infinity while no GO was given
 */
export function nextPress(page: Page, waitMs: number): NextPress {
  if (waitMs === 0) return 'turn';
  if (waitMs !== Infinity) return 'counting';
  return expectationOf(page).begins === 'go' ? 'go' : 'turn';
}
