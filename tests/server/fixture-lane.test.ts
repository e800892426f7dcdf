/** A lane that nobody has heard of, in a room: a row of the table and its binding; it grants and refuses, and keeps no lineage. */
import { beforeAll, expect, it } from 'vitest';
import { LANE_IDS, MODES } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES, PAIR } from '#lib/domain/lanes.ts';
import type { LaneSpec } from '#lib/domain/lanes.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import { inRoom, settled } from './support/inner-room.ts';

const FIXTURE = 'fixture' as LaneId;
const ROW: LaneSpec = {
  answers: 'later',
  canOversell: true,
  hasLineage: false,
  colour: 'safe',
};

// The worker of the tests has loaded the table by now: the row goes into the one that it holds.
beforeAll(() => {
  Object.assign(LANES, { [FIXTURE]: ROW });
  for (const lanes of [PAIR, LANE_IDS, MODES] as LaneId[][]) lanes.push(FIXTURE);
});

/** Grants as many ops as it is told to, however many units exist. */
function grants(most: number): StoredLane {
  const granted = new Set<string>();
  const nothing = () => Promise.resolve({});
  return {
    id: FIXTURE,
    carryOut: ({ buyer: { op } }) => {
      if (granted.size < most) granted.add(op);
      const outcome = granted.has(op)
        ? ({ kind: 'granted' } as const)
        : ({ kind: 'refused', code: 'OUT_OF_STOCK' } as const);
      return Promise.resolve({ outcome, spent: {} });
    },
    open: nothing,
    fence: nothing,
    writesAfter: () => Promise.resolve({ writes: [], spent: {} }),
    rowsBehind: () => Promise.resolve({ rows: [], isLast: true, spent: {} }),
    counter: () => Promise.resolve({ inventory: null, spent: {} }),
  };
}

it('counts what it grants, tells what it oversells, and refuses by name', () =>
  inRoom({ mode: FIXTURE, capacity: 2, more: [grants(3)] }, async ({ room, tap }) => {
    const taps = [];
    for (let buyer = 0; buyer < 4; buyer++) taps.push(await tap().first);
    await settled(room);
    expect(taps.map((answer) => answer.kind === 'ack' && answer.lanes)).toMatchObject([
      { fixture: { status: 'allocated', units: 1 } },
      { fixture: { status: 'allocated', units: 1 } },
      { fixture: { status: 'allocated', units: 1 } },
      { fixture: { status: 'refused', code: 'OUT_OF_STOCK' } },
    ]);
    expect(Object.keys(room.state().lanes)).toEqual(['safe', 'eventual', FIXTURE]);
    expect(room.state().lanes[FIXTURE]).toMatchObject({ acknowledged: 3, stored: 3, oversellDelta: 1 });
    const result = await room.audits.ask();
    expect(result).toMatchObject({ ok: true });
  }));

it('answers beside the other lanes of a mode, each as it knows', () =>
  inRoom({ mode: 'both', more: [grants(1)] }, async ({ room, tap }) => {
    const order = tap();
    await order.first;
    await settled(room);
    const answer = await tap({ op: order.op }).first;
    expect(answer).toMatchObject({
      lanes: {
        safe: { status: 'allocated' },
        eventual: { status: 'allocated' },
        [FIXTURE]: { status: 'allocated' },
      },
    });
  }));
