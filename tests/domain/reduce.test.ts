import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventBodies, EventKind, RoomEvent } from '#lib/domain/events.ts';
import { emptyFacts, emptyLanes, GENESIS, oversellDelta } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { apply } from '#lib/domain/reduce.ts';
import { writeOf } from '#lib/domain/write.ts';
import { check } from './support/property.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from './support/room-facts.ts';
import { playShow } from './support/show.ts';

/** An allocation of the eventual lane; `wroteAllocated` follows. */
function write(op: string, parentVersion: number, version: number, readAllocated: number, units = 1) {
  const wroteAllocated = readAllocated + units;
  return {
    kind: 'allocated' as const,
    body: {
      lane: 'eventual' as const,
      op,
      who: `owner of ${op}`,
      units,
      parentVersion,
      version,
      readAllocated,
      wroteAllocated,
    },
  };
}

function fate(op: string, by: string): EventBodies['lost'] {
  const versions = { parentVersion: 0, version: 2, storedBefore: 1, storedAfter: 1 };
  return { lane: 'eventual', op, who: `owner of ${op}`, units: 1, by, byWho: `owner of ${by}`, ...versions };
}

const COST = {
  virtualUsd: 120,
  platformUsd: 0.001,
  exposureUsd: 20,
  realUsd: 0,
  limitUsd: 0,
  billingScale: 1e-9,
};

