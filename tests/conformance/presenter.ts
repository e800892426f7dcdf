/** What a presenter does to a room: mode and step, guardrail, crowd, drill, and what their screens say to one another. */
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { RushResult } from '#lib/protocol/http.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** Scenarios of what presenters do. */
export function presenterScenarios(host: Host): void {
  describe('control', () => {
    it('switches mode and step over HTTP and on the socket, tells by whom, and tells nothing twice', async () => {
      const scene = await Scene.open(host);
      const body = { skuId: 'ticket', mode: 'both', step: 3 };
      for (let time = 0; time < 2; time++) {
        const { data } = await scene.call<FullRoomState>('/api/demo/control', { body });
        expect(data).toMatchObject({ mode: 'both', step: 3 });
      }
      scene.stage.send({ t: 'control', mode: 'both', step: 4 });
      await scene.stage.until(() => scene.stage.state?.step === 4);
      const { label: by } = scene.presenter;
      const { events } = await scene.log();
      expect(ofKind(events, 'mode').map((event) => event.body)).toEqual([{ mode: 'both', by }]);
      expect(ofKind(events, 'step').map((event) => event.body)).toEqual([
        { step: 3, by },
        { step: 4, by },
      ]);
    });

    it('sets no lane further away that cannot be, and none that the show does not have', async () => {
      const scene = await Scene.open(host);
      const { seq } = scene.stage;
      const wrong = [
        { lane: 'eventual', ms: 20 },
        { lane: 'redis-script', ms: 20 },
        { lane: 'eventual', ms: 21 },
        { lane: 'nowhere', ms: 20 },
        { lane: 'eventual' },
        [],
      ];
      for (const distance of wrong) {
        const body = { skuId: 'ticket', step: 3, distance };
        const { status, error } = await scene.call('/api/demo/control', { body });
        expect([status, error?.code, error?.message]).toEqual([
          400,
          'INVALID_REQUEST',
          expect.stringContaining('distance'),
        ]);
      }
      scene.stage.send({ t: 'control', step: 3, distance: { lane: 'eventual', ms: 150 } });
      await scene.stage.until(() => scene.stage.of('nack').length > 0);
      expect(scene.stage.of('nack')).toMatchObject([
        {
          code: 'INVALID_REQUEST',
          message: 'distance: here the eventual lane can be 0 ms away. Nothing was changed.',
        },
      ]);
      // What is so already is no change.
      const body = { skuId: 'ticket', distance: { lane: 'eventual', ms: 0 } };
      expect((await scene.call<FullRoomState>('/api/demo/control', { body })).data.step).toBe(1);
      const { events } = await scene.log();
      expect(events.slice(seq).filter(({ kind }) => kind !== 'cost')).toEqual([]);
    });

    it('says of every lane what answers for its engine: imitations in a rehearsal', async () => {
      const scene = await Scene.open(host);
      const label = host.isSimulated ? 'EMULATOR' : 'REAL ENGINE';
      expect((await scene.state()).lanes).toMatchObject({
        safe: { engine: { name: 'Durable Objects', label, distanceMs: 0 } },
        eventual: { engine: { name: 'D1', label, distanceMs: 0 } },
      });
      expect(ofKind((await scene.log()).events, 'opened')[0]?.body).not.toHaveProperty('engines');
    });
  });

  describe('the guardrail', () => {
    const told = async (scene: Scene) =>
      ofKind((await scene.log()).events, 'guardrail').map(({ body, epoch }) => [body.state, body.by, epoch]);
    const act = (scene: Scene, action: string) =>
      scene.call<FullRoomState>('/api/demo/guardrail', { body: { skuId: 'ticket', action } });

    it('trips and clears by hand once, however often that is asked, and every answer says how it stands', async () => {
      const scene = await Scene.open(host);
      expect((await scene.order(scene.presenter)).meta.guardrailTriggered).toBe(false);
      expect((await act(scene, 'trip')).meta.guardrailTriggered).toBe(true);
      expect((await act(scene, 'trip')).data.guardrail).toMatchObject({ tripped: true, by: 'presenter' });
      expect((await scene.order(scene.presenter)).meta.guardrailTriggered).toBe(true);
      await scene.stage.until(() => scene.stage.state?.guardrail.tripped === true);
      for (let time = 0; time < 2; time++) scene.stage.send({ t: 'guardrail', action: 'clear' });
      await scene.stage.until(() => scene.stage.state?.guardrail.tripped === false);
      expect(scene.stage.state?.guardrail).toMatchObject({ by: null, atMs: null });
      expect(await told(scene)).toEqual([
        ['tripped', 'presenter', 1],
        ['cleared', 'presenter', 1],
      ]);
    });

    it('trips by the threshold once per crossing: sales go on, and only a reset lets it trip again', async () => {
      const scene = await Scene.open(host, { config: { virtualCostThreshold: 8, guardrailAction: 'warn' } });
      const buyUntilTripped = async () => {
        for (let tap = 0; tap < 60; tap++) {
          const { status, meta } = await scene.order(scene.presenter);
          expect(status).toBe(200);
          if (meta.guardrailTriggered) return meta.virtualCosts;
        }
        throw new Error('Sixty orders have not tripped it.');
      };
      expect(await buyUntilTripped()).toBeGreaterThanOrEqual(8);
      expect((await scene.order(scene.presenter)).status).toBe(200);
      await scene.stage.until(() => scene.stage.state?.guardrail.tripped === true);
      const state = { by: 'threshold', thresholdUsd: 8, action: 'warn' };
      expect(scene.stage.state?.guardrail).toMatchObject(state);
      await act(scene, 'clear');
      expect((await scene.order(scene.presenter)).meta.guardrailTriggered).toBe(false);
      await scene.reset();
      expect((await scene.order(scene.presenter)).meta.guardrailTriggered).toBe(false);
      await buyUntilTripped();
      expect(await told(scene)).toEqual([
        ['tripped', 'threshold', 1],
        ['cleared', 'presenter', 1],
        ['tripped', 'threshold', 2],
      ]);
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('that is set to block refuses allocations while it is tripped, and nothing else', async () => {
      const config = { virtualCostThreshold: 0, guardrailAction: 'block' } as const;
      const scene = await Scene.open(host, { config }, 'eventual');
      expect(scene.stage.state?.guardrail).toMatchObject({ tripped: true, by: 'threshold' });
      const phone = await scene.phone();
      expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'GUARDRAIL_BLOCKED' });
      const { status, error, meta } = await scene.order(scene.presenter);
      expect([status, error?.code, meta.guardrailTriggered]).toEqual([403, 'GUARDRAIL_BLOCKED', true]);
      await scene.setMode('both');
      await act(scene, 'clear');
      await phone.until(() => phone.state?.mode === 'both' && !phone.state.guardrail.tripped);
      expect((await phone.buy()).t).toBe('ack');
      await scene.settled(() => scene.lane('eventual').ops === 1);
      expect(phone.closed).toBeNull();
      expect(await scene.failedChecks()).toEqual([]);
    });
  });

  describe('a rush', () => {
    it('takes units and a mode other than the room’s, and counts what became of each shopper', async () => {
      const scene = await Scene.open(host, { capacity: 100 }, 'eventual');
      const result = await scene.rush(5, { units: 30, mode: 'safe' });
      expect(result).toEqual({ requested: 5, allocated: 3, refused: 2, byCode: { OUT_OF_STOCK: 2 } });
      await scene.stage.until(() => scene.lane('safe').acknowledged === 90);
      expect(scene.lane('eventual').ops).toBe(0);
    });

    it('on both lanes counts each lane’s answers by itself', async () => {
      const scene = await Scene.open(host, { capacity: 10 });
      const { allocated, lanes } = await scene.rush(15, { mode: 'both' });
      expect(lanes?.safe).toEqual({ allocated: 10, refused: 5, byCode: { OUT_OF_STOCK: 5 } });
      expect(lanes?.eventual?.allocated).toBeGreaterThan(0);
      expect(allocated).toBeGreaterThanOrEqual(10);
      await scene.settled(() => scene.lane('safe').ops === 10);
      expect(scene.lane('eventual').ops).toBe(lanes?.eventual?.allocated);
    });

    it('sends shoppers that are each their own, and says in every event that they are simulated', async () => {
      const scene = await Scene.open(host, { capacity: 300 });
      await Promise.all([scene.rush(100), scene.rush(100)]);
      expect((await (await scene.phone()).buy()).t).toBe('ack');
      const bought = ofKind((await scene.log()).events, 'allocated').map(({ body }) => body);
      const simulated = bought.filter(({ sim }) => sim);
      expect(simulated).toHaveLength(200);
      expect(new Set(simulated.map(({ who }) => who)).size).toBe(200);
      expect(simulated.every(({ who }) => who.startsWith('sim-'))).toBe(true);
      expect(bought.at(-1)).not.toHaveProperty('sim');
    });

    it('of 500 on the eventual lane is settled to the last shopper, however busy the room is', async () => {
      const scene = await Scene.open(host, { capacity: 10_000 }, 'eventual');
      const body = { skuId: 'ticket', count: 500 };
      const { data } = await scene.call<RushResult>('/api/demo/rush', { body });
      expect(data).toEqual({ requested: 500, allocated: 500, refused: 0, byCode: {} });
      await scene.settled(() => scene.lane('eventual').ops === 500);
      // It was busy: some were told to come again, and did.
      await scene.stage.until(() => (scene.lane('eventual').refused.BUSY ?? 0) > 0);
      expect(await scene.failedChecks()).toEqual([]);
    });
  });

  describe('the drill', () => {
    it('cuts every socket with 1012, is told, and everybody resumes with nothing missing', async () => {
      const scene = await Scene.open(host);
      const people = [scene.presenter, await scene.show.join(), await scene.show.join()];
      const clients = [scene.stage];
      for (const person of people.slice(1)) clients.push(await scene.show.connect(person));
      await clients[1]!.buy();
      scene.stage.send({ t: 'drill', kind: 'drop' });
      for (const client of clients) await client.until(() => client.closed !== null);
      expect(clients.map(({ closed }) => closed?.code)).toEqual(clients.map(() => CLOSE.comeBack));
      const back = [];
      for (const [index, { epoch, seq: since }] of clients.entries()) {
        back.push(await scene.show.connect(people[index]!, { epoch, since }));
      }
      const { events } = await scene.log();
      for (const [index, { welcome, events: told }] of back.entries()) {
        expect(welcome.recovered).toBe(true);
        expect(welcome.events).toEqual(events.slice(clients[index]!.seq, welcome.seq));
        expect(ofKind([...clients[index]!.events, ...told], 'drill').map(({ body }) => body)).toEqual([
          { kind: 'drop', by: scene.presenter.label, sockets: 3, wakes: 1 },
        ]);
      }
      expect(back[1]!.welcome.you.holdings).toHaveLength(1);
      expect((await back[2]!.buy()).t).toBe('ack');
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('tells once what each client measured of it, and nothing of a drill that never was', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      const measured = { waitedMs: 412.5, ms: 31.25, missing: 0 };
      phone.send({ t: 'recovered', drill: 1, ...measured });
      scene.stage.send({ t: 'drill', kind: 'drop' });
      await phone.until(() => phone.closed !== null);
      const back = await scene.show.connect(person, { epoch: phone.epoch, since: phone.seq });
      const stage = await scene.show.connect(scene.presenter);
      const drill = ofKind([...phone.events, ...back.events], 'drill')[0]?.seq ?? 0;
      back.send({ t: 'recovered', drill, ...measured });
      back.send({ t: 'recovered', drill, ...measured, ms: 1 });
      await stage.until(() => ofKind(stage.events, 'recovered').length > 0);
      expect((await back.buy()).t).toBe('ack');
      const { events } = await scene.log();
      expect(ofKind(events, 'recovered').map(({ body }) => body)).toEqual([
        { drill, clients: [{ who: person.label, ...measured }] },
      ]);
      expect(await scene.failedChecks()).toEqual([]);
    });

    it(`of a sleeping room is ${host.sleeps ? 'told' : 'refused, because none falls asleep'}`, async () => {
      const scene = await Scene.open(host);
      const sleep = { t: 'drill', kind: 'sleep' } as const;
      if (!host.sleeps) {
        expect((await scene.stage.refusalOf(sleep)).code).toBe('INVALID_REQUEST');
        return;
      }
      scene.stage.send(sleep);
      await scene.stage.until(() => ofKind(scene.stage.events, 'drill').length > 0);
      expect(scene.stage.closed).toBeNull();
    });
  });

  describe('a word between the presenter’s screens', () => {
    it('reaches every other screen of the presenter as it was said, and nobody else, and is no event', async () => {
      const scene = await Scene.open(host);
      const [remote, second] = [
        await scene.show.connect(scene.presenter),
        await scene.show.connect(scene.presenter),
      ];
      const phone = await scene.phone();
      const word = { t: 'stage', blank: true, code: 'full', sku: 'ticket' } as const;
      remote.send(word);
      for (const screen of [scene.stage, second]) {
        await screen.until(() => screen.of('stage').length > 0);
        expect(screen.of('stage')).toEqual([word]);
      }
      scene.stage.send({ t: 'stage', is: true, code: 'corner' });
      await remote.until(() => remote.of('stage').length > 0);
      expect(remote.of('stage')).toEqual([{ t: 'stage', is: true, code: 'corner' }]);
      expect((await remote.refusalOf('{"t":"stage","code":"huge"}')).code).toBe('INVALID_REQUEST');
      expect((await phone.buy()).t).toBe('ack');
      expect([phone.of('stage'), scene.stage.of('stage').length]).toEqual([[], 1]);
      const kinds = (await scene.log()).events.map(({ kind }) => kind).filter((kind) => kind !== 'cost');
      expect(kinds).toEqual(['opened', 'allocated']);
    });
  });

  describe('the audit on the stage', () => {
    it('follows what happens, holds, and is told to whoever presents later and to no phone', async () => {
      const scene = await Scene.open(host, {}, 'both');
      const { person, phone } = await scene.guest();
      await phone.buy();
      const settled = () => scene.stage.of('audit').find((report) => report.settled && report.seq > 3);
      await scene.stage.until(() => settled() !== undefined);
      for (const { checks } of scene.stage.of('audit')) {
        expect(checks.filter(({ ok }) => !ok)).toEqual([]);
        expect(checks.length).toBeGreaterThan(3);
      }
      const newcomer = await scene.show.connect(scene.presenter);
      await newcomer.until(() => newcomer.of('audit').length > 0);
      const again = await scene.show.connect(person);
      expect((await again.buy()).t).toBe('ack');
      expect([...phone.of('audit'), ...again.of('audit')]).toEqual([]);
    });
  });
}
