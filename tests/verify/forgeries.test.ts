/**
 * Logs that contradict themselves although every hash was computed anew: each is named, at the line that shows it. All are
 * made of one honest log, small enough to be read.
 */
import { describe, expect, test } from 'vitest';
import type { EventBodies, EventDraft, RoomEvent } from '#lib/domain/events.ts';
import { fileText } from '#lib/domain/log.ts';
import { playShow } from '../domain/support/show.ts';
import { rechain } from '../domain/support/audits.ts';
import { opNo } from '../domain/support/op.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from '../domain/support/room-facts.ts';
import { firstAllocated, firstOf, forged, hasKinds, showWith } from '../domain/support/tamper.ts';
import type { Forgery } from '../domain/support/tamper.ts';
import { exportLines, fileOf } from './support/export.ts';
import { firstWrong, verified } from './support/verified.ts';

const has = (log: readonly RoomEvent[], kind: RoomEvent['kind'], times: number) =>
  log.filter((event) => event.kind === kind).length >= times;

/** A threshold that exposure crosses, costs before and behind it, a second epoch, and taps of both lanes. */
const LOG = showWith(
  {
    steps: 900,
    mode: 'both',
    resetEvery: 450,
    sku: { capacity: 120, unitPrice: 150 },
  },
  (show) =>
    hasKinds(show, ['lost', 'oversold', 'cost', 'reset', 'refused', 'drill', 'closed']) &&
    has(show.events, 'cost', 4) &&
    crossedByExposure(show.events) &&
    show.events.some((event) => isSafeOutOfStock(event)),
).events;
const LAST = LOG.at(-1)!;

function crossedByExposure(log: readonly RoomEvent[]): boolean {
  const grown = log.findIndex(({ kind }) => kind === 'oversold');
  const trips = log.filter(({ kind, body }) => kind === 'guardrail' && body.by === 'threshold');
  return log[grown + 1]?.kind === 'guardrail' && trips.some(({ seq }) => seq === grown + 2);
}

function isSafeOutOfStock({ kind, body }: RoomEvent): boolean {
  return kind === 'refused' && body.lane === 'safe' && body.counts.OUT_OF_STOCK !== undefined;
}

const set = <T extends object>(target: T, change: Partial<T>) => void Object.assign(target, change);
const trip = (log: readonly RoomEvent[]) => firstOf(log, 'guardrail', ({ body }) => body.by === 'threshold');
const put = (log: RoomEvent[], after: RoomEvent, ...drafts: EventDraft[]): RoomEvent[] =>
  log.flatMap((event) =>
    event === after ? [event, ...drafts.map((draft) => ({ ...event, ...draft }))] : [event],
  );
const costBehind = (log: readonly RoomEvent[], seq = 0, where = (_: EventBodies['cost']) => true) =>
  firstOf(log, 'cost', (event) => event.seq > seq && where(event.body));
const both = (log: readonly RoomEvent[]) =>
  firstAllocated(log, 'eventual', ({ op }) =>
    log.some(({ kind, body }) => kind === 'allocated' && body.lane === 'safe' && body.op === op),
  );

/** Where it is seen: on the line of a number, or of the event that a forgery left or put there. */
type At = number | ((log: readonly RoomEvent[]) => RoomEvent);