/** For each kind of event: what it is told after, the event, and what the facts then say. */
const KINDS: {
  [K in EventKind]: [before: (log: Log) => void, body: EventBodies[K], (facts: RoomFacts) => void];
} = {
  opened: [
    () => undefined,
    openedBody(),
    ({ opened, mode, step, epoch }) =>
      expect({ opened, mode, step, epoch }).toMatchObject({ mode: 'safe', step: 1, epoch: 1 }),
  ],
  mode: [() => undefined, { mode: 'both', by: 'Host' }, ({ mode }) => expect(mode).toBe('both')],
  step: [() => undefined, { step: 4, by: 'Host' }, ({ step }) => expect(step).toBe(4)],
  held: [() => undefined, { by: 'Host' }, ({ hold }) => expect(hold).toMatchObject({ goAtMs: null })],
  go: [
    (log) => log.tell({ kind: 'held', body: { by: 'Host' } }),
    { by: 'Host', goAtMs: 1_800_000_003_000 },
    ({ hold }) => expect(hold?.goAtMs).toBe(1_800_000_003_000),
  ],
  distance: [
    () => undefined,
    { lane: 'redis-lock', ms: 80, by: 'Host' },
    ({ distances }) => expect(distances).toEqual({ 'redis-lock': 80 }),
  ],
  allocated: [
    () => undefined,
    { lane: 'safe', op: 'a', who: 'Guest 1', units: 3, sim: true },
    ({ lanes: { safe, eventual } }) => {
      expect(safe).toMatchObject({ acknowledged: 3, stored: 3, ops: 1, conflicts: 0 });
      expect(safe?.byOp.get('a')).toMatchObject({
        who: 'Guest 1',
        units: 3,
        seq: 2,
        sim: true,
        firstUnit: 1,
      });
      expect(eventual?.ops).toBe(0);
    },
  ],
  refused: [
    (log) => log.tell({ kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 2 } } }),
    { lane: 'safe', counts: { OUT_OF_STOCK: 3, BUSY: 1 } },
    ({ lanes }) => expect(lanes.safe?.refused).toEqual({ OUT_OF_STOCK: 5, BUSY: 1 }),
  ],
  lost: [
    (log) => log.tellAll([write('a', 0, 1, 0), write('b', 0, 2, 0)]),
    fate('a', 'b'),
    ({ lanes: { eventual } }) => {
      expect(eventual?.byOp.get('a')?.lostTo).toEqual({ op: 'b', who: 'owner of b' });
      expect(eventual).toMatchObject({ acknowledged: 2, stored: 1, lostByLineage: 1, conflicts: 1 });
    },
  ],
  restored: [
    (log) => {
      log.tellAll([write('a', 0, 1, 0), write('b', 0, 2, 0), { kind: 'lost', body: fate('a', 'b') }]);
      log.tell(write('c', 1, 3, 1));
    },
    fate('a', 'c'),
    ({ lanes: { eventual } }) => {
      expect(eventual?.byOp.get('a')?.lostTo).toBeNull();
      expect(eventual?.lostByLineage).toBe(0);
    },
  ],
  oversold: [
    () => undefined,
    { lane: 'eventual', delta: 7, by: 'a' },
    ({ lanes }) => expect(lanes.eventual?.oversoldTold).toBe(7),
  ],
  cost: [
    () => undefined,
    { ...COST, loadFactor: 1, locked: false },
    ({ cost }) => expect(cost?.virtualUsd).toBe(120),
  ],
  latency: [
    (log) => log.tell({ kind: 'latency', body: { lanes: {}, phones: 3 } }),
    {
      lanes: {
        safe: {
          n: 2,
          left: 1,
          buckets: [
            [-3, 1],
            [31, 1],
          ],
        },
      },
      phones: 40,
    },
    ({ latency }) =>
      expect(latency).toMatchObject({
        told: { lanes: { safe: { n: 2 } }, phones: 40 },
        atMs: expect.any(Number),
      }),
  ],
  guardrail: [
    () => undefined,
    { state: 'tripped', by: 'threshold', virtualUsd: 100 },
    ({ guardrail }) => expect(guardrail).toMatchObject({ tripped: true, by: 'threshold', crossed: true }),
  ],
  locked: [
    () => undefined,
    { virtualUsd: 1, realUsd: 0.01, limitUsd: 0 },
    ({ lockTold }) => expect(lockTold).toBe(true),
  ],
  reset: [
    (log) => {
      log.tell({ kind: 'mode', body: { mode: 'eventual', by: 'Host' } });
      log.tellAll([
        write('a', 0, 1, 0),
        { kind: 'guardrail', body: { state: 'tripped', by: 'presenter', virtualUsd: 0 } },
      ]);
      log.tell({ kind: 'cost', body: { ...COST, loadFactor: 1, locked: false } });
    },
    { by: 'Host', fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0.03 },
    (facts) => {
      const { lanes, guardrail, cost, lockTold, ...rest } = facts;
      expect(lanes).toEqual(emptyLanes(['safe', 'eventual']));
      expect(guardrail).toEqual(emptyFacts().guardrail);
      expect([cost, lockTold]).toEqual([null, false]);
      expect(rest).toMatchObject({ epoch: 2, mode: 'eventual', step: 1, realCarriedUsd: 0.03 });
    },
  ],
  drill: [
    () => undefined,
    { kind: 'drop', by: 'Host', sockets: 9, wakes: 1 },
    ({ drillSeq }) => expect(drillSeq).toBe(2),
  ],
  recovered: [
    () => undefined,
    { drill: 1, clients: [{ who: 'Guest 1', waitedMs: 400, ms: 31.5, missing: 0 }] },
    ({ seq }) => expect(seq).toBe(2),
  ],
  guess: [
    () => undefined,
    { state: 'opened', by: 'Host', question: 'safe-sold', max: 300 },
    ({ guess }) => expect(guess).toEqual({ asked: 2, question: 'safe-sold', max: 300, closed: null }),
  ],
  incident: [
    () => undefined,
    { check: 'Event numbers dense', state: 'red', expected: '1, 2, 3', found: '5 after 3' },
    ({ incidents }) => expect(incidents).toEqual({ 'Event numbers dense': 'red' }),
  ],
  closed: [() => undefined, { by: 'expiry' }, ({ closed }) => expect(closed).toBe('expiry')],
};

test.each(Object.keys(KINDS) as EventKind[])('a %s event changes what it says and its number', (kind) => {
  const [before, body, says] = KINDS[kind];
  const log = new Log();
  before(log);
  if (kind !== 'opened') log.tell({ kind, body } as Parameters<Log['tell']>[0]);
  const { seq, hash } = log.events.at(-1) as RoomEvent;
  expect(log.facts).toMatchObject({ seq, head: hash });
  says(log.facts);
});

test('nothing has happened before the first event', () => {
  expect(emptyFacts()).toMatchObject({ seq: 0, epoch: 1, head: GENESIS, opened: null });
});

test('the same events make the same facts, in one go or with a stop between any two', () => {
  check(
    fc.property(fc.integer(), fc.nat(), (seed, stop) => {
      const { events } = playShow({ seed, steps: 120, mode: 'both', sku: { capacity: 10 } });
      const whole = emptyFacts();
      for (const event of events) apply(whole, event);
      const inParts = emptyFacts();
      const at = stop % events.length;
      for (const event of events.slice(0, at)) apply(inParts, event);
      const woken = structuredClone(inParts);
      for (const event of events.slice(at)) apply(woken, structuredClone(event));
      expect(woken).toEqual(whole);
    }),
    200,
  );
});

