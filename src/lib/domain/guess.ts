/**
 * Predict, then prove: the room says a figure before it is measured. What may be asked, what an answer may be, what the
 * answers add up to, and what the log may tell of them. Nobody's answer stands in the log: only how many gave which.
 */
import { assert } from './assert.ts';
import type { Refusal } from './codes.ts';
import type { EventBodies } from './events.ts';
import type { GuessQuestion } from './guess-questions.ts';
import { lanesOf, ofLane } from './lane.ts';
import type { ByLane, LaneCounters, LaneId, Mode } from './lane.ts';
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

/** What the answers come to; no identities. */
export interface GuessSpread {
  /** The answer in the middle, of an even number the lower of the two; null when nobody answered. */
  median: number | null;
  /** Values that one bucket holds: bucket `i` counts answers from `i × width` to `(i + 1) × width − 1`. */
  width: number;
  /** Answers by bucket; empty buckets at the end are left out. */
  counts: readonly number[];
}

/** A guess as the events tell it. */
export interface GuessFacts {
  /** `seq` of the event that opened it: what an answer names. */
  asked: number;
  question: GuessQuestion;
  /** The largest answer. */
  max: number;
  /** How many answered, and what: once it is closed. */
  closed: ({ n: number } & GuessSpread) | null;
}

/** A guess as every client sees it. */
export interface GuessState {
  asked: number;
  question: GuessQuestion;
  max: number;
  open: boolean;
  /** How many have answered so far; how many did, once it is closed. */
  n: number;
  /** Only once it is closed, so that nobody is anchored by the others. */
  spread?: GuessSpread;
}

/** Answers reach this many times the capacity: room for those who expect the worst, on a scale that still tells units apart. */
const MAX_OF_CAPACITY = 3;
/** The smallest scale: three units would be no question. */
const LEAST_MAX = 10;
/** More bars than that are no picture, and their counts ride on every frame. */
const MOST_BUCKETS = 32;

/** The largest answer to a question about so many units. */
export function guessMax(capacity: number): number {
  return Math.max(LEAST_MAX, MAX_OF_CAPACITY * capacity);
}

/** What a step of the script suggests to ask; where it has no lane of its own, what the mode is about. */
export function suggestedQuestion(step: number, mode: Mode): GuessQuestion {
  if (step === 2) return 'safe-sold';
  if (step === 3) return 'eventual-promised';
  return lanesOf(mode).some((lane) => LANES[lane].canOversell) ? 'eventual-promised' : 'safe-sold';
}

/** The figure that a question is held against, as it stands now, and how many units' outcomes are still under way. */
export function measuredOf(
  lanes: Readonly<ByLane<LaneCounters>>,
  question: GuessQuestion,
): { units: number; inFlight: number } {
  const { lane: id, figure } = GUESS_ABOUT[question];
  const lane = ofLane(lanes, id);
  return { units: lane[figure], inFlight: lane.inFlight };
}

/** Values in one bucket: 1, 2, 5, 10, 20, 50 … whichever is the first to need few enough buckets. */
export function bucketWidth(max: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) {
      if (Math.ceil((max + 1) / (digit * power)) <= MOST_BUCKETS) return digit * power;
    }
  }
}

/** What answers come to; each is a whole number from 0 to `max`. */
export function spreadOf(answers: Iterable<number>, max: number): { n: number } & GuessSpread {
  const values = [...answers];
  const width = bucketWidth(max);
  const most = values.reduce((largest, value) => Math.max(largest, value), -1);
  const counts = Array.from({ length: Math.floor(most / width) + 1 }, () => 0);
  for (const value of values) counts[Math.floor(value / width)]! += 1;
  return { n: values.length, median: values.length > 0 ? percentile(values, 0.5) : null, width, counts };
}

/** Why an answer is not taken; null when it is. `asked` is the question it was given to, null for whichever is open. */
export function answerRefusal(
  { guess, closed }: { guess: GuessFacts | null; closed: unknown },
  asked: number | null,
  value: number,
): Refusal | null {
  if (closed) return { code: 'SHOW_ENDED', message: 'This show has ended: nothing is changed any more.' };
  if (!guess || guess.closed || (asked !== null && asked !== guess.asked)) {
    return {
      code: 'STALE_EPOCH',
      message: 'This question is not open any more. Your answer does not count.',
    };
  }
  if (Number.isSafeInteger(value) && value >= 0 && value <= guess.max) return null;
  return { code: 'INVALID_REQUEST', message: `An answer is a whole number from 0 to ${guess.max}.` };
}

/** The event that opens a guess; null when that very question is open already; a refusal when another one is. */
export function openGuess(
  guess: GuessFacts | null,
  question: GuessQuestion,
  { by, capacity }: { by: string; capacity: number },
): EventBodies['guess'] | Refusal | null {
  if (!guess || guess.closed) return { state: 'opened', by, question, max: guessMax(capacity) };
  if (guess.question === question) return null;
  return {
    code: 'INVALID_REQUEST',
    message: 'Another question is open: close it first. Nothing was changed.',
  };
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

/** The event that puts a guess away, open or closed; null when there is none. */
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

/** What clients see of a guess; `answered` counts those who have answered an open one. */
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