const FORGERIES: [name: string, check: string, at: At, forgery: Forgery][] = [
  [
    'trips and costs erased although the exposure shows the crossing',
    'Guardrail: no crossing untold',
    (log) => firstOf(log, 'oversold'),
    (log) => log.filter(({ kind }) => kind !== 'guardrail' && kind !== 'cost'),
  ],
  [
    'platform cost that falls within an epoch',
    'Costs never fall within an epoch',
    (log) => costBehind(log, costBehind(log).seq),
    (log) => {
      const second = costBehind(log, costBehind(log).seq).body;
      const platformUsd = Number((costBehind(log).body.platformUsd / 2).toFixed(9));
      set(second, { platformUsd, virtualUsd: platformUsd * 100_000 + second.exposureUsd });
    },
  ],
  [
    'a trip that is said to come at $999,999',
    'Guardrail: one threshold trip per crossing',
    trip,
    (log) => set(trip(log).body, { virtualUsd: 999_999 }),
  ],
  [
    'a trip by hand when the threshold did it',
    'Guardrail: one threshold trip per crossing',
    (log) => firstOf(log, 'guardrail', ({ seq }) => seq === trip(LOG).seq),
    (log) => set(trip(log).body, { by: 'presenter' }),
  ],
  [
    'a cost that is locked without a lock',
    'Real spend zero, or inside a limit above zero; else the lock engaged',
    costBehind,
    (log) => set(costBehind(log).body, { locked: true }),
  ],
  [
    'a lock at $999 of a limit of $0',
    'Real cost = whole cents of virtual × billing scale, held at the limit',
    (log) => firstOf(log, 'locked'),
    (log) =>
      put(log, costBehind(log), {
        kind: 'locked',
        body: { virtualUsd: costBehind(log).body.virtualUsd, realUsd: 999, limitUsd: 0 },
      }),
  ],
  [
    'a show that is closed twice',
    'Every event can follow those before it',
    LAST.seq + 1,
    (log) => put(log, log.at(-1)!, { kind: 'closed', body: { by: 'presenter' } }),
  ],
  [
    'a show that goes on behind its end',
    'Every event can follow those before it',
    LAST.seq + 1,
    (log) => put(log, log.at(-1)!, { kind: 'mode', body: { mode: 'safe', by: 'presenter' } }),
  ],
  [
    'what came back from no drill',
    'Every event can follow those before it',
    3,
    (log) =>
      put(log, log[1]!, {
        kind: 'recovered',
        body: { drill: 1, clients: [{ who: 'a', waitedMs: 1, ms: 1, missing: 0 }] },
      }),
  ],
  [
    'a green without a red',
    'Every event can follow those before it',
    3,
    (log) =>
      put(log, log[1]!, {
        kind: 'incident',
        body: { check: 'Hash chain intact', state: 'green', expected: '', found: '' },
      }),
  ],
  [
    'an answer to a question that nobody asked',
    'Every event can follow those before it',
    3,
    (log) =>
      put(log, log[1]!, {
        kind: 'guess',
        body: { state: 'closed', by: 'end', question: 'safe-sold', max: 360, n: 0, width: 20, counts: [] },
      }),
  ],
  [
    'a room that is not that of its show and product',
    'The room is that of its show and product',
    1,
    (log) => set(firstOf(log, 'opened').body, { room: 'OTHER.thing' }),
  ],
  [
    'sales on a lane that the room does not have',
    'The room is that of its show and product',
    1,
    (log) => set(firstOf(log, 'opened').body, { lanes: ['safe'] }),
  ],
  [
    'one op of two people on two lanes',
    'Each op allocated at most once per lane',
    (log) => both(log),
    (log) => {
      const { op } = both(log).body;
      const parts = log.filter(
        (event) => 'op' in event.body && event.body.op === op && event.kind !== 'allocated',
      );
      for (const { body } of [both(log), ...parts] as { body: { who: string } }[]) body.who = 'somebody-else';
      for (const { body } of log) if ('byWho' in body && body.by === op) body.byWho = 'somebody-else';
    },
  ],
  [
    'a guardrail that warns and blocks',
    'Every refusal can have had its reason',
    (log) => firstOf(log, 'refused'),
    (log) => set(firstOf(log, 'refused').body, { counts: { GUARDRAIL_BLOCKED: 1 } }),
  ],
  [
    'sold out on the safe lane with more left than any op may ask for',
    'Every refusal can have had its reason',
    3,
    (log) => put(log, log[1]!, { kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 1 } } }),
  ],
  [
    'sold out on the eventual lane in an epoch in which nothing was written',
    'Every refusal can have had its reason',
    3,
    (log) =>
      put([log[0]!, log[1]!, firstOf(log, 'reset')], log[1]!, {
        kind: 'refused',
        body: { lane: 'eventual', counts: { OUT_OF_STOCK: 1 } },
      }),
  ],
  [
    'refused by a lock that nobody told',
    'Every refusal can have had its reason',
    (log) => firstOf(log, 'refused'),
    (log) => set(firstOf(log, 'refused').body, { counts: { REAL_BUDGET_EXCEEDED: 1 } }),
  ],
  [
    'a write 5 s before its reading',
    'Eventual lane: no write before its reading',
    (log) => firstAllocated(log, 'eventual'),
    (log) => {
      const { body } = firstAllocated(log, 'eventual');
      set(body, { wroteAtMs: body.readAtMs! - 5_000 });
    },
  ],
  [
    'an eventual sale without its times',
    'Eventual lane: no write before its reading',
    (log) => firstAllocated(log, 'eventual'),
    (log) => {
      const { body } = firstAllocated(log, 'eventual');
      delete body.readAtMs;
      delete body.wroteAtMs;
    },
  ],
  [
    'a time that is not whole',
    'Every event is one that a room can write',
    5,
    (log) => set(log[4]!, { atMs: log[4]!.atMs + 0.5 }),
  ],
  [
    'a time behind all times',
    'Every event is one that a room can write',
    5,
    (log) => set(log[4]!, { atMs: 1e21 }),
  ],
  [
    'a code that no room counts',
    'Every event is one that a room can write',
    (log) => firstOf(log, 'refused'),
    (log) => set(firstOf(log, 'refused').body, { counts: { UNKNOWN_SHOW: 1 } }),
  ],
  [
    'more units than an op may have',
    'Every event is one that a room can write',
    (log) => firstAllocated(log, 'safe'),
    (log) => set(firstAllocated(log, 'safe').body, { units: 51 }),
  ],
  [
    'more stock than a room may have',
    'Every event is one that a room can write',
    1,
    (log) => set(firstOf(log, 'opened').body.sku, { capacity: 100_001 }),
  ],
  [
    'an op that is no UUID',
    'Every event is one that a room can write',
    (log) => firstAllocated(log, 'safe'),
    (log) => set(firstAllocated(log, 'safe').body, { op: 'hello' }),
  ],
  [
    'an op without a name',
    'Every event is one that a room can write',
    (log) => firstAllocated(log, 'eventual'),
    (log) => set(firstAllocated(log, 'eventual').body, { op: '' }),
  ],
  [
    'a loss of an op that is no UUID',
    'Every event is one that a room can write',
    (log) => firstOf(log, 'lost'),
    (log) => set(firstOf(log, 'lost').body, { op: 'hello' }),
  ],
  [
    'a loss by a write that is no UUID',
    'Every event is one that a room can write',
    (log) => firstOf(log, 'lost'),
    (log) => set(firstOf(log, 'lost').body, { by: 'hello' }),
  ],
  [
    'units beyond capacity by an op that is no UUID',
    'Every event is one that a room can write',
    (log) => firstOf(log, 'oversold'),
    (log) => set(firstOf(log, 'oversold').body, { by: 'hello' }),
  ],
  [
    'an op sold twice, in lower and in upper case',
    'Each op allocated at most once per lane',
    4,
    (log) => {
      const op = opNo(0);
      const sale = (name: string): EventDraft => ({
        kind: 'allocated',
        body: { lane: 'safe', op: name, who: 'otter', units: 1 },
      });
      return put(log, log[1]!, sale(op), sale(op.toUpperCase()));
    },
  ],
  [
    'two shows in one chain',
    'Epochs and resets in order',
    LAST.seq + 1,
    (log) => [...log, ...playShow({ seed: 3, steps: 20, sku: { id: 'other' } }).events],
  ],
];

