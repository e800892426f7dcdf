/** What is told beside the sales (questions, answer times, drills, quantities) and contradicts itself is named, at its line. */
import { describe, expect, test } from 'vitest';
import type { EventBodies, RoomEvent } from '#lib/domain/events.ts';
import { guessMax } from '#lib/domain/guess.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { record } from '#lib/domain/histogram.ts';
import { rechain } from '../domain/support/audits.ts';
import { DEFAULT_CONFIG, Log, SKU } from '../domain/support/room-facts.ts';
import { firstOf, forged, without } from '../domain/support/tamper.ts';
import type { Forgery } from '../domain/support/tamper.ts';
import { exportLines } from './support/export.ts';
import { firstWrong, verified } from './support/verified.ts';

const question = { question: 'safe-sold', max: guessMax(SKU.capacity) } as const;
const opened: EventBodies['guess'] = { state: 'opened', by: 'presenter', ...question };
const closedBy = (by: string): EventBodies['guess'] => ({
  state: 'closed',
  by,
  ...question,
  n: 0,
  width: 10,
  counts: [],
});
const latency = (count: number, left: number, phones: number): EventBodies['latency'] => ({
  lanes: {
    safe: {
      n: count + 1,
      left,
      buckets: [
        [-72, 1],
        [140, count],
      ],
    },
  },
  phones,
});
const cost = (meters: MeterCounts, platformUsd: number): EventBodies['cost'] => ({
  virtualUsd: 0,
  platformUsd,
  tapsUsd: 0,
  exposureUsd: 0,
  realUsd: 0,
  limitUsd: 0,
  billingScale: DEFAULT_CONFIG.billingScale,
  loadFactor: DEFAULT_CONFIG.virtualLoadFactor,
  locked: false,
  meters,
  taps: {},
});

const LOG = honest();

/** A question in each epoch, closed by the end of its epoch with the commit that ends it. */
function honest(): RoomEvent[] {
  const log = new Log();
  const drill = (wakes: number) =>
    log.tell({ kind: 'drill', body: { kind: 'drop', by: 'presenter', sockets: 2, wakes } });
  log.tell({ kind: 'guess', body: opened });
  log.tell({ kind: 'latency', body: latency(2, 1, 3) });
  drill(1);
  log.tell({ kind: 'cost', body: cost({ 'worker.request': 4, 'do.request': 5 }, 0.000_001_95) });
  log.tell({ kind: 'cost', body: cost({ 'worker.request': 6, 'do.request': 5 }, 0.000_002_55) });
  const reset = { by: 'presenter', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 };
  log.tellAtOnce({ kind: 'guess', body: closedBy('reset') }, { kind: 'reset', body: reset });
  log.tell({ kind: 'latency', body: latency(3, 1, 3) });
  drill(2);
  log.tell({ kind: 'guess', body: opened });
  log.tellAtOnce({ kind: 'guess', body: closedBy('end') }, { kind: 'closed', body: { by: 'presenter' } });
  return log.events;
}

const FOLLOWS = 'Every event can follow those before it';
const GROWS = 'Costs never fall within an epoch';
const FORM = 'Every event is one that a room can write';

const last = <K extends RoomEvent['kind']>(log: readonly RoomEvent[], kind: K) =>
  firstOf([...log].reverse(), kind);
const closing = (log: readonly RoomEvent[], by: string) =>
  firstOf(log, 'guess', ({ body }) => body.by === by);
const set = <T extends object>(target: T, change: Partial<T>) => void Object.assign(target, change);

