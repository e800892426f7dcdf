/** A guess in a browser: the one key of it, its words, and where its picture puts things. */
import { describe, expect, test } from 'vitest';
import { askNextGuess, nextGuessTurn } from '#lib/client/presenter-acts.ts';
import { axisValues, barsOf, placeOf, scaleEnd, ticksOf } from '#lib/components/guess/guess-scale.ts';
import {
  guessSummary,
  guessTurnWords,
  questionWords,
  spreadWords,
  verdictWords,
} from '#lib/components/guess/guess-words.ts';
import { GUESS_QUESTIONS } from '#lib/domain/guess-questions.ts';
import type { GuessState } from '#lib/domain/guess.ts';
import { connectedSession, frame, laneState, roomState } from './support/fake-room.ts';

const OPEN: GuessState = { asked: 4, question: 'safe-sold', max: 300, open: true, n: 3 };
const { lanes } = roomState();
const CLOSED: GuessState = { ...OPEN, open: false, spread: { median: 100, width: 10, counts: [1, 0, 2] } };

/** A phone in a room that is asked something. */
function askedSession() {
  const connected = connectedSession();
  connected.transport.say(frame(11, 11, { state: roomState({ seq: 11, guess: OPEN }) }));
  return connected;
}

describe('the one key', () => {
  test('asks what the step is about, closes it, puts it away, and asks again', () => {
    const at = (guess?: GuessState) =>
      nextGuessTurn({ step: 2, mode: 'safe', lanes, ...(guess ? { guess } : {}) });
    expect(at()).toEqual({ action: 'open', question: 'safe-sold' });
    expect(at(OPEN)).toEqual({ action: 'close' });
    expect(at(CLOSED)).toEqual({ action: 'drop' });
  });

  test('asks the next question over the result of the step before', () => {
    expect(nextGuessTurn({ step: 3, mode: 'eventual', lanes, guess: CLOSED })).toEqual({
      action: 'open',
      question: 'eventual-promised',
    });
  });

  test('says so to the room', () => {
    const said: unknown[] = [];
    askNextGuess({ ask: (...words) => said.push(words) > 0 }, { step: 2, mode: 'safe', lanes, guess: OPEN });
    expect(said).toEqual([['close', undefined]]);
  });
});

describe('a phone', () => {
  test('names the question it answers, so that a late answer never counts for the next one', () => {
    const { session, transport } = askedSession();
    expect(session.guess(137)).toBe(true);
    expect(transport.sent.at(-1)).toEqual({ t: 'guess', asked: 4, value: 137 });
  });

  test('sends no answer where nothing is asked, and none without a connection', () => {
    const { session, transport } = connectedSession();
    expect(session.guess(1)).toBe(false);
    const asked = askedSession();
    asked.transport.become({ kind: 'waiting', retryInMs: 1_000 });
    expect(asked.session.guess(1)).toBe(false);
    expect(transport.sent).toEqual([]);
  });

  test('holds an answer for given once the room says so, and again when it is welcomed back', () => {
    const { session, transport } = askedSession();
    session.guess(137);
    expect(session.view.guessed).toBeNull();
    transport.say({ t: 'guessed', asked: 4, value: 137 });
    expect(session.view.guessed).toEqual({ asked: 4, value: 137 });
  });
});

describe('the words', () => {
  test('of every question name what is asked', () => {
    expect(GUESS_QUESTIONS.map((question) => questionWords(question, 1_000))).toEqual([
      'How many will be sold of 1,000?',
      'How many will be sold of 1,000?',
      'How many of the units sold will be lost?',
    ]);
  });

  test('of a result say what was said, what was measured, and whether that can still change', () => {
    expect(verdictWords(42, { median: 100 }, { units: 137, inFlight: 3 })).toBe(
      'The room said 100, the median of 42 answers. Measured: 137, 3 in flight.',
    );
    expect(verdictWords(0, { median: null }, { units: 0, inFlight: 0 })).toBe(
      'Nobody answered. Measured: 0, settled.',
    );
    expect(spreadWords({ median: 1, width: 1, counts: [0, 2] })).toBe('2 said 1');
    expect(spreadWords({ median: 20, width: 10, counts: [1, 0, 2] })).toBe('1 said 0 to 9, 2 said 20 to 29');
  });

  test('for those who listen tell nothing of the answers before it is closed', () => {
    const lanes = { safe: laneState({ acknowledged: 37 }), eventual: laneState() };
    expect(guessSummary(roomState())).toBe('');
    expect(guessSummary(roomState({ guess: OPEN, lanes }))).toBe(
      'How many will be sold of 100? 3 answers so far.',
    );
    expect(guessSummary(roomState({ guess: CLOSED, lanes }))).toContain('The room said 100');
    expect(guessSummary(roomState({ guess: CLOSED, lanes }))).toContain('Measured: 37, settled.');
  });

  test('of the story tell each turn', () => {
    const about = { by: 'presenter', question: 'safe-sold', max: 300 } as const;
    expect(guessTurnWords({ state: 'opened', ...about })).toContain('sold on the safe lane');
    expect(guessTurnWords({ state: 'closed', n: 1, median: 5, ...about })).toContain('1 answer, median 5');
    expect(guessTurnWords({ state: 'closed', n: 0, ...about })).not.toContain('median');
    expect(guessTurnWords({ state: 'dropped', ...about })).toBe('Guess put away (presenter)');
  });
});

describe('the picture', () => {
  test('has room for whatever was measured, in steps', () => {
    expect([0, 137, 300, 301, 4_000].map((measured) => scaleEnd(300, measured))).toEqual([
      300, 300, 300, 600, 4_800,
    ]);
  });

  test('draws one bar for each bucket that has answers, all of them of one width and none beyond the axis', () => {
    const counts = [1, 0, 4, ...Array.from({ length: 27 }, () => 0), 2];
    const bars = barsOf({ median: 0, width: 10, counts }, axisValues(300, { width: 10 }));
    expect(bars.map(({ times }) => times)).toEqual([1, 4, 2]);
    expect(new Set(bars.map(({ width }) => width)).size).toBe(1);
    const last = bars.at(-1)!;
    expect(last.from + last.width).toBeLessThanOrEqual(1 + 1e-9);
  });

  test('puts a value inside the bar that counts it', () => {
    const values = axisValues(300, { width: 10 });
    const [bar] = barsOf(
      { median: 100, width: 10, counts: [...Array.from({ length: 10 }, () => 0), 1] },
      values,
    );
    for (const value of [100, 109]) {
      expect(placeOf(value, values)).toBeGreaterThan(bar!.from);
      expect(placeOf(value, values)).toBeLessThan(bar!.from + bar!.width);
    }
  });

  test('names what exists where that does not run into the ends of the axis', () => {
    expect(ticksOf(300, 100)).toEqual([0, 100, 300]);
    expect(ticksOf(600, 100)).toEqual([100, 600]);
    expect(ticksOf(4_800, 100)).toEqual([0, 4_800]);
    expect(ticksOf(10, 10)).toEqual([0, 10]);
  });
});