test('the log that all of these are made of holds', () => {
  expect(firstWrong(verified(exportLines(LOG)))).toBe('holds');
});

test('ops in upper case, as older rooms kept what a client had sent, hold', () => {
  const loud = forged(LOG, (log) => {
    for (const { kind, body } of log) {
      if (kind === 'allocated') body.op = body.op.toUpperCase();
      if (kind === 'lost' || kind === 'restored') body.op = body.op.toUpperCase();
      if (kind === 'lost' || kind === 'restored' || kind === 'oversold') body.by = body.by.toUpperCase();
    }
  });
  expect(firstWrong(verified(exportLines(rechain(loud))))).toBe('holds');
});

test.each(FORGERIES)('%s: “%s”', (_name, check, at, forgery) => {
  const forgedLog = forged(LOG, forgery);
  const events = rechain(forgedLog);
  const seq = typeof at === 'number' ? at : forgedLog.indexOf(at(forgedLog)) + 1;
  const result = verified(exportLines(events));
  expect(firstWrong(result)).toBe(`line ${seq + 1}: ${check}`);
  expect(result.first?.seq).toBe(seq);
});

test('half a surrogate pair in a name has no canonical form', () => {
  const lines = exportLines(LOG);
  lines[1] = lines[1]!.replace('"Sneaker"', '"Sneaker\\ud800"');
  expect(firstWrong(verified(lines))).toBe('line 2: Every line is what a room writes');
});

