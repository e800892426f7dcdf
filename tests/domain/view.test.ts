import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyFacts } from '#lib/domain/facts.ts';
import { emptyHistogram, record } from '#lib/domain/histogram.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { apply } from '#lib/domain/reduce.ts';
import { draftsOfGrant } from '#lib/domain/settle.ts';
import { holdingsOf, roomState } from '#lib/domain/view.ts';
import type { Live } from '#lib/domain/view.ts';
import type { LedgerTotals } from '#lib/domain/ledger.ts';
import { check } from './support/property.ts';
import { Log, SKU } from './support/room-facts.ts';
import { playShow } from './support/show.ts';

const LEDGER: LedgerTotals = {
  virtualUsd: 0,
  platformUsd: 0,
  exposureUsd: 0,
  realUsd: 0,
  limitUsd: 0,
  billingScale: 1e-9,
  loadFactor: 100_000,
  locked: false,
};

function live(): Live<LedgerTotals> {
  return {
    people: { phones: 3, stages: 1, practice: 0 },
    nowMs: 0,
    inFlight: { safe: 0, eventual: 2 },
    latency: { safe: emptyHistogram(), eventual: emptyHistogram() },
    ledger: LEDGER,
    closesAt: 1_900_000_000_000,
    own: 'REAL ENGINE',
  };
}

test('a room that was just opened shows its product, zeros, and no latency', () => {
  const log = new Log();
  const zeros = {
    capacity: 100,
    acknowledged: 0,
    stored: 0,
    lostUnits: 0,
    oversellDelta: 0,
    ops: 0,
    conflicts: 0,
  };
  const latency = { n: 0, p50: null, p95: null, p99: null };
  const own = (name: string) => ({ name, label: 'REAL ENGINE', distanceMs: 0 });
  expect(roomState(log.facts, live())).toEqual({
    room: 'ABCDEF.sneaker',
    show: 'ABCDEF',
    sku: SKU,
    epoch: 1,
    seq: 1,
    mode: 'safe',
    step: 1,
    hold: null,
    people: { phones: 3, stages: 1, practice: 0 },
    lanes: {
      safe: { ...zeros, refused: {}, inFlight: 0, latency, engine: own('Durable Objects') },
      eventual: { ...zeros, refused: {}, inFlight: 2, latency, engine: own('D1') },
    },
    ledger: LEDGER,
    guardrail: { tripped: false, by: null, atMs: null, thresholdUsd: 100, action: 'warn' },
    closesAt: 1_900_000_000_000,
  });
});

test('a room that was never opened has no state: asking for it is a bug', () => {
  expect(() => roomState(emptyFacts(), live())).toThrow('was opened');
});

test('a state does not change when the room goes on', () => {
  const log = new Log();
  log.tell({ kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 1 } } });
  const now = live();
  record(ofLane(now.latency, 'safe'), 40);
  const state = roomState(log.facts, now);
  const shown = structuredClone(state);
  log.tell({ kind: 'refused', body: { lane: 'safe', counts: { OUT_OF_STOCK: 1 } } });
  log.tellAll(draftsOfGrant(log.facts, 'safe', { op: 'a', who: 'Guest 1', units: 1, sim: false }));
  record(ofLane(now.latency, 'safe'), 40);
  expect(state).toEqual(shown);
  expect(state.lanes.safe?.latency.n).toBe(1);
});

test('what everybody holds adds up to what the lanes acknowledged, and what is lost to what they lost', () => {
  let lost = 0;
  check(
    fc.property(fc.integer(), (seed) => {
      const { events, state } = playShow({ seed, steps: 200, mode: 'both', sku: { capacity: 15 } });
      const facts = emptyFacts();
      for (const event of events) apply(facts, event);
      const holdings = Array.from({ length: 9 }, (_, guest) => holdingsOf(facts, `guest-${guest + 1}`));
      for (const held of holdings)
        expect(held.map(({ seq }) => seq)).toEqual(held.map(({ seq }) => seq).toSorted((a, b) => a - b));
      const all = holdings.flat();
      for (const lane of ['safe', 'eventual'] as const) {
        const mine = all.filter((holding) => holding.lane === lane);
        const gone = mine.filter(({ fate }) => fate === 'lost');
        const units = (of: typeof mine) => of.reduce((sum, holding) => sum + holding.units, 0);
        expect(units(mine)).toBe(state.lanes[lane]?.acknowledged);
        expect(units(gone)).toBe(state.lanes[lane]?.lostUnits);
        expect(gone.every(({ by }) => by !== undefined)).toBe(true);
        expect(mine.filter(({ fate }) => fate === 'kept').every((holding) => !('by' in holding))).toBe(true);
        lost += gone.length;
      }
    }),
    200,
  );
  expect(lost).toBeGreaterThan(100);
});

test('the index by owner has every order of an epoch, each once and in its place, and none of an earlier one', () => {
  let epochs = 0;
  check(
    fc.property(fc.integer(), (seed) => {
      const { events } = playShow({ seed, steps: 100, mode: 'both', sku: { capacity: 15 }, resetEvery: 30 });
      const facts = emptyFacts();
      for (const event of events) {
        apply(facts, event);
        if (event.kind === 'reset') epochs += 1;
        else if (event.seq % 25 > 0) continue;
        for (const { byOp, byOwner } of Object.values(facts.lanes)) {
          const orders = [...byOp.values()];
          const owners = new Set(orders.map(({ who }) => who));
          expect([...byOwner.keys()]).toEqual([...owners]);
          for (const [who, theirs] of byOwner)
            expect(theirs).toEqual(orders.filter((order) => order.who === who));
        }
      }
    }),
    20,
  );
  expect(epochs).toBeGreaterThan(10);
});

test('who holds nothing gets an empty list', () => {
  expect(holdingsOf(new Log().facts, 'nobody')).toEqual([]);
});
