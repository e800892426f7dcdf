/** The benchmark's arithmetic: what it prints follows from its samples, and what it could not measure meets no target. */
import { describe, expect, it } from 'vitest';
import { figureOf, mergedFigures } from '../../bench/lib/figures.ts';
import { uncounted } from '../../bench/lib/meters.ts';
import { benchHelp, parseBenchOptions } from '../../bench/lib/options.ts';
import { Served } from '../../bench/measures/overload.ts';
import { seenByAllMs } from '../../bench/measures/seen.ts';
import { costOfShow } from '../../bench/measures/cost.ts';
import { figuresText, tableText } from '../../bench/lib/table.ts';
import { readTold } from '../../bench/load.ts';
import { Phone } from '../../scripts/crowd/phone.ts';

const rate = { what: 'rate', unit: '/s' };

describe('a figure', () => {
  it('is the median of its rounds, with their spread, and its ratio the median of the rounds’ ratios', () => {
    const figure = figureOf({
      ...rate,
      ours: [30, 10, 20],
      beside: { what: 'bare', samples: [10, 10, 5] },
    });
    expect(figure).toMatchObject({ ours: 20, spread: [10, 30] });
    expect(figure.beside).toMatchObject({ value: 10, spread: [5, 10] });
    expect(figure.ratio).toEqual({ value: 3, spread: [1, 4] });
  });

  it.each([
    [{ atMost: 20 }, true],
    [{ atMost: 19 }, false],
    [{ atLeast: 20 }, true],
    [{ atLeast: 21 }, false],
    [{ exactly: 20 }, false],
    [{ ratioAtMost: 2 }, true],
    [{ ratioAtMost: 1.9 }, false],
    [{ ratioAtLeast: 2 }, true],
    [{ ratioAtLeast: 2.1 }, false],
  ])('is held against %o', (target, met) => {
    const beside = { what: 'bare', samples: [10, 10, 10] };
    expect(figureOf({ ...rate, ours: [19, 20, 21], beside, target }).met).toBe(met);
  });

  it('meets an exact target only if every round does', () => {
    expect(figureOf({ ...rate, ours: [0, 0, 0], target: { exactly: 0 } }).met).toBe(true);
    expect(figureOf({ ...rate, ours: [0, 1, 0], target: { exactly: 0 } }).met).toBe(false);
  });

  it.each([{ atMost: 1 }, { atLeast: 1 }, { ratioAtMost: 1 }, { ratioAtLeast: 0 }, { exactly: 0 }])(
    'that could not be measured does not meet %o',
    (target) => {
      expect(figureOf({ ...rate, ours: [NaN], target }).met).toBe(false);
      expect(figureOf({ ...rate, ours: [], target }).met).toBe(false);
    },
  );

  it('may have more samples than a call takes arguments', () => {
    const ours = Array.from({ length: 300_000 }, (_, index) => index);
    expect(figureOf({ ...rate, ours }).spread).toEqual([0, 299_999]);
  });

  it('comes out of the load process as it went in, unmeasured ones too', () => {
    const figures = [
      figureOf({ ...rate, ours: [1, 2], beside: { what: 'bare', samples: [2, 2] }, target: { atMost: 3 } }),
      figureOf({ ...rate, ours: [NaN] }),
    ];
    expect(readTold(JSON.stringify({ t: 'figures', figures }))).toEqual({ t: 'figures', figures });
    expect(figuresText(figures)).toContain('–/s');
  });

  it('of several runs is the figure of all their samples', () => {
    const run = (ours: number, bare: number) => [
      figureOf({
        ...rate,
        ours: [ours],
        beside: { what: 'bare', samples: [bare] },
        target: { ratioAtMost: 2 },
      }),
    ];
    expect(mergedFigures([run(2, 1), run(9, 3), run(4, 4)])).toEqual([
      figureOf({
        ...rate,
        ours: [2, 9, 4],
        beside: { what: 'bare', samples: [1, 3, 4] },
        target: { ratioAtMost: 2 },
      }),
    ]);
    expect(mergedFigures([])).toEqual([]);
  });
});

