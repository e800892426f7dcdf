/** What a presenter does to a room: mode and step, the crowd, the drill; and that one room's drama stays in it. */
import { describe, expect, it } from 'vitest';
import type { EventOf, RoomEvent } from '#lib/domain/events.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { RushResult } from '#lib/protocol/http.ts';
import { control, guardrail } from '#lib/room/presenting.ts';
import { TestClient } from './support/client.ts';
import { inRoom } from './support/inner-room.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';
import { freshAddress, TestSite } from './support/site.ts';

const ofKind = <K extends RoomEvent['kind']>(events: readonly RoomEvent[], kind: K) =>
  events.filter((event): event is EventOf<K> => event.kind === kind);

describe('control', () => {
  it('switches mode and step once, tells by whom, and tells nothing twice', async () => {
    const show = await TestShow.open();
    const { token, label } = show.presenter;
    const body = { skuId: 'ticket', mode: 'both', step: 3 };
    const { data } = await show.site.call<FullRoomState>('/api/demo/control', { token, body });
    expect(data).toMatchObject({ mode: 'both', step: 3 });
    await show.site.call('/api/demo/control', { token, body });
    show.stage.send({ t: 'control', mode: 'both', step: 4 });
    await show.stage.until(() => show.stage.state?.step === 4);
    const { events } = await exportLog(show.site, token);
    expect(ofKind(events, 'mode').map((event) => event.body)).toEqual([{ mode: 'both', by: label }]);
    expect(ofKind(events, 'step').map((event) => event.body)).toEqual([
      { step: 3, by: label },
      { step: 4, by: label },
    ]);
  });

  it('lands a latecomer in the current mode and step', async () => {
    const show = await TestShow.open({}, 'eventual');
    show.stage.send({ t: 'control', step: 6 });
    await show.stage.until(() => show.stage.state?.step === 6);
    expect((await show.phone()).state).toMatchObject({ mode: 'eventual', step: 6 });
  });
});

describe('a rush', () => {
  it('of 500 on the eventual lane is settled to the last shopper, however busy the room is', async () => {
    const show = await TestShow.open({ capacity: 10_000 }, 'eventual');
    const { requested, allocated, refused, byCode } = await show.rush(500);
    expect(requested).toBe(500);
    expect(allocated + refused).toBe(500);
    expect(Object.values(byCode).reduce((sum, count) => sum + count, 0)).toBe(refused);
    expect(byCode).toEqual({});
    await show.settled(() => show.stage.state?.lanes.eventual?.ops === allocated);
    // It was busy: some were told to come again, and did.
    expect(show.stage.state?.lanes.eventual?.refused.BUSY).toBeGreaterThan(0);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('sends shoppers that are each their own, and says in every event that they are simulated', async () => {
    const show = await TestShow.open({ capacity: 300 });
    await Promise.all([show.rush(100), show.rush(100)]);
    const phone = await show.phone();
    await phone.buy();
    const { events } = await exportLog(show.site, show.presenter.token);
    const bought = ofKind(events, 'allocated');
    const simulated = bought.filter(({ body }) => body.sim);
    expect(simulated).toHaveLength(200);
    expect(new Set(simulated.map(({ body }) => body.who)).size).toBe(200);
    expect(simulated.every(({ body }) => body.who.startsWith('sim-'))).toBe(true);
    expect(bought.at(-1)?.body).not.toHaveProperty('sim');
  });

  it('takes units and a mode, and counts what became of each shopper', async () => {
    const show = await TestShow.open({ capacity: 100 });
    const result = await show.rush(5, { units: 30, mode: 'safe' });
    expect(result).toEqual({ requested: 5, allocated: 3, refused: 2, byCode: { OUT_OF_STOCK: 2 } });
    await show.stage.until(() => show.stage.state?.lanes.safe?.acknowledged === 90);
  });

  it('does not use up the tokens of anybody else', async () => {
    const show = await TestShow.open({ capacity: 1_000 });
    const phone = await show.phone();
    await show.rush(300);
    expect((await phone.buy()).t).toBe('ack');
  });

  it('is not for participants', async () => {
    const show = await TestShow.open();
    const { token } = await show.site.join(show.presenter.show);
    const body = { skuId: 'ticket', count: 5 };
    const { status, error } = await show.site.call<RushResult>('/api/demo/rush', { token, body });
    expect([status, error?.code]).toEqual([403, 'FORBIDDEN']);
  });
});

describe('the drill', () => {
  it('cuts every socket with 1012, is told, and everybody resumes with nothing missing', async () => {
    const show = await TestShow.open();
    const sessions = await Promise.all([1, 2, 3].map(() => show.site.join(show.presenter.show)));
    const phones = await Promise.all(sessions.map((session) => TestClient.connect(show.site, session)));
    await phones[0]?.buy();
    show.stage.send({ t: 'drill', kind: 'drop' });
    for (const client of [show.stage, ...phones]) await client.until(() => client.closed !== null);
    expect([show.stage, ...phones].map(({ closed }) => closed?.code)).toEqual([1012, 1012, 1012, 1012]);
    const back = await Promise.all(
      [show.presenter, ...sessions].map((session, index) => {
        const { epoch, seq } = [show.stage, ...phones][index] as TestClient;
        return TestClient.connect(show.site, session, { epoch, since: seq });
      }),
    );
    const { events } = await exportLog(show.site, show.presenter.token);
    for (const [index, client] of back.entries()) {
      const before = [show.stage, ...phones][index] as TestClient;
      expect(client.welcome.recovered).toBe(true);
      expect(client.welcome.events).toEqual(events.slice(before.seq, client.welcome.seq));
      const heard = [...before.events, ...client.events];
      expect(ofKind(heard, 'drill').map(({ body }) => body)).toEqual([
        { kind: 'drop', by: show.presenter.label, sockets: 4, wakes: 1 },
      ]);
    }
    expect(back[1]?.welcome.you.holdings).toHaveLength(1);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('tells once what each client measured of it, and nothing of a drill that never was', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    phone.send({ t: 'recovered', drill: 1, waitedMs: 1, ms: 1, missing: 0 });
    show.stage.send({ t: 'drill', kind: 'drop' });
    await phone.until(() => phone.closed !== null);
    const back = await TestClient.connect(show.site, session, { epoch: phone.epoch, since: phone.seq });
    const stage = await TestClient.connect(show.site, show.presenter);
    const drill = ofKind(back.welcome.events, 'drill')[0]?.seq ?? 0;
    const measured = { waitedMs: 412.5, ms: 31.25, missing: 0 };
    back.send({ t: 'recovered', drill, ...measured });
    back.send({ t: 'recovered', drill, ...measured, ms: 1 });
    await stage.until(() => ofKind(stage.events, 'recovered').length > 0);
    // Whatever is told after an answer was told: the second report would stand in the log by then.
    expect((await back.buy()).t).toBe('ack');
    const { events } = await exportLog(show.site, show.presenter.token);
    expect(ofKind(events, 'recovered').map(({ body }) => body)).toEqual([
      { drill, clients: [{ who: session.label, ...measured }] },
    ]);
    expect(await show.failedChecks()).toEqual([]);
  });

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

  it('does not end the show: taps are answered at once by whoever is back', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    show.stage.send({ t: 'drill', kind: 'drop' });
    await phone.until(() => phone.closed !== null);
    const back = await TestClient.connect(show.site, session);
    expect(await back.buy()).toMatchObject({ t: 'ack', lanes: { safe: { status: 'allocated' } } });
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
        control(tx, 'host', { mode: 'both', step: 5 });
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
