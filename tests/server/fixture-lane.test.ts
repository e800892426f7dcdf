/** A lane that nobody has heard of, in a room: a row of the table and its binding; it grants and refuses, and keeps no lineage. */
import { beforeAll, expect, it } from 'vitest';
import { LANE_IDS, MODES } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';
import type { LaneSpec } from '#lib/domain/lanes.ts';
import type { LaneState } from '#lib/domain/room-state.ts';
import { loadMemory } from '#lib/room/memory.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';
import { BINDINGS } from '#server/lanes/every-lane.ts';
import type { StoredLane } from '#server/lanes/stored-lane.ts';
import { inRoom, settled, until } from './support/inner-room.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const FIXTURE = 'fixture' as LaneId;
const ROW: LaneSpec = {
  answers: 'later',
  canOversell: true,
  hasLineage: false,
  colour: 'safe',
};

/** Ops that the lane in the worker has granted, and how many it grants: its rooms forget it with every sleep. */
const granted = new Set<string>();

// The worker of the tests has loaded the table by now: the row goes into the one that it holds.
beforeAll(() => {
  Object.assign(LANES, { [FIXTURE]: ROW });
  Object.assign(BINDINGS, { [FIXTURE]: () => grants(3, granted) });
  for (const lanes of [LANE_IDS, MODES] as LaneId[][]) lanes.push(FIXTURE);
});

/** Grants as many ops as it is told to, however many units exist. */
function grants(most: number, granted = new Set<string>()): StoredLane {
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
  inRoom({ mode: 'contest', more: [grants(1)] }, async ({ room, tap }) => {
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

it('is not asked again after a wake for what it has answered, while another lane has not', () =>
  inRoom(
    {
      mode: 'contest',
      more: [grants(1)],
      bend: (lane) => ({ ...lane, carryOut: () => new Promise(() => undefined) }),
    },
    async ({ room, tables, tap }) => {
      const { op } = tap();
      await until(() => room.state().lanes[FIXTURE]?.acknowledged === 1);
      expect(loadMemory(tables, Date.now())?.pending.get(op)?.lanes).toMatchObject({
        safe: { status: 'allocated' },
        eventual: { status: 'pending' },
        [FIXTURE]: { status: 'allocated' },
      });
    },
  ));

it('is in a contest with the others: opened, sold on, audited, exported, verified and summed up', async () => {
  const lanes = ['safe', 'eventual', FIXTURE];
  const show = await TestShow.open({ capacity: 2 }, 'contest', {}, lanes as LaneId[]);
  const { site, presenter, stage } = show;
  expect(stage.welcome.v).toBe(2);
  const phone = await show.phone();
  const answers = [];
  for (let taps = 0; taps < 3; taps++) answers.push(await phone.buy());
  const statuses = answers.map((answer) => answer.t === 'ack' && Object.entries(answer.lanes));
  expect(statuses.map((each) => each && each.map(([lane, { status }]) => [lane, status]))).toEqual([
    lanes.map((lane) => [lane, 'allocated']),
    lanes.map((lane) => [lane, 'allocated']),
    [
      ['safe', 'refused'],
      ['eventual', 'refused'],
      [FIXTURE, 'allocated'],
    ],
  ]);
  // What becomes known first is told first.
  const firsts = phone.messages.filter((said) => said.t === 'ack').map((ack) => ack.lanes);
  expect(firsts[0]).toMatchObject({ safe: { status: 'allocated' }, [FIXTURE]: { status: 'pending' } });
  await show.sleep();
  expect(await show.rush(2)).toMatchObject({
    requested: 2,
    allocated: 0,
    byCode: { OUT_OF_STOCK: 2 },
    lanes: Object.fromEntries(lanes.map((lane) => [lane, { allocated: 0, refused: 2 }])),
  });
  await show.setMode('both');
  expect(await phone.buy()).toMatchObject({
    lanes: { safe: { status: 'refused' }, eventual: { status: 'refused' } },
  });
  await show.settled();
  const oversold = (lane: LaneState | undefined) => [lane?.acknowledged, lane?.oversellDelta];
  expect(lanes.map((lane) => oversold(stage.state?.lanes[lane as LaneId]))).toEqual([
    [2, 0],
    [2, 0],
    [3, 1],
  ]);
  expect(await show.failedChecks()).toEqual([]);
  const { header, events } = await exportLog(site, presenter.token);
  expect(header).toMatchObject({ protocolVersion: 2 });
  expect(events[0]).toMatchObject({ body: { lanes } });
  const asked = { token: presenter.token };
  const { data } = await site.call<ShowSummary>(`/api/demo/summary?show=${presenter.show}`, asked);
  expect(data.rooms.map(({ epochs }) => Object.keys(epochs[0]?.lanes ?? {}))).toEqual([lanes]);
  await show.reset();
  await phone.until(() => phone.epoch === 2);
  await show.setMode('contest');
  await phone.until(() => phone.state?.mode === 'contest');
  expect(await phone.buy()).toMatchObject({
    lanes: {
      safe: { status: 'allocated' },
      eventual: { status: 'allocated' },
      [FIXTURE]: { status: 'refused' },
    },
  });
});