const FORGERIES: [name: string, check: string, at: (log: readonly RoomEvent[]) => RoomEvent, Forgery][] = [
  [
    'a reset over an open question',
    FOLLOWS,
    (log) => firstOf(log, 'reset'),
    (log) => without(log, closing(log, 'reset')),
  ],
  [
    'an end over an open question',
    FOLLOWS,
    (log) => firstOf(log, 'closed'),
    (log) => without(log, closing(log, 'end')),
  ],
  [
    'a question closed by a reset that never came',
    FOLLOWS,
    (log) => closing(log, 'reset'),
    (log) => log.slice(0, log.indexOf(closing(log, 'reset')) + 1),
  ],
  [
    'a question closed by a reset that came later',
    FOLLOWS,
    (log) => closing(log, 'reset'),
    (log) => set(closing(log, 'reset'), { atMs: firstOf(log, 'reset').atMs - 1 }),
  ],
  [
    'a question closed by an end that was a reset',
    FOLLOWS,
    (log) => closing(log, 'end'),
    (log) => set(closing(log, 'reset').body, { by: 'end' }),
  ],
  [
    'a question opened by an end',
    FOLLOWS,
    (log) => closing(log, 'end'),
    (log) => set(firstOf(log, 'guess').body, { by: 'end' }),
  ],
  [
    'fewer answer times than before',
    FOLLOWS,
    (log) => last(log, 'latency'),
    (log) => set(last(log, 'latency').body, latency(1, 1, 3)),
  ],
  [
    'as many answer times, and other ones',
    FOLLOWS,
    (log) => last(log, 'latency'),
    (log) => set(last(log, 'latency').body, { lanes: { safe: { n: 9, left: 1, buckets: [[0, 9]] } } }),
  ],
  [
    'a lane without the answer times that it had',
    FOLLOWS,
    (log) => last(log, 'latency'),
    (log) => set(last(log, 'latency').body, { lanes: {} }),
  ],
  [
    'fewer reports left out than before',
    FOLLOWS,
    (log) => last(log, 'latency'),
    (log) => void delete last(log, 'latency').body.lanes.safe?.left,
  ],
  [
    'fewer phones at most than before',
    FOLLOWS,
    (log) => last(log, 'latency'),
    (log) => set(last(log, 'latency').body, { phones: 2 }),
  ],
  ...[-73, 141, Number.MAX_SAFE_INTEGER].map((index): (typeof FORGERIES)[number] => [
    `an answer time in bucket ${index}, which no report falls into`,
    FORM,
    (log) => firstOf(log, 'latency'),
    (log) => set(firstOf(log, 'latency').body.lanes, { safe: { n: 1, buckets: [[index, 1]] } }),
  ]),
  [
    'fewer lives of the room than before',
    FOLLOWS,
    (log) => last(log, 'drill'),
    (log) => set(firstOf(log, 'drill').body, { wakes: 3 }),
  ],
  [
    'a room without a life',
    FOLLOWS,
    (log) => firstOf(log, 'drill'),
    (log) => set(firstOf(log, 'drill').body, { wakes: 0 }),
  ],
  [
    'a quantity that falls while the sum of all grows',
    GROWS,
    (log) => last(log, 'cost'),
    (log) => set(last(log, 'cost').body, cost({ 'worker.request': 8, 'do.request': 3 }, 0.000_002_85)),
  ],
];

test('the log that all of these are made of holds', () => {
  expect(firstWrong(verified(exportLines(LOG)))).toBe('holds');
});

test.each(FORGERIES)('%s: “%s”', (_name, check, at, forgery) => {
  const events = forged(LOG, forgery);
  const seq = events.indexOf(at(events)) + 1;
  const result = verified(exportLines(rechain(events)));
  expect(firstWrong(result)).toBe(`line ${seq + 1}: ${check}`);
});

test('the first and the last bucket are those of the shortest and the longest time', () => {
  const times = { n: 0, buckets: {} };
  record(times, 0);
  record(times, 600_000);
  expect(
    Object.keys(times.buckets)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual([-72, 140]);
});

describe('a header', () => {
  test.each([1.5, -1, 9e15, '"1800000000000"'])('that was made at %s is refused', (exportedAtMs) => {
    const [header = '', ...rest] = exportLines(LOG);
    const edited = header.replace(/"exportedAtMs":\d+/, `"exportedAtMs":${exportedAtMs}`);
    expect(verified([edited, ...rest]).refusal?.reason).toMatch(/^the header is not complete: exportedAtMs/);
  });
});
