/** The lanes of a show are those that its login named; a mode that needs others is refused, and changes nothing. */
import { describe, expect, it } from 'vitest';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import type { LanesResult } from '#lib/protocol/http.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const SHOWS: [lanes: readonly LaneId[] | undefined, has: readonly LaneId[], hasNot: readonly Mode[]][] = [
  [undefined, ['safe', 'eventual'], ['contest']],
  [['eventual', 'safe'], ['eventual', 'safe'], ['contest']],
  [['safe'], ['safe'], ['eventual', 'both', 'contest']],
  [['eventual'], ['eventual'], ['safe', 'both', 'contest']],
];

describe.each(SHOWS)('a show whose login names %j', (lanes, has, hasNot) => {
  const open = () => TestShow.open({ capacity: 5 }, has[0], {}, lanes);

  it('has these lanes wherever something stands by lane, and begins on the first', async () => {
    const show = await open();
    const { site, presenter, stage } = show;
    expect(Object.keys(stage.state?.lanes ?? {})).toEqual(has);
    expect(stage.welcome).toMatchObject({ v: 1, state: { mode: has[0] } });
    const bought = await (await show.phone()).buy();
    expect(bought).toMatchObject({ t: 'ack', lanes: { [has[0]!]: { status: 'allocated' } } });
    await show.settled();
    expect(await show.failedChecks()).toEqual([]);
    const { header, events } = await exportLog(site, presenter.token);
    expect(header).toMatchObject({ protocolVersion: 1 });
    expect(events[0]).toMatchObject({ kind: 'opened', body: { lanes: has, mode: has[0] } });
    const asked = { token: presenter.token };
    const { data } = await site.call(`/api/demo/summary?show=${presenter.show}`, asked);
    const { rooms } = data as { rooms: { epochs: { lanes: object }[] }[] };
    expect(rooms.map(({ epochs }) => Object.keys(epochs[0]?.lanes ?? {}))).toEqual([has]);
  });

  it.each(hasNot)('cannot be in mode %s, by whichever way it is asked for', async (mode) => {
    const show = await open();
    const { site, presenter, stage } = show;
    const { seq } = stage;
    const phone = await show.phone();
    expect(await phone.buy({ mode })).toMatchObject({ t: 'nack', code: 'INVALID_MODE' });
    stage.send({ t: 'control', mode, step: 3 });
    await stage.until(() => stage.messages.some((said) => said.t === 'nack' && said.code === 'INVALID_MODE'));
    const calls = [
      ['/api/demo/allocate', {}],
      ['/api/demo/rush', { count: 3 }],
      ['/api/demo/control', { step: 3 }],
    ] as const;
    for (const [path, more] of calls) {
      const body = { skuId: 'ticket', mode, ...more };
      const { status, error } = await site.call(path, { token: presenter.token, body });
      expect([path, status, error?.code]).toEqual([path, 400, 'INVALID_MODE']);
    }
    const { data } = await site.call('/api/demo/state?skuId=ticket', { token: presenter.token });
    expect(data).toMatchObject({ mode: has[0], step: 1 });
    const { events } = await exportLog(site, presenter.token);
    expect(events.slice(seq).filter(({ kind }) => kind !== 'cost')).toEqual([]);
  });
});

it('goes on with its lanes after the room has slept, and after a reset', async () => {
  const show = await TestShow.open({ capacity: 5 }, 'eventual', {}, ['eventual']);
  const phone = await show.phone();
  await phone.buy();
  await show.sleep();
  await phone.buy();
  await show.settled(() => show.stage.state?.lanes.eventual?.ops === 2);
  await show.reset();
  await phone.until(() => phone.epoch === 2);
  expect(await phone.buy()).toMatchObject({ lanes: { eventual: { status: 'allocated' } } });
  await show.settled();
  expect(Object.keys(show.stage.state?.lanes ?? {})).toEqual(['eventual']);
  expect(await show.failedChecks()).toEqual([]);
});

it('is asked nothing about a lane that it does not have', async () => {
  const { stage } = await TestShow.open({}, 'safe', {}, ['safe']);
  stage.send({ t: 'ask', action: 'open', question: 'eventual-lost' });
  await stage.until(() => stage.messages.some((said) => said.t === 'nack'));
  expect(stage.messages.find((said) => said.t === 'nack')).toMatchObject({ code: 'INVALID_REQUEST' });
  expect(stage.state?.guess).toBeUndefined();
});

describe('a site', () => {
  it('says to anybody which lanes it can open, and how to connect those that it cannot', async () => {
    const { site } = await TestShow.open();
    const { status, data } = await site.call<LanesResult>('/api/demo/lanes');
    expect([status, data.lanes.map(({ id }) => id)]).toEqual([200, LANE_IDS]);
    const [safe, eventual, ...others] = data.lanes;
    expect(safe).toEqual({
      id: 'safe',
      engine: { name: 'Durable Objects', label: 'REAL ENGINE' },
      distances: [0],
    });
    expect(eventual).toMatchObject({ engine: { name: 'D1', label: 'REAL ENGINE' } });
    for (const { engine, distances, how } of others) {
      expect([engine.label, distances]).toEqual(['NOT CONNECTED', [0]]);
      expect(how).toMatch(/[A-Z]+_[A-Z]+/);
    }
  });

  it('opens no show on a lane that it is not connected with, and says how to connect it', async () => {
    const { site } = await TestShow.open();
    const lanes = ['safe', 'postgres-blind', 'postgres-conditional', 'redis-lock'];
    const { status, error } = await site.call('/api/auth/login', { body: { lanes } });
    expect([status, error?.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(error?.message).toBe(
      'lanes: This site is not connected with PostgreSQL, so not with postgres-blind, postgres-conditional. ' +
        'Start with --engines, or set POSTGRES_URL.',
    );
  });
});