describe('seen by all', () => {
  const granted = [
    { seq: 5, tappedAtMs: 100 },
    { seq: 3, tappedAtMs: 90 },
  ];

  it('is when the last phone had a frame that reaches the event', () => {
    const quick = [
      { seq: 4, atMs: 110 },
      { seq: 8, atMs: 120 },
    ];
    const slow = [{ seq: 9, atMs: 150 }];
    expect(seenByAllMs(granted, [quick, slow])).toEqual([60, 50]);
    expect(seenByAllMs(granted, [quick])).toEqual([20, 20]);
  });

  it('is never for an event that one of them has not heard of', () => {
    const deaf = [{ seq: 4, atMs: 110 }];
    expect(seenByAllMs(granted, [[{ seq: 9, atMs: 105 }], deaf])).toEqual([20, Infinity]);
  });
});

describe('an overload', () => {
  const phones = [new Phone({ url: '' }), new Phone({ url: '' })] as const;
  const answer = (op: string, outcome: string, atMs = 0) => ({
    op,
    outcome,
    seq: 0,
    retryAfterMs: 0,
    said: {},
    ms: 1,
    atMs,
  });

  it('tells how evenly it was served, and whether coming back when told was worth it', () => {
    const served = new Served(phones, 10);
    expect(served.spread).toBeNaN();
    served.take(answer('a', 'allocated'), phones[0]);
    expect(served.spread).toBe(Infinity);
    served.take(answer('b', 'BUSY'), phones[1]);
    served.take(answer('b', 'BUSY'), phones[1]);
    served.take(answer('b', 'allocated'), phones[1]);
    served.take(answer('c', 'allocated', 11), phones[1]);
    expect(served).toMatchObject({ spread: 2, busyShare: 0.4, honest: 0.5, inTime: 2 });
    expect(served.others.size).toBe(0);
    served.take(answer('d', 'RATE_LIMITED'), phones[0]);
    expect([...served.others]).toEqual(['RATE_LIMITED']);
  });
});

describe('counting', () => {
  const lane = { ops: 3, acknowledged: 3, stored: 3, refused: { OUT_OF_STOCK: 2 } };
  const state = {
    seq: 9,
    people: { phones: 1 },
    lanes: { safe: lane },
    ledger: { platformUsd: 0, lines: [] },
  };

  it('agrees when room and phones counted the same, and tells by how many answers they differ', () => {
    expect(uncounted(state, 'safe', { allocated: 3, OUT_OF_STOCK: 2 })).toBe(0);
    expect(uncounted(state, 'safe', { allocated: 2, OUT_OF_STOCK: 2, BUSY: 1 })).toBe(2);
    expect(uncounted(state, 'safe', { allocated: 3 })).toBe(2);
  });
});

describe('options', () => {
  const measures = ['idle', 'seen'];
  const parse = (...argv: string[]) => parseBenchOptions(argv, measures);

  it('shorten everything, and yield to what is given beside it', () => {
    const short = parse('--short', '--phones', '7', '--only', 'seen');
    expect(short).toMatchObject({ short: true, phones: 7, rounds: 1, only: ['seen'] });
    expect(parse()).toMatchObject({ short: false, phones: 200, rounds: 5, house: 5_000 });
    expect(() => parse('--help')).toThrow(benchHelp(measures));
    expect(benchHelp(measures)).toContain('idle, seen');
  });

  it.each([
    [['--phones', '0'], '--phones takes a whole number above 0, not "0".'],
    [['--phones', 'many'], '--phones takes a whole number above 0, not "many".'],
    [['--rounds', '1.5'], '--rounds takes a whole number above 0, not "1.5".'],
    [['--house', '5001'], '--house takes at most 5000: a show has no more seats.'],
    [['--lane', 'fast'], '--lane takes safe, eventual, both, not "fast".'],
    [['--only', 'speed'], 'There is no measure "speed"; there are idle, seen.'],
    [['--tabs', '3'], "Unknown option '--tabs'; --help lists the options."],
  ])('that are wrong are named: %s', (argv, words) => {
    expect(() => parse(...argv)).toThrow(words);
  });
});

describe('a table', () => {
  it('sets its columns under each other', () => {
    expect(tableText({ title: 'T', columns: ['a', 'bb'], rows: [['100', '2']] })).toBe(
      'T\n  a    bb\n  100  2',
    );
  });
});

describe('the cost of a show', () => {
  const usd = { joining: 1, minute: 0.1, renewing: 10 };

  it.each([
    [15, 2.5, 0],
    [16, 12.6, 1],
    [30, 14, 1],
    [31, 24.1, 2],
  ])(
    'of %d minutes is joined once, metered by the minute, and renewed before it runs out',
    (minutes, total, renewals) => {
      const show = costOfShow(usd, minutes);
      expect(show.total).toBeCloseTo(total, 10);
      expect(show.renewals).toBe(renewals);
    },
  );
});