const WRITTEN = 'Every line is what a room writes';
const HEADERS: [name: string, edit: (header: string) => string][] = [
  ['says a name twice', (header) => header.replace('{', '{"show":"OTHERS",')],
  [
    'says a name twice inside of an object',
    (header) => header.replace('"capacity"', '"id":"other","capacity"'),
  ],
  ['says a name twice in other letters', (header) => header.replace('{', '{"\\u0073how":"OTHERS",')],
  ['has a carriage return behind it', (header) => `${header}\r`],
  ['has a space before it', (header) => ` ${header}`],
];

test.each(HEADERS)('a header that %s is not what a room writes', (_name, edit) => {
  const [header, ...rest] = exportLines(LOG);
  expect(firstWrong(verified([edit(header!), ...rest]))).toBe(`line 1: ${WRITTEN}`);
});

test('a header in another order of its members, with one more that has a colon in its text, holds', () => {
  const [header, ...rest] = exportLines(LOG);
  const { format, ...members } = JSON.parse(header!) as Record<string, unknown>;
  const more = { ...members, note: 'a "name": of nothing', list: [{ a: 1 }], format };
  expect(firstWrong(verified([JSON.stringify(more), ...rest]))).toBe('holds');
});

test('a last line without its line feed is not what a room writes', () => {
  const lines = exportLines(LOG);
  expect(firstWrong(verified(fileOf(lines).slice(0, -1)))).toBe(`line ${lines.length}: ${WRITTEN}`);
});

const ledger = (platformUsd: number): EventBodies['cost'] => ({
  virtualUsd: platformUsd * 100_000,
  platformUsd,
  exposureUsd: 0,
  realUsd: 0,
  limitUsd: 0,
  billingScale: DEFAULT_CONFIG.billingScale,
  loadFactor: 100_000,
  locked: false,
});
const byHand = (state: 'tripped' | 'cleared', virtualUsd: number): EventDraft => ({
  kind: 'guardrail',
  body: { state, by: 'presenter', virtualUsd },
});

test('a show that was tripped by hand is right: nothing is untold while it stands, and clearing tells the crossing', () => {
  const log = new Log();
  log.tell({ kind: 'cost', body: ledger(0.000_5) });
  log.tell(byHand('tripped', 60));
  log.tell({ kind: 'cost', body: ledger(0.002) });
  expect(firstWrong(verified(exportLines(log.events)))).toBe('holds');
  log.tell(byHand('cleared', 210));
  log.tell({ kind: 'cost', body: ledger(0.003) });
  expect(firstWrong(verified(exportLines(log.events)))).toBe('holds');
});

