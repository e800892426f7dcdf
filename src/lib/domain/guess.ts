/**
 * Guesses: people predict a figure before the room measures it. Which questions there are, which answers are valid, how they
 * are summed up, and what the log has of them: how many gave which answer, never who.
 */
import { assert } from './assert.ts';
import { refusal } from './codes.ts';
import type { Refusal } from './codes.ts';
import type { EventBodies } from './events.ts';
import type { GuessQuestion } from './guess-questions.ts';
import { ofLane, tappedLanes } from './lane.ts';
import type { ByLane, LaneCounters, LaneId, Tapped } from './lane.ts';
import { LANES } from './lanes.ts';
import { percentile } from './percentile.ts';

/** The figure that each question is about, in units. */
export const GUESS_ABOUT: Readonly<
  Record<GuessQuestion, { lane: LaneId; figure: 'acknowledged' | 'lostUnits' }>
> = {
  'safe-sold': { lane: 'safe', figure: 'acknowledged' },
  'eventual-promised': { lane: 'eventual', figure: 'acknowledged' },
  'eventual-lost': { lane: 'eventual', figure: 'lostUnits' },
};

/** Summary of the answers, without identities. */
export interface GuessSpread {
  /** The answer in the middle, of an even number the lower of the two; null when nobody answered. */
  median: number | null;
  /** Values that one bucket holds: bucket `i` counts answers from `i × width` to `(i + 1) × width − 1`. */
  width: number;
  /** Answers by bucket; empty buckets at the end are left out. */
  counts: readonly number[];
}

interface Asked {
  /** `seq` of the event that opened it, which answers name. */
  asked: number;
  question: GuessQuestion;
  /** The largest answer. */
  max: number;
}

/** A guess as the reducer has it. */
export interface GuessFacts extends Asked {
  /** Number and summary of the answers; null while it is open. */
  closed: ({ n: number } & GuessSpread) | null;
}

/** A guess as every client sees it. */
export interface GuessState extends Asked {
  open: boolean;
  /** Number of answers so far. */
  n: number;
  /** Present once it is closed, so that no answer influences another. */
  spread?: GuessSpread;
}

/** Answers go up to this many times the capacity: enough for a bad race, and still fine enough to choose single units. */
const MAX_OF_CAPACITY = 3;
/** Smallest `max`, because a scale of three values would be no question. */
const LEAST_MAX = 10;
/** Most buckets: more cannot be drawn legibly, and their counts are part of every frame. */
const MOST_BUCKETS = 32;

/** The largest answer for a capacity. */
export function guessMax(capacity: number): number {
  return Math.max(LEAST_MAX, MAX_OF_CAPACITY * capacity);
}

/**
 * The question that a step of the script suggests; for steps without a lane of their own, by mode. One about a lane that the show
 * does not have gives way to one that can be asked.
 */
export function suggestedQuestion(room: Tapped & { readonly step: number }): GuessQuestion {
  const wanted = wantedQuestion(room);
  const other = wanted === 'safe-sold' ? 'eventual-promised' : 'safe-sold';
  return !canAsk(wanted, room.lanes) && canAsk(other, room.lanes) ? other : wanted;
}

function wantedQuestion(room: Tapped & { readonly step: number }): GuessQuestion {
  if (room.step === 2) return 'safe-sold';
  if (room.step === 3) return 'eventual-promised';
  return tappedLanes(room).some((lane) => LANES[lane].canOversell) ? 'eventual-promised' : 'safe-sold';
}

/** True when a show has the lane that a question is about. */
export function canAsk(question: GuessQuestion, lanes: Readonly<ByLane<unknown>>): boolean {
  return GUESS_ABOUT[question].lane in lanes;
}

/** The measured figure of a question now, in units, and the number of ops in flight. */
export function measuredOf(
  lanes: Readonly<ByLane<LaneCounters>>,
  question: GuessQuestion,
): { units: number; inFlight: number } {
  const { lane: id, figure } = GUESS_ABOUT[question];
  const lane = ofLane(lanes, id);
  return { units: lane[figure], inFlight: lane.inFlight };
}

/** Width of a bucket: the first of 1, 2, 5, 10, 20, 50 … that needs at most {@link MOST_BUCKETS}. */
export function bucketWidth(max: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      if (Math.ceil((max + 1) / (digit * power)) <= MOST_BUCKETS) return digit * power;
    }
  }
}

