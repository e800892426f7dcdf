/** A stage that runs for hours: its pictures stay exact, and what they take does not grow with what has happened. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MAX_MOMENTS, RoomHistory } from '#lib/client/history.ts';
import { UnitCells } from '#lib/client/unit-cells.ts';
import type { Palette } from '#lib/components/palette.ts';
import { gridLayout } from '#lib/components/unit-grid-layout.ts';
import { UnitGridPainter } from '#lib/components/unit-grid-paint.ts';
import type { UnitStates } from '#lib/components/unit-grid-paint.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { RaceSeries } from '#lib/domain/race-series.ts';
import { Scene } from './support/scene.ts';

const CAPACITY = 60;
const LAYOUT = gridLayout({
  width: 300,
  height: 120,
  capacity: CAPACITY,
  overflow: 30,
  smallest: 8,
  largest: 56,
});
const PALETTE = new Proxy({}, { get: (_, role) => String(role) }) as Palette;

beforeEach(() => {
  vi.stubGlobal('document', { createElement: () => ({ getContext: () => null }) });
  vi.stubGlobal(
    'DOMMatrix',
    class {
      scale() {
        return this;
      }
    },
  );
});
afterEach(() => void vi.unstubAllGlobals());

/** A canvas that remembers what was drawn on each cell since it was last cleared. */
function canvas() {
  const drawn = new Map<string, string[]>();
  let at: string[] = [];
  const target: Record<string, unknown> = {
    getTransform: () => ({ a: 1 }),
    createPattern: () => null,
    clearRect: (x: number, y: number) => drawn.set(`${x.toFixed(2)} ${y.toFixed(2)}`, (at = [])),
  };
  const context = new Proxy(target, {
    get: (own, name) =>
      own[String(name)] ?? ((...args: unknown[]) => void at.push(`${String(name)} ${args.join(' ')}`)),
    set: (_own, name, value) => {
      at.push(`${String(name)}=${String(value)}`);
      return true;
    },
  });
  const painter = new UnitGridPainter(context as unknown as CanvasRenderingContext2D, LAYOUT, PALETTE, {
    colour: 'eventual',
    capacity: CAPACITY,
  });
  return { drawn, painter };
}

test('cells that are painted as they change look like cells that are painted anew, whenever that is', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ mark: fc.nat(40) }),
    fc.constant('paint' as const),
    fc.constant('forget' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const cells = new UnitCells();
      const lost = new Map<number, boolean>();
      const { painter, drawn } = canvas();
      for (const each of steps) {
        if (each === 'paint') painter.paint(cells);
        // More changes than are remembered, on cells that end as they were.
        else if (each === 'forget' && lost.size > 0)
          for (let turn = 0; turn < 10_000; turn++) cells.mark('0', (turn % 2 === 0) !== lost.get(0));
        else if (typeof each === 'object' && 'add' in each) {
          cells.add(String(lost.size), each.add);
          lost.set(lost.size, false);
        } else if (typeof each === 'object' && each.mark < lost.size) {
          lost.set(each.mark, !lost.get(each.mark));
          cells.mark(String(each.mark), lost.get(each.mark) === true);
        }
      }
      painter.paint(cells);
      const anew = canvas();
      anew.painter.paint(cells);
      expect(new Map([...drawn].sort())).toEqual(new Map([...anew.drawn].sort()));
    }),
    { numRuns: 60 },
  );
});

test('painting one more unit looks at the cells that it changes, however many units there are', () => {
  const cells = new UnitCells();
  let reads = 0;
  const counted: UnitStates = {
    get length() {
      return cells.length;
    },
    get lost() {
      return cells.lost;
    },
    get changes() {
      return cells.changes;
    },
    changedSince: (changes) => cells.changedSince(changes),
    get states() {
      return new Proxy(cells.states, {
        get: (states, name) => {
          if (/^\d+$/.test(String(name))) reads += 1;
          return Reflect.get(states, name, states) as unknown;
        },
      });
    },
  };
  const { painter } = canvas();
  const readsOfOneMore = () => {
    painter.paint(counted);
    reads = 0;
    cells.add('one', 1);
    painter.paint(counted);
    return reads;
  };
  cells.add(null, 50);
  const early = readsOfOneMore();
  cells.add(null, 40);
  expect(readsOfOneMore()).toBeLessThanOrEqual(early);
  expect(early).toBeLessThanOrEqual(LAYOUT.unitsPerCell);
  expect(early).toBeGreaterThan(0);
});

test('a bounded curve keeps its start, its newest moment, and moments as they were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 3_000 }),
      fc.integer({ min: 3, max: 90 }),
      (pauses, most) => {
        const all = new RaceSeries(['safe', 'eventual']);
        const few = new RaceSeries(['safe', 'eventual'], most);
        let atMs = 1_000;
        for (const [sold, pauseMs] of pauses.entries()) {
          atMs += pauseMs;
          const lanes = {
            safe: { acknowledged: sold + 1, stored: sold + 1 },
            eventual: { acknowledged: 2 * sold, stored: sold },
          };
          all.add(atMs, lanes);
          few.add(atMs, lanes);
          expect(few.xs.length).toBeLessThanOrEqual(most);
          expect(few.xs.at(-1)).toBe(all.xs.at(-1));
        }
        const moments = (series: RaceSeries) =>
          series.xs.map((x, at) =>
            [
              x,
              ...Object.values(series.curves).flatMap((curve) => [curve.acknowledged[at], curve.stored[at]]),
            ].join(),
          );
        const known = new Set(moments(all));
        expect(moments(few).filter((moment) => !known.has(moment))).toEqual([]);
        expect(moments(few)[0]).toBe(moments(all)[0]);
        expect(moments(few).at(-1)).toBe(moments(all).at(-1));
        expect(few.xs.length).toBeGreaterThanOrEqual(Math.min(all.xs.length, Math.floor(most / 2)));
      },
    ),
    { numRuns: 60 },
  );
});

test('a history keeps no order that it does not draw, and its curves are bounded', () => {
  const scene = new Scene(100_000, 'both');
  for (let sale = 0; sale < MAX_MOMENTS + 500; sale++) {
    scene.atMs += 40;
    scene.safe({ who: 'a' });
  }
  const history = new RoomHistory();
  history.apply(scene.events);
  const { byOwner, byOp, promisedTo } = ofLane(history.facts.lanes, 'safe');
  expect([byOwner.size, byOp.size, promisedTo.size]).toEqual([0, 0, 0]);
  expect(history.series('both').xs.length).toBeLessThanOrEqual(MAX_MOMENTS);
  expect(history.series('both').curves.safe?.acknowledged.at(-1)).toBe(MAX_MOMENTS + 500);
  expect(history.lane('safe').cells.length).toBe(MAX_MOMENTS + 500);
});