test('a show that was cleared below its threshold has yet to cross it', () => {
  const log = new Log();
  log.tell(byHand('tripped', 60));
  log.tell(byHand('cleared', 61));
  log.tell({ kind: 'cost', body: ledger(0.002) });
  expect(firstWrong(verified(exportLines(log.events)))).toBe('line 5: Guardrail: no crossing untold');
});

test('taps that were under way when the show ended settle behind its end, and a reset that had begun finishes', () => {
  const log = new Log({ ...openedBody(SKU, { ...DEFAULT_CONFIG, virtualCostThreshold: 1e6 }), mode: 'both' });
  log.tell({ kind: 'closed', body: { by: 'presenter' } });
  const write = {
    parentVersion: 0,
    version: 1,
    readAllocated: 0,
    wroteAllocated: 1,
    readAtMs: 1,
    wroteAtMs: 1,
  };
  log.tell({ kind: 'allocated', body: { lane: 'eventual', op: opNo(1), who: 'otter', units: 1, ...write } });
  log.tell({ kind: 'refused', body: { lane: 'safe', counts: { STALE_EPOCH: 1 } } });
  log.tell({ kind: 'reset', body: { by: 'presenter', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 } });
  expect(firstWrong(verified(exportLines(log.events)))).toBe('holds');
  log.tell({ kind: 'allocated', body: { lane: 'eventual', op: opNo(2), who: 'otter', units: 1, ...write } });
  expect(firstWrong(verified(exportLines(log.events)))).toBe(
    'line 7: Every event can follow those before it',
  );
});

test('counts of an epoch may be told with the first commit of the next', () => {
  const soldOut: EventDraft = { kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 1 } } };
  const log = new Log(openedBody({ ...SKU, capacity: 60 }));
  log.tell({ kind: 'allocated', body: { lane: 'safe', op: opNo(1), who: 'otter', units: 20 } });
  log.tell({ kind: 'reset', body: { by: 'presenter', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 } });
  log.tell(soldOut);
  expect(firstWrong(verified(exportLines(log.events)))).toBe('holds');
  log.tell(soldOut);
  expect(firstWrong(verified(exportLines(log.events)))).toBe('line 6: Every refusal can have had its reason');
});

const CROWD = 60_001;

/** Writes that all read the untouched stock, each telling the loss of the one before it. */
function fan(): RoomEvent[] {
  const log = new Log({
    ...openedBody(SKU, { ...DEFAULT_CONFIG, virtualCostThreshold: 1e12 }),
    mode: 'eventual',
  });
  const events = [...log.events];
  const add = (kind: RoomEvent['kind'], body: object) =>
    events.push({ seq: events.length + 1, epoch: 1, atMs: log.nowMs, kind, body, hash: '' } as RoomEvent);
  for (let version = 1; events.length < CROWD; version++) {
    const [op, by] = [opNo(version - 1), opNo(version)];
    const write = {
      parentVersion: 0,
      version,
      readAllocated: 0,
      wroteAllocated: 1,
      readAtMs: 1,
      wroteAtMs: 2,
    };
    add('allocated', { lane: 'eventual', op: by, who: 'otter', units: 1, ...write });
    const fate = { parentVersion: 0, version, storedBefore: 1, storedAfter: 1 };
    if (version > 1)
      add('lost', { lane: 'eventual', op, who: 'otter', units: 1, by, byWho: 'otter', ...fate });
    if (version > SKU.capacity) add('oversold', { lane: 'eventual', delta: version - SKU.capacity, by });
  }
  return events;
}

