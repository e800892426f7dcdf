/** What people read of the connection, the button and refused taps. */
import type { Wait } from './go-wait.svelte.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { unreachable } from '#lib/domain/assert.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { ofLane, tappedLanes } from '#lib/domain/lane.ts';
import { FIRST_LANE, LANES } from '#lib/domain/lanes.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Connection } from './room-view.ts';

/** The connection in words: always true, and short enough to stand beside a name. */
export function connectionWords({ kind }: Connection): { isGood: boolean; words: string } {
  return { isGood: kind === 'connected', words: kindWords(kind) };
}

function kindWords(kind: Connection['kind']): string {
  switch (kind) {
    case 'connecting':
      return phrase('connecting');
    case 'connected':
      return phrase('connected');
    case 'reconnecting':
      return phrase('reconnecting');
    case 'offline':
      return phrase('no network');
    case 'ended':
      return phrase('show is over');
    case 'refused':
      return phrase('not connected');
    default:
      return unreachable(kind);
  }
}

/** The one button: the lanes that its colour stands for, its words, and why it does nothing when it does nothing. */
export interface ButtonWords {
  mode: Mode;
  label: string;
  hint: string;
  /** False: a tap is not taken, and `hint` says why. */
  isReady: boolean;
  /** True when a tap buys nothing as it looks now: every lane says that nothing is left, or the room is held. */
  isSoldOut: boolean;
}

/** What the button says; `slowMs`: for how long taps are too many, null when they are not; `wait` in a held room. */
export function buttonWords(
  state: RoomState | null,
  connection: Connection,
  slowMs: number | null,
  wait: Wait = null,
): ButtonWords {
  const mode = state?.mode ?? FIRST_LANE;
  const idle = (label: string, hint: string): ButtonWords => ({
    mode,
    label,
    hint,
    isReady: false,
    isSoldOut: false,
  });
  if (connection.kind === 'connecting' || (!state && connection.kind === 'connected')) {
    return idle(phrase('One moment'), phrase('connecting to the room'));
  }
  if (connection.kind === 'reconnecting') {
    return idle(
      phrase('No connection'),
      phrase(`taps do not count: trying since ${timeOfDay(connection.sinceMs + wallAhead())}`),
    );
  }
  if (connection.kind === 'offline') {
    return idle(
      phrase('No network'),
      phrase(`taps do not count: gone since ${timeOfDay(connection.sinceMs + wallAhead())}`),
    );
  }
  if (connection.kind === 'ended') return idle(phrase('Show is over'), phrase('nothing is sold any more'));
  if (connection.kind === 'refused' || !state)
    return idle(phrase('Not connected'), phrase('nothing is sold here now'));
  const ready = { mode, isReady: true };
  if (wait !== null) {
    const label = wait === Infinity ? phrase('Wait for it') : String(wait);
    return { ...ready, label, hint: phrase('practise: nothing is sold yet'), isSoldOut: true };
  }
  if (slowMs !== null) {
    const hint = phrase(`try again in ${wholeSeconds(slowMs)} s`);
    return { ...ready, label: phrase('Slow down'), hint, isSoldOut: false };
  }
  const tapped = tappedLanes(state);
  if (tapped.every((lane) => isSoldOut(state, lane))) {
    // A counter that loses updates may still say yes to a later tap.
    const hint = tapped.some((lane) => LANES[lane].hasLineage)
      ? phrase('the counter says so: tap and see')
      : phrase('tap all you like: the answer stays no');
    return { ...ready, label: phrase('Sold out'), hint, isSoldOut: true };
  }
  return { ...ready, label: phrase('Get one'), hint: phrase('tap as fast as you like'), isSoldOut: false };
}

/** What stands in place of tickets while there are none; `isOut`: nothing can be tapped any more. */
export function nothingWords(
  state: RoomState | null,
  isOut: boolean,
  wait: Wait,
  { isReady, isSoldOut }: ButtonWords,
): string {
  if (!state) return isOut ? '–' : phrase('Waiting for the room.');
  if (wait !== null && !isOut) return phrase('Nothing is sold before the GO.');
  return isReady && !isSoldOut ? phrase('Nothing yet. Tap the button.') : phrase('You hold nothing.');
}

/** True when the lane's own counter says that nothing is left. */
export function isSoldOut(state: RoomState, lane: LaneId): boolean {
  const { stored, capacity } = ofLane(state.lanes, lane);
  return stored >= capacity;
}

/** Why an op was refused, for its owner: nothing was bought in any of these. */
export function refusalWords(code: ErrorCode, retryAfterMs: number | null): string {
  switch (code) {
    case 'RATE_LIMITED':
      return retryAfterMs === null
        ? phrase('too many taps')
        : phrase(`Slow down: try again in ${wholeSeconds(retryAfterMs)} s`);
    case 'BUSY':
      return phrase('the database was too busy; tap again');
    case 'MODE_MISMATCH':
      return phrase('the lane changed as you tapped');
    case 'HELD':
      return phrase('it was before the GO');
    case 'STALE_EPOCH':
      return phrase('the stock was reset as you tapped');
    case 'GUARDRAIL_BLOCKED':
      return phrase('the guardrail stopped all sales');
    case 'REAL_BUDGET_EXCEEDED':
      return phrase('it would have cost real money');
    case 'SHOW_ENDED':
      return phrase('the show was over');
    case 'STORAGE_UNAVAILABLE':
      return phrase('the database does not answer');
    default:
      return phrase(`refused (${code})`);
  }
}

/** What to add to the page's monotonic clock to get the device's own time of day, milliseconds. */
const wallAhead = () => Date.now() - performance.now();

/** A moment on this device's own clock, `14:32:07`: said once, where a duration would be said again every second. */
export function timeOfDay(ms: number): string {
  const at = new Date(ms);
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** A code as people read it aloud: two groups of three. */
export function spacedCode(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`.trim();
}

/** A duration as a countdown: `14:32`. Rounded up, so that it never shows 0:00 before the end. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A price in USD as people write it: no cents where there are none, and every place that it has: sums are made of it. */
export function usd(amount: number): string {
  const [dollars = '', part] = String(amount).split('.');
  const cents = part?.padEnd(2, '0');
  // By hand: the first use of Intl takes a slow phone 40 ms, and its button waits for that.
  const grouped = dollars.replace(/\B(?=(\d{3})+(?!\d))/g, phrase(','));
  return cents === undefined ? phrase(`$${grouped}`) : phrase(`$${grouped}.${cents}`);
}

/** A pause in whole seconds, rounded up: `1 second`, `42 seconds`. */
export function secondsWords(ms: number): string {
  const seconds = wholeSeconds(ms);
  return seconds === 1 ? phrase('1 second') : phrase(`${seconds} seconds`);
}

/** Rounded up, so that nobody comes too early. */
const wholeSeconds = (ms: number) => Math.max(1, Math.ceil(ms / 1_000));
