/** Predict, then prove: what an answer may be, what answers come to, and what a log may tell of them. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasForm } from '#lib/domain/audit-form.ts';
import type { GuessBody } from '#lib/domain/events.ts';
import {
  answerRefusal,
  bucketWidth,
  closeGuess,
  guessAfter,
  guessMax,
  guessState,
  measuredOf,
  openGuess,
  spreadOf,
  suggestedQuestion,
} from '#lib/domain/guess.ts';
import { GUESS_QUESTIONS } from '#lib/domain/guess-questions.ts';
import type { GuessFacts } from '#lib/domain/guess.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { roomState } from '#lib/domain/view.ts';
import { emptyHistogram } from '#lib/domain/histogram.ts';
import { exportLines } from '../verify/support/export.ts';
import { firstWrong, verified } from '../verify/support/verified.ts';
import { rechain } from './support/audits.ts';
import { check } from './support/property.ts';
import { Log } from './support/room-facts.ts';

const OPEN: GuessFacts = { asked: 7, question: 'eventual-promised', max: 300, closed: null };
const PAIR = { safe: null, eventual: null };
const BY = { by: 'presenter', capacity: 100 };

const closedBody = (answers: readonly number[], guess = OPEN) => closeGuess(guess, answers, 'presenter')!;

describe('an answer', () => {
  test.each([0, 1, 137, 300])('of %d is taken', (value) => {
    expect(answerRefusal({ guess: OPEN, closed: null }, 7, value)).toBeNull();
    expect(answerRefusal({ guess: OPEN, closed: null }, null, value)).toBeNull();
  });

  test.each([-1, 301, 1.5, NaN, Infinity, 2 ** 53])(
    'of %d is refused, and it is said what is allowed',
    (value) => {
      const refusal = answerRefusal({ guess: OPEN, closed: null }, 7, value);
      expect(refusal).toMatchObject({ code: 'INVALID_REQUEST' });
      expect(refusal?.message).toContain('0 to 300');
    },
  );

  test('at the wrong time is refused: before anything is asked, after it was closed, to an earlier question, after the show', () => {
    const closed = guessAfter(OPEN, closedBody([1]), 9);
    for (const guess of [null, closed]) {
      expect(answerRefusal({ guess, closed: null }, 7, 1)).toMatchObject({ code: 'STALE_EPOCH' });
    }
    expect(answerRefusal({ guess: OPEN, closed: null }, 6, 1)).toMatchObject({ code: 'STALE_EPOCH' });
    expect(answerRefusal({ guess: OPEN, closed: 'expiry' }, 7, 1)).toMatchObject({ code: 'SHOW_ENDED' });
  });
});

describe('answers', () => {
  test('come to their number, the one in the middle, and how many fell where', () => {
    expect(spreadOf([300, 0, 100, 109, 100], 300)).toEqual({
      n: 5,
      median: 100,
      width: 10,
      counts: [1, ...Array.from({ length: 9 }, () => 0), 3, ...Array.from({ length: 19 }, () => 0), 1],
    });
  });

  test('of an even number have the lower of the two in the middle: an answer that somebody gave', () => {
    expect(spreadOf([10, 20, 30, 40], 300).median).toBe(20);
  });

  test('may be none', () => {
    expect(spreadOf([], 300)).toEqual({ n: 0, median: null, width: 10, counts: [] });
    expect(closedBody([])).not.toHaveProperty('median');
  });

  test('whatever they are: each is in one bucket, buckets are few, and the median is one of them with half on either side', () => {
    const crowd = fc.integer({ min: 1, max: 100_000 }).chain((capacity) =>
      fc.record({
        max: fc.constant(guessMax(capacity)),
        answers: fc.array(fc.integer({ min: 0, max: guessMax(capacity) }), { minLength: 1, maxLength: 60 }),
      }),
    );
    check(
      fc.property(crowd, ({ max, answers }) => {
        const { n, median, width, counts } = spreadOf(answers, max);
        expect(n).toBe(answers.length);
        expect(Math.ceil((max + 1) / width)).toBeLessThanOrEqual(32);
        expect(counts).toHaveLength(Math.floor(Math.max(...answers) / width) + 1);
        for (const [place, times] of counts.entries()) {
          expect(answers.filter((value) => Math.floor(value / width) === place)).toHaveLength(times);
        }
        expect(answers).toContain(median);
        expect(answers.filter((value) => value < median!).length).toBeLessThan(n / 2 + 0.5);
        expect(answers.filter((value) => value > median!).length).toBeLessThanOrEqual(n / 2);
        const opened = { ...OPEN, max };
        expect(guessAfter(opened, closedBody(answers, opened), 9)?.closed).toEqual({
          n,
          median,
          width,
          counts,
        });
      }),
      300,
    );
  });

  test.each([
    [10, 1],
    [31, 1],
    [32, 2],
    [300, 10],
    [3_000, 100],
    [300_000, 10_000],
  ])('up to %d are gathered by %d', (max, width) => expect(bucketWidth(max)).toBe(width));
});

describe('the scale', () => {
  test('follows from what exists, and leaves room on either side', () => {
    expect([1, 3, 100, 100_000].map(guessMax)).toEqual([10, 10, 300, 300_000]);
  });
});

describe('the presenter', () => {
  test('opens one question at a time; the same one again stays as it is', () => {
    expect(openGuess({ guess: null, lanes: PAIR }, 'safe-sold', BY)).toEqual({
      state: 'opened',
      by: 'presenter',
      question: 'safe-sold',
      max: 300,
    });
    expect(openGuess({ guess: OPEN, lanes: PAIR }, 'eventual-promised', BY)).toBeNull();
    expect(openGuess({ guess: OPEN, lanes: PAIR }, 'safe-sold', BY)).toMatchObject({
      code: 'INVALID_REQUEST',
    });
    const guess = guessAfter(OPEN, closedBody([1]), 9);
    expect(openGuess({ guess, lanes: PAIR }, 'safe-sold', BY)).toMatchObject({ state: 'opened' });
  });

  test('asks nothing of a lane that the show does not have', () => {
    const refusal = openGuess({ guess: null, lanes: { safe: null } }, 'eventual-lost', BY);
    expect(refusal).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('eventual') as string,
    });
  });

  test('is offered what the step is about', () => {
    const at = (step: number, mode: Mode) => suggestedQuestion({ step, mode, lanes: PAIR });
    expect(at(2, 'eventual')).toBe('safe-sold');
    expect(at(3, 'safe')).toBe('eventual-promised');
    expect(at(1, 'safe')).toBe('safe-sold');
    expect(at(4, 'both')).toBe('eventual-promised');
  });

  test('is offered a question that can be asked, where the step’s own is about a lane that the show lacks', () => {
    const lanes = { safe: null, 'postgres-conditional': null, 'redis-script': null };
    expect(suggestedQuestion({ step: 3, mode: 'contest', lanes })).toBe('safe-sold');
    expect(suggestedQuestion({ step: 2, mode: 'eventual', lanes: { eventual: null } })).toBe(
      'eventual-promised',
    );
  });
});

test('each question is held against the figure that it names', () => {
  const { lanes } = roomState(new Log().facts, {
    people: { phones: 0, stages: 0, practice: 0 },
    nowMs: 0,
    inFlight: { safe: 0, eventual: 4 },
    latency: { safe: emptyHistogram(), eventual: emptyHistogram() },
    ledger: {} as never,
    closesAt: 0,
    own: 'REAL ENGINE',
  });
  const told = {
    safe: { ...ofLane(lanes, 'safe'), acknowledged: 100 },
    eventual: { ...ofLane(lanes, 'eventual'), acknowledged: 137, lostUnits: 41 },
  };
  expect(GUESS_QUESTIONS.map((question) => measuredOf(told, question))).toEqual([
    { units: 100, inFlight: 0 },
    { units: 137, inFlight: 4 },
    { units: 41, inFlight: 4 },
  ]);
});

test('while it is open a client sees how many answered, and nothing of what they said', () => {
  expect(guessState(OPEN, 12)).toEqual({
    asked: 7,
    question: 'eventual-promised',
    max: 300,
    open: true,
    n: 12,
  });
  const closed = guessState(guessAfter(OPEN, closedBody([90, 100, 110]), 9)!, 0);
  expect(closed).toMatchObject({ open: false, n: 3, spread: { median: 100, width: 10 } });
});

describe('the log', () => {
  const opened: GuessBody = { state: 'opened', by: 'presenter', question: 'safe-sold', max: 300 };
  const dropped: GuessBody = { ...opened, state: 'dropped' };
  const guess = { asked: 2, question: 'safe-sold', max: 300, closed: null } as const;
  const closed = closeGuess(guess, [20, 40, 40], 'presenter')!;

  test('tells a guess from its question to its end, and no answer by its owner', () => {
    const log = new Log();
    for (const body of [opened, closed, dropped]) log.tell({ kind: 'guess', body });
    expect(log.events.map((event) => hasForm(event))).toEqual([true, true, true, true]);
    expect(log.facts.guess).toBeNull();
    expect(Object.keys(closed).sort()).toEqual([
      'by',
      'counts',
      'max',
      'median',
      'n',
      'question',
      'state',
      'width',
    ]);
  });

  test('is followed by a verifier, who finds the first answer that was counted twice', () => {
    const log = new Log();
    log.tell({ kind: 'guess', body: opened });
    log.tell({ kind: 'guess', body: closed });
    expect(firstWrong(verified(exportLines(log.events)))).toBe('holds');
    const events = structuredClone(log.events);
    const last = events.at(-1)!;
    if (last.kind === 'guess') last.body.n = 4;
    const result = verified(exportLines(rechain(events)));
    expect(result.ok).toBe(false);
    expect(firstWrong(result)).toContain('Every event can be replayed');
  });

  test('ends a guess with its epoch', () => {
    const log = new Log();
    log.tell({ kind: 'guess', body: opened });
    log.tell({ kind: 'reset', body: { by: 'Host', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 } });
    expect(log.facts.guess).toBeNull();
  });

  test.each<[string, readonly GuessBody[]]>([
    ['closes what was never opened', [closed]],
    ['drops what was never opened', [dropped]],
    ['opens a second question over an open one', [opened, { ...opened, question: 'eventual-lost' }]],
    ['closes twice', [opened, closed, closed]],
    ['closes another question', [opened, { ...closed, question: 'eventual-lost' }]],
    ['closes on another scale', [opened, { ...closed, max: 10 }]],
    ['closes without answers', [opened, { ...opened, state: 'closed' }]],
    ['counts more answers than buckets hold', [opened, { ...closed, n: 4 }]],
    ['counts fewer answers than buckets hold', [opened, { ...closed, n: 2 }]],
    ['has a median where nobody stands in the middle', [opened, { ...closed, median: 20 }]],
    ['has answers and no median', [opened, { ...opened, state: 'closed', n: 1, width: 10, counts: [1] }]],
    [
      'has a median and no answers',
      [opened, { ...opened, state: 'closed', n: 0, width: 10, counts: [], median: 5 }],
    ],
    ['has another width', [opened, { ...closed, width: 20 }]],
    [
      'has buckets beyond the scale',
      [opened, { ...closed, counts: Array.from({ length: 32 }, (_, at) => (at === 31 ? 3 : 0)) }],
    ],
    ['has empty buckets at the end', [opened, { ...closed, counts: [...closed.counts!, 0] }]],
  ])('that %s is not one that a room wrote', (_name, bodies) => {
    const log = new Log();
    expect(() => {
      for (const body of bodies) log.tell({ kind: 'guess', body });
    }).toThrow('Broken invariant');
  });

  test.each<[string, object]>([
    ['another question', { ...opened, question: 'weather' }],
    ['another state', { ...opened, state: 'asked' }],
    ['a scale of nothing', { ...opened, max: 0 }],
    ['half an answer', { ...closed, counts: [0.5] }],
    ['a median that is no number', { ...closed, median: '40' }],
    ['somebody’s answer beside it', { ...closed, answers: { 'amber-otter': 40 } }],
  ])('with %s has no form of ours', (_name, body) => {
    const event = { seq: 2, epoch: 1, atMs: 1, kind: 'guess', body, hash: '' };
    expect(hasForm({ ...event, body: opened })).toBe(true);
    expect(hasForm(event)).toBe(false);
  });
});