test('a gap, a repeat or an impossible fate is a bug and throws', () => {
  const log = new Log();
  const [opened] = log.events as [RoomEvent];
  expect(() => apply(log.facts, opened)).toThrow('follows');
  expect(() => apply(log.facts, { ...opened, seq: 3 })).toThrow('follows');
  expect(() => log.tell({ kind: 'lost', body: fate('nobody', 'b') })).toThrow('was allocated before');
  const other = new Log();
  other.tell(write('a', 0, 1, 0));
  expect(() => other.tell({ kind: 'restored', body: fate('a', 'b') })).toThrow('can be restored');
  const half = { lane: 'eventual' as const, op: 'a', who: 'a', units: 1, parentVersion: 0, version: 1 };
  expect(() => writeOf(half)).toThrow('what it read and wrote');
});

test('the guardrail’s crossing is told by a trip, by a trip by hand, and by a clearing above the threshold', () => {
  const told = (state: 'tripped' | 'cleared', by: 'threshold' | 'presenter', virtualUsd: number) => {
    const log = new Log();
    log.tell({ kind: 'guardrail', body: { state, by, virtualUsd } });
    return log.facts.guardrail;
  };
  expect(told('tripped', 'presenter', 99.99)).toMatchObject({
    tripped: true,
    by: 'presenter',
    crossed: false,
  });
  expect(told('tripped', 'presenter', 100)).toMatchObject({ tripped: true, crossed: true });
  expect(told('cleared', 'presenter', 100)).toMatchObject({
    tripped: false,
    by: null,
    atMs: null,
    crossed: true,
  });
  const log = new Log();
  log.tell({ kind: 'guardrail', body: { state: 'tripped', by: 'threshold', virtualUsd: 100 } });
  log.tell({ kind: 'guardrail', body: { state: 'cleared', by: 'presenter', virtualUsd: 50 } });
  expect(log.facts.guardrail).toMatchObject({ tripped: false, crossed: true });
});

test('holders: everybody who was promised a unit is counted on every one of its tickets, once', () => {
  const log = new Log();
  const holders = () =>
    Object.fromEntries(
      [...ofLane(log.facts.lanes, 'eventual').byOp.values()].map(({ op, holders }) => [op, holders]),
    );
  log.tell(write('a', 0, 1, 0, 2));
  expect(holders()).toEqual({ a: 1 });
  log.tell(write('b', 0, 2, 0, 3));
  expect(holders()).toEqual({ a: 2, b: 2 });
  log.tell(write('c', 2, 3, 3));
  expect(holders()).toEqual({ a: 2, b: 2, c: 1 });
  log.tell(write('d', 1, 4, 2, 2));
  expect(holders()).toEqual({ a: 2, b: 3, c: 2, d: 3 });
  const { promisedTo } = ofLane(log.facts.lanes, 'eventual');
  expect([1, 2, 3, 4, 5].map((unit) => promisedTo.get(unit)?.map(({ op }) => op))).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['b', 'd'],
    ['c', 'd'],
    undefined,
  ]);
});

test('holders equal a recount of who shares a unit, in random shows', () => {
  let shared = 0;
  check(
    fc.property(fc.integer(), (seed) => {
      const { events } = playShow({
        seed,
        steps: 200,
        mode: 'eventual',
        resetEvery: 0,
        sku: { capacity: 15 },
      });
      const facts = emptyFacts();
      for (const event of events) apply(facts, event);
      const orders = [...ofLane(facts.lanes, 'eventual').byOp.values()];
      for (const order of orders) {
        const [from, to] = [order.firstUnit, order.firstUnit + order.units];
        const same = orders.filter(({ firstUnit, units }) => firstUnit < to && from < firstUnit + units);
        expect(order.holders).toBe(same.length);
        if (same.length > 1) shared += 1;
      }
    }),
    100,
  );
  expect(shared).toBeGreaterThan(100);
});

test('the oversell delta is what was acknowledged beyond capacity, and never negative', () => {
  const log = new Log(openedBody({ ...SKU, capacity: 2 }, DEFAULT_CONFIG));
  const delta = () => oversellDelta(ofLane(log.facts.lanes, 'eventual'), 2);
  log.tell(write('a', 0, 1, 0));
  expect(delta()).toBe(0);
  log.tellAll([write('b', 0, 2, 0), write('c', 0, 3, 0)]);
  expect(delta()).toBe(1);
});
