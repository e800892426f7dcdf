/** What the last step says a show came to: all rounds, all products, and nothing that was not sold. */
import { describe, expect, test } from 'vitest';
import type { Round } from '#lib/client/history.ts';
import { RoomHistory } from '#lib/client/history.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { Measured } from '#lib/summary/room-totals.ts';
import { RoomTotals } from '#lib/summary/room-totals.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import {
  liveResult,
  productsOf,
  readResult,
  together,
} from '../../src/routes/stage/[code]/scenes/results.ts';
import { measuredRows } from '../../src/routes/stage/[code]/scenes/measured-rows.ts';
import { playShow } from '../domain/support/show.ts';
import { laneState, roomState } from './support/fake-room.ts';

const NO_LATENCY = { n: 0, p50: null, p95: null, p99: null };
const MEASURED: Measured = {
  latency: { safe: NO_LATENCY, eventual: NO_LATENCY },
  mostPhones: 0,
  inFlight: 0,
  money: { realUsd: 0, limitUsd: 0, locked: false },
};
const NONE = () => 0;

const round = (
  epoch: number,
  safe: number,
  acknowledged = 0,
  stored = acknowledged,
  simUnits = 0,
): Round => ({
  epoch,
  lanes: {
    safe: { acknowledged: safe, stored: safe, simUnits: 0 },
    eventual: { acknowledged, stored, simUnits },
  },
});

describe('one product', () => {
  test('a show’s results are those of all its rounds, the reset ones included', () => {
    const lanes = {
      safe: laneState(),
      eventual: laneState({ acknowledged: 104, stored: 90, lostUnits: 14, oversellDelta: 4, inFlight: 2 }),
    };
    const past = [round(1, 100, 131, 100, 50), round(2, 60, 90, 85)];
    const result = liveResult(roomState({ lanes }), past, (lane) => (lane === 'eventual' ? 7 : 0));
    expect(result.lanes.safe).toEqual({
      rounds: 2,
      acknowledged: 160,
      existed: 200,
      oversold: 0,
      lost: 0,
      simUnits: 0,
    });
    expect(result.lanes.eventual).toEqual({
      rounds: 3,
      acknowledged: 325,
      existed: 300,
      oversold: 35,
      lost: 50,
      simUnits: 57,
    });
    expect(result.inFlight).toBe(2);
  });

  test('units that one round left unsold do not make up for what another sold twice', () => {
    const past = [round(1, 0, 110), round(2, 0, 20)];
    expect(liveResult(roomState(), past, NONE).lanes.eventual?.oversold).toBe(10);
  });

  test('a lane on which nobody bought has no result to boast of', () => {
    const { rounds, existed } = ofLane(liveResult(roomState(), [round(1, 0)], NONE).lanes, 'safe');
    expect([rounds, existed]).toEqual([0, 0]);
  });
});

describe('several products', () => {
  /** A room of a show, seen twice: as its stage hears it, and as its summary has it. */
  function played(seed: number, id: string) {
    const sku = { id, name: id, capacity: 10 + seed, unitPrice: 20 };
    const { events, state } = playShow({ seed, steps: 900, mode: 'both', resetEvery: 300, sku });
    const history = new RoomHistory();
    history.apply(events);
    const totals = new RoomTotals();
    for (const event of events) totals.take(event);
    const simUnits = (lane: LaneId) => history.lane(lane).simUnits;
    return {
      live: liveResult({ ...state, sku }, history.rounds, simUnits),
      room: totals.summary(MEASURED) satisfies RoomSummary,
    };
  }
  const [first, second] = [played(3, 'seat'), played(4, 'poster')];

  test('a room comes to the same by what its stage heard and by the show’s summary', () => {
    for (const { live, room } of [first, second]) {
      expect(ofLane(live.lanes, 'eventual').oversold, 'this seed oversells').toBeGreaterThan(0);
      expect(readResult(room).lanes).toEqual(live.lanes);
    }
  });

  test('the room on screen is shown as it stands, the others as they were read, in the show’s order', () => {
    const now = { ...second.live, inFlight: 3 };
    const products = productsOf(now, { rooms: [first.room, second.room] });
    expect(products.map(({ sku }) => sku.id)).toEqual(['seat', 'poster']);
    expect(products[1]).toBe(now);
    expect(products[0]?.lanes).toEqual(first.live.lanes);
  });

  test('together they come to the sum of their parts, money to the pico-dollar', () => {
    const billed = { realUsd: 0.1, limitUsd: 1, locked: false };
    const locked = { realUsd: 0.2, limitUsd: 1, locked: true };
    const sum = together([
      { ...first.live, billed },
      { ...second.live, billed: locked, inFlight: 3 },
    ]);
    const part = (lane: 'safe' | 'eventual') => [
      ofLane(first.live.lanes, lane),
      ofLane(second.live.lanes, lane),
    ];
    for (const lane of ['safe', 'eventual'] as const) {
      for (const key of ['rounds', 'acknowledged', 'existed', 'oversold', 'lost', 'simUnits'] as const) {
        const [one, other] = part(lane);
        expect(ofLane(sum.lanes, lane)[key], `${lane} ${key}`).toBe(one![key] + other![key]);
      }
    }
    expect(sum.billed).toEqual({ realUsd: 0.3, limitUsd: 1, locked: true });
    expect(sum.inFlight).toBe(3 + first.live.inFlight);
  });

  test('are measured beside the claims of the alternatives that their lanes stand for, with what their engines are', () => {
    const engine = { name: 'PostgreSQL', label: 'REAL ENGINE', distanceMs: 80 } as const;
    const asPostgres = (room: RoomSummary): RoomSummary => ({
      ...room,
      latency: {
        'postgres-conditional': { n: 40, p50: 90, p95: 120, p99: 130 },
        'postgres-blind': { n: 40, p50: 200, p95: 900, p99: 950 },
      },
      epochs: room.epochs.map((epoch) => ({
        ...epoch,
        lanes: {
          'postgres-conditional': ofLane(epoch.lanes, 'safe'),
          'postgres-blind': ofLane(epoch.lanes, 'eventual'),
        },
      })),
    });
    const rooms = [asPostgres(first.room), asPostgres(second.room)];
    const rows = measuredRows(
      { show: 'K7QM2P', status: 'live', asOfMs: 1, rooms },
      { 'postgres-conditional': laneState({ engine }), 'postgres-blind': laneState({ engine }) },
    );
    expect([...rows.keys()]).toEqual(['regional-sql']);
    expect(rows.get('regional-sql')).toMatchObject({
      tally: { kept: ['postgres-conditional'], broke: ['postgres-blind'] },
      slowest: { n: 40, p95: 900 },
      marks: ['REAL ENGINE', 'EMULATED +80 ms'],
    });
  });
});