/** How many times longer four times as many events take: the best of some tries, since a machine may be busy in one. */
function growth(make: (quarters: number) => Uint8Array): number {
  const [quarter, whole] = [make(1), make(4)];
  const took = (file: Uint8Array) => {
    const startMs = performance.now();
    verified(file);
    return performance.now() - startMs;
  };
  return Math.min(...[1, 2, 3].map(() => took(whole) / took(quarter)));
}
/** Four for what grows with the events, sixteen for what grows with their pairs. */
const FAR_FROM_PAIRS = 9;

test('60,001 events that all read version 0 are read in time that grows with them, and hold', () => {
  const events = rechain(fan());
  expect(firstWrong(verified(exportLines(events)))).toBe('holds');
  const part = (quarters: number) => fileOf(exportLines(events.slice(0, (events.length * quarters) / 4)));
  expect(growth(part)).toBeLessThan(FAR_FROM_PAIRS);
}, 60_000);

test('two branches that take turns, and no fate told: one is looked for, and not again with each write', () => {
  const branches = (quarters: number) => {
    const log = new Log({
      ...openedBody(SKU, { ...DEFAULT_CONFIG, virtualCostThreshold: 1e12 }),
      mode: 'eventual',
    });
    const events = [...log.events];
    for (let version = 1; version <= 2_500 * quarters; version++) {
      const parentVersion = Math.max(0, version - 2);
      const read = Math.ceil(parentVersion / 2);
      const write = {
        parentVersion,
        version,
        readAllocated: read,
        wroteAllocated: read + 1,
        readAtMs: 1,
        wroteAtMs: 2,
      };
      const body = { lane: 'eventual', op: opNo(version), who: 'otter', units: 1, ...write };
      events.push({ seq: 0, epoch: 1, atMs: log.nowMs, kind: 'allocated', body, hash: '' } as RoomEvent);
    }
    return fileOf(exportLines(rechain(events)));
  };
  expect(verified(branches(1)).first?.check).toBe(
    'Lost and restored name exactly the ops that left and came back',
  );
  expect(growth(branches)).toBeLessThan(FAR_FROM_PAIRS);
}, 60_000);

test('an op of ten million units in a room of as many dies where it is read', () => {
  const huge = 10_000_000;
  const { events } = new Log(openedBody({ ...SKU, capacity: huge }));
  const write = {
    parentVersion: 0,
    version: 1,
    readAllocated: 0,
    wroteAllocated: huge,
    readAtMs: 1,
    wroteAtMs: 101,
  };
  const body = { lane: 'eventual', op: opNo(1), who: 'x', units: huge, ...write };
  const log = [...events, { ...events[0]!, kind: 'allocated', body } as RoomEvent];
  const result = verified(exportLines(rechain(log)));
  expect(firstWrong(result)).toBe('line 2: Every event is one that a room can write');
  expect(result.epochs).toEqual([]);
});

describe('line ends of other readers in a name', () => {
  const NAME = 'one\u2028two\u2029three\u0085four';
  const log = new Log(openedBody({ ...SKU, name: NAME }));
  const raw = exportLines(log.events);
  const escaped = raw.map(fileText);

  test('are escaped in the file, and the hash is the same', () => {
    expect(escaped.join('')).not.toMatch(/[\u0085\u2028\u2029]/);
    expect(escaped[1]).toContain('one\\u2028two\\u2029three\\u0085four');
    expect(firstWrong(verified(escaped))).toBe('holds');
    expect(verified(escaped).head).toEqual(verified(raw).head);
  });

  test('stand as they are in files of older rooms, which hold', () => {
    expect(firstWrong(verified(raw))).toBe('holds');
  });

  test('in the one form and the other on one line are not what a room writes', () => {
    const mixed = [escaped[0]!, escaped[1]!.replace('\\u2029', '\u2029'), escaped[2]!];
    expect(firstWrong(verified(mixed))).toBe('line 2: Every line is what a room writes');
  });
});
