/** What a presenter does to a room: mode and step, the crowd, the drill; and that one room's drama stays in it. */
import { describe, expect, it } from 'vitest';
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { control, guardrail } from '#lib/room/presenting.ts';
import { TestClient } from './support/client.ts';
import { inRoom } from './support/inner-room.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';
import { freshAddress, TestSite } from './support/site.ts';

const ofKind = <K extends RoomEvent['kind']>(events: readonly RoomEvent[], kind: K) =>
  events.filter((event): event is EventOf<K> => event.kind === kind);

describe('a rush', () => {
  it('does not use up the tokens of anybody else', async () => {
    const show = await TestShow.open({ capacity: 1_000 });
    const phone = await show.phone();
    await show.rush(300);
    expect((await phone.buy()).t).toBe('ack');
  });
});

describe('the drill', () => {
  it('is told its own reports, and not those of one a moment before it', async () => {
    const show = await TestShow.open();
    const { stage } = show;
    const drills = () => ofKind(stage.events, 'drill').map(({ seq }) => seq);
    for (const [index, ms] of [11, 22].entries()) {
      stage.send({ t: 'drill', kind: 'sleep' });
      await stage.until(() => drills().length > index);
      stage.send({ t: 'recovered', drill: drills()[index] ?? 0, waitedMs: 0, ms, missing: 0 });
    }
    const told = () => ofKind(stage.events, 'recovered').map(({ body }) => [body.drill, body.clients[0]?.ms]);
    await stage.until(() => told().length > 0);
    expect(told()).toEqual([[drills()[1], 22]]);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('that lets the room sleep says who is left and how many lives it has had', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    await show.sleep();
    show.stage.send({ t: 'drill', kind: 'sleep' });
    await show.stage.until(() => ofKind(show.stage.events, 'drill').length > 0);
    const [told] = ofKind(show.stage.events, 'drill');
    expect(told?.body).toEqual({ kind: 'sleep', by: show.presenter.label, sockets: 2, wakes: 2 });
    expect(phone.closed).toBeNull();
    expect((await phone.buy()).t).toBe('ack');
  });
});

describe('a show with five SKUs', () => {
  it("keeps each room's drama in that room", async () => {
    const site = new TestSite({ GUARDRAIL_ACTION: 'block' });
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const presenter = await site.openShow({ skus: ids.map((id) => ({ id, capacity: 5 })) });
    const { token } = presenter;
    const stages = await Promise.all(ids.map((id) => TestClient.connect(site, presenter, null, id)));
    const [loud, ...others] = stages as [TestClient, ...TestClient[]];
    const quiet = others.map(({ state, seq }) => ({ seq, lanes: state?.lanes, mode: state?.mode }));
    const post = (path: string, body: object) =>
      site.call(`/api/demo/${path}`, { token, body: { skuId: 'a', ...body }, ip: freshAddress() });
    await post('control', { mode: 'both', step: 5 });
    await post('rush', { count: 30 });
    await post('guardrail', { action: 'trip' });
    await post('allocate', {});
    await post('reset', {});
    await loud.until(() => loud.epoch === 2);
    loud.send({ t: 'drill', kind: 'drop' });
    await loud.until(() => loud.closed !== null);
    for (const [index, stage] of others.entries()) {
      const { data } = await site.call<FullRoomState>(`/api/demo/state?skuId=${ids[index + 1]}`, { token });
      expect({ ...data, guardrail: data.guardrail.tripped }).toMatchObject({
        epoch: 1,
        step: 1,
        guardrail: false,
      });
      expect(data.lanes).toEqual(quiet[index]?.lanes);
      expect(data.mode).toBe(quiet[index]?.mode);
      expect(stage.closed).toBeNull();
      expect(stage.events.filter(({ kind }) => kind !== 'cost' && kind !== 'opened')).toEqual([]);
      stage.send({ t: 'allocate', op: crypto.randomUUID(), epoch: 1 });
      await stage.until(() => stage.state?.lanes.safe?.ops === 1);
    }
  });
});

describe('a word that comes with the transaction that ends the show', () => {
  it('changes nothing any more', async () => {
    await inRoom({ mode: 'safe' }, async ({ room }) => {
      await room.commits.ask((tx) => {
        tx.append({ kind: 'closed', body: { by: 'presenter' } });
        control(tx, 'host', { mode: 'both', step: 5 }, room.ports.lanes);
        guardrail(tx, 'trip');
      });
      expect(room.memory.facts).toMatchObject({ mode: 'safe', step: 1, closed: 'presenter' });
      expect(room.memory.facts.guardrail.tripped).toBe(false);
    });
  });
});

describe('a product whose name has line ends of other readers', () => {
  it('has a log that holds, and in whose file nothing but line feeds ends a line', async () => {
    const show = await TestShow.open({ name: 'one\u2028two\u0085three' });
    const { lines, header } = await exportLog(show.site, show.presenter.token);
    expect(lines.join('')).not.toMatch(/[\u0085\u2028]/);
    expect(header['sku']).toMatchObject({ name: 'one\u2028two\u0085three' });
  });
});