/** Summarises answers, each a whole number from 0 to `max`. */
export function spreadOf(answers: Iterable<number>, max: number): { n: number } & GuessSpread {
  const values = [...answers];
  const width = bucketWidth(max);
  const most = values.reduce((largest, value) => Math.max(largest, value), -1);
  const counts = Array.from({ length: Math.floor(most / width) + 1 }, () => 0);
  for (const value of values) counts[Math.floor(value / width)]! += 1;
  return { n: values.length, median: values.length > 0 ? percentile(values, 0.5) : null, width, counts };
}

/** Why an answer is refused; null when it is accepted. `asked` is the question that it answers, null for the open one. */
export function answerRefusal(
  { guess, closed }: { guess: GuessFacts | null; closed: unknown },
  asked: number | null,
  value: number,
): Refusal | null {
  if (closed) return refusal('SHOW_ENDED', 'This show has ended: nothing is changed any more.');
  if (!guess || guess.closed || (asked !== null && asked !== guess.asked)) {
    return refusal('STALE_EPOCH', 'This question is not open any more. Your answer does not count.');
  }
  if (Number.isSafeInteger(value) && value >= 0 && value <= guess.max) return null;
  return refusal('INVALID_REQUEST', `An answer is a whole number from 0 to ${guess.max}.`);
}

/**
 * The event that opens a guess; null when the same question is open already; a refusal when another one is, or when the show
 * does not have the question's lane.
 */
export function openGuess(
  { guess, lanes }: { guess: GuessFacts | null; lanes: Readonly<ByLane<unknown>> },
  question: GuessQuestion,
  { by, capacity }: { by: string; capacity: number },
): EventBodies['guess'] | Refusal | null {
  if (!canAsk(question, lanes)) {
    const message = `This show has no ${GUESS_ABOUT[question].lane} lane to measure that on. Nothing was changed.`;
    return { code: 'INVALID_REQUEST', message };
  }
  if (!guess || guess.closed) return { state: 'opened', by, question, max: guessMax(capacity) };
  if (guess.question === question) return null;
  return refusal('INVALID_REQUEST', 'Another question is open: close it first. Nothing was changed.');
}

/** The event that closes an open guess; null when none is open. */
export function closeGuess(
  guess: GuessFacts | null,
  answers: Iterable<number>,
  by: string,
): EventBodies['guess'] | null {
  if (!guess || guess.closed) return null;
  const { question, max } = guess;
  const { median, ...spread } = spreadOf(answers, max);
  return { state: 'closed', by, question, max, ...spread, ...(median === null ? {} : { median }) };
}

/** The event that drops the current guess, open or closed; null when there is none. */
export function dropGuess(guess: GuessFacts | null, by: string): EventBodies['guess'] | null {
  if (!guess) return null;
  const { question, max } = guess;
  return { state: 'dropped', by, question, max };
}

/** The guess after one of its events. Throws on what no room can have written. */
export function guessAfter(
  guess: GuessFacts | null,
  body: EventBodies['guess'],
  seq: number,
): GuessFacts | null {
  const { state, question, max } = body;
  if (state === 'opened') {
    assert(!guess || guess.closed, 'one guess is open at a time');
    return { asked: seq, question, max, closed: null };
  }
  assert(guess && guess.question === question && guess.max === max, `the guess that is ${state} was opened`);
  if (state === 'dropped') return null;
  assert(!guess.closed, 'a guess is closed once');
  return { ...guess, closed: closedSpread(body) };
}

/** What clients see of a guess; `answered` is the number of answers while it is open. */
export function guessState({ asked, question, max, closed }: GuessFacts, answered: number): GuessState {
  const about = { asked, question, max };
  if (!closed) return { ...about, open: true, n: answered };
  const { n, ...spread } = closed;
  return { ...about, open: false, n, spread };
}

function closedSpread({ max, n, width, counts, ...body }: EventBodies['guess']) {
  const median = body.median ?? null;
  assert(n !== undefined && width === bucketWidth(max) && counts, 'a closed guess says what was answered');
  assert(counts.reduce((sum, times) => sum + times, 0) === n, 'every answer is in one bucket');
  assert((counts.length - 1) * width <= max && counts.at(-1) !== 0, 'buckets end with the largest answer');
  const middle = median === null ? -1 : Math.floor(median / width);
  const upTo = (end: number) => counts.slice(0, end).reduce((sum, times) => sum + times, 0);
  const place = Math.ceil(n / 2);
  assert(
    n === 0 ? median === null : upTo(middle) < place && upTo(middle + 1) >= place,
    'the median is in the middle',
  );
  return { n, median, width, counts };
}
