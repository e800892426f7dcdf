/** A guess in words: the question, the number of answers, and the answers beside the measured figure. */
import { unreachable } from '#lib/domain/assert.ts';
import type { EventBodies } from '#lib/domain/events.ts';
import { GUESS_ABOUT, measuredOf } from '#lib/domain/guess.ts';
import type { GuessSpread } from '#lib/domain/guess.ts';
import type { GuessQuestion } from '#lib/domain/guess-questions.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count } from '../format.ts';
import type { Tone } from '../tones.ts';

/** The question; `capacity` in units. Its lane is shown beside it. */
export function questionWords(question: GuessQuestion, capacity: number): string {
  switch (question) {
    case 'safe-sold':
    case 'eventual-promised':
      return phrase(`How many will be sold of ${count(capacity)}?`);
    case 'eventual-lost':
      return phrase(`How many of the units sold will be lost?`);
    default:
      return unreachable(question);
  }
}

/** The figure that a question is about, with its lane; for buttons and the list of turns. */
export function figureWords(question: GuessQuestion): string {
  switch (question) {
    case 'safe-sold':
      return phrase('sold on the safe lane');
    case 'eventual-promised':
      return phrase('sold on the eventual lane');
    case 'eventual-lost':
      return phrase('lost on the eventual lane');
    default:
      return unreachable(question);
  }
}

/** The colour of the figure, by its meaning. */
export function figureTone(question: GuessQuestion): Tone {
  const { lane, figure } = GUESS_ABOUT[question];
  return figure === 'lostUnits' ? 'lost' : LANES[lane].colour;
}

/** How many have answered. */
export function answersWords(n: number): string {
  return n === 1 ? phrase('1 answer') : phrase(`${count(n)} answers`);
}

/** Whether a figure is final: ops in flight may still change it. */
export function settledWords(inFlight: number): string {
  return inFlight === 0 ? phrase('settled') : phrase(`${count(inFlight)} in flight`);
}

/** The result of a closed guess: the median, and the figure measured so far. */
export function verdictWords(
  n: number,
  { median }: Pick<GuessSpread, 'median'>,
  measured: { units: number; inFlight: number },
): string {
  const said =
    median === null
      ? phrase('Nobody answered.')
      : phrase(`The room said ${count(median)}, the median of ${answersWords(n)}.`);
  return `${said} ${phrase(`Measured: ${count(measured.units)}, ${settledWords(measured.inFlight)}.`)}`;
}

/** A guess in a sentence or two, for screen readers; '' while there is none. */
export function guessSummary({ guess, sku, lanes }: Pick<RoomState, 'guess' | 'sku' | 'lanes'>): string {
  if (!guess) return '';
  const question = questionWords(guess.question, sku.capacity);
  return guess.spread
    ? `${question} ${verdictWords(guess.n, guess.spread, measuredOf(lanes, guess.question))}`
    : `${question} ${phrase(`${answersWords(guess.n)} so far.`)}`;
}

/** Every bucket with an answer, for screen readers. */
export function spreadWords({ width, counts }: GuessSpread): string {
  return counts
    .map((times, place) => ({ times, from: place * width, to: (place + 1) * width - 1 }))
    .filter(({ times }) => times > 0)
    .map(({ times, from, to }) =>
      from === to
        ? phrase(`${count(times)} said ${count(from)}`)
        : phrase(`${count(times)} said ${count(from)} to ${count(to)}`),
    )
    .join(', ');
}

/** A `guess` event in the list of turns. */
export function guessTurnWords({ state, by, question, n = 0, median }: EventBodies['guess']): string {
  const about = figureWords(question);
  if (state === 'opened') return phrase(`Guess asked: how many will be ${about} (${by})`);
  if (state === 'dropped') return phrase(`Guess put away (${by})`);
  return median === undefined
    ? phrase(`Guess closed: ${answersWords(n)}, ${about} (${by})`)
    : phrase(`Guess closed: ${answersWords(n)}, median ${count(median)}, ${about} (${by})`);
}
