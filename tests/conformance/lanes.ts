/** What every lane promises, whatever it is made of; and what the eventual lane does not promise, and breaks. */
import { describe, expect, it } from 'vitest';
import type { LaneId, LaneResult } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import type { DownOf } from '#lib/protocol/down.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** What each of some lanes promises, in a show of it and of the pair. */
export function eachLaneScenarios(host: Host, lanes: readonly LaneId[]): void {
  describe.each(lanes)('the %s lane', (lane) => {
    const ofShow = [...new Set([...PAIR, lane])];
    const resultOf = (answer: DownOf<'ack'> | DownOf<'nack'>): Partial<LaneResult> =>
      answer.t === 'ack' ? (answer.lanes[lane] ?? {}) : { code: answer.code };
    const open = (capacity = 100) => Scene.open(host, { capacity, lanes: ofShow }, lane);

    it('does an op once, however often it comes at the same moment, on the socket and over HTTP', async () => {
      const scene = await open();
      const { person, phone } = await scene.guest();
      const op = `a${crypto.randomUUID().slice(1)}`;
      const [tapped, ...called] = await Promise.all([
        phone.buy({ op, units: 2 }),
        ...[op, op.toUpperCase(), op].map((key) => scene.order(person, { units: 2 }, key)),
      ]);
      expect(tapped.t).toBe('ack');
      for (const { status } of called) expect([200, 202]).toContain(status);
      expect(called.map(({ data }) => data.opId)).toEqual([op, op.toUpperCase(), op]);
      await scene.settled(() => scene.lane(lane).ops === 1);
      const final = await scene.order(person, { units: 2 }, op);
      const acks = phone.of('ack');
      expect(resultOf(acks.at(-1)!)).toMatchObject({ status: 'allocated', units: 2 });
      expect(final.data.lanes[lane]).toEqual(acks.at(-1)?.lanes[lane]);
      expect(scene.lane(lane)).toMatchObject({ ops: 1, acknowledged: 2, stored: 2 });
    });

    it('gives an op all of its units or none, and sells the rest to whom it fits', async () => {
      const scene = await open(60);
      const phone = await scene.phone();
      const statuses = [];
      for (const units of [50, 11, 10, 1]) statuses.push(resultOf(await phone.buy({ units })).status);
      expect(statuses).toEqual(['allocated', 'refused', 'allocated', 'refused']);
      await scene.settled(() => scene.lane(lane).refused.OUT_OF_STOCK === 2);
      expect(scene.lane(lane)).toMatchObject({ acknowledged: 60, stored: 60, ops: 2, oversellDelta: 0 });
    });

    it('keeps nothing of a refusal: the op is decided anew when it comes again', async () => {
      const scene = await open(1);
      const [phone, other] = await scene.phones(2);
      await other!.buy();
      const op = crypto.randomUUID();
      expect(resultOf(await phone!.buy({ op }))).toMatchObject({ status: 'refused', code: 'OUT_OF_STOCK' });
      await scene.reset();
      await phone!.until(() => phone!.epoch === 2);
      expect(resultOf(await phone!.buy({ op }))).toMatchObject({ status: 'allocated' });
    });

    it('shows a phone that comes back what it holds, also of a tap that was answered while it was gone', async () => {
      const scene = await open();
      const { person, phone } = await scene.guest();
      const op = crypto.randomUUID();
      phone.send({ t: 'allocate', op, units: 3, epoch: 1 });
      phone.close();
      await scene.settled(() => scene.lane(lane).ops === 1);
      const back = await scene.show.connect(person);
      const held = { op, lane, units: 3, seq: expect.any(Number) as number, fate: 'kept', holders: 1 };
      expect(back.welcome.you.holdings).toEqual([held]);
      expect((await scene.state(person)).holdings).toEqual(back.welcome.you.holdings);
      expect((await scene.state()).holdings).toEqual([]);
      expect(resultOf(await back.buy({ op, units: 3 }))).toMatchObject({
        status: 'allocated',
        seq: held.seq,
      });
    });

    it('answers every socket of a person', async () => {
      const scene = await open();
      const { person, phone } = await scene.guest();
      const tablet = await scene.show.connect(person);
      const op = crypto.randomUUID();
      phone.send({ t: 'allocate', op, epoch: 1 });
      expect(await tablet.answerTo(op)).toEqual(await phone.answerTo(op));
    });

    it('counts what it did, so that the audit finds every figure again', async () => {
      const scene = await open(40);
      const { requested, allocated, refused, byCode } = await scene.rush(60);
      expect([requested, allocated + refused]).toEqual([60, 60]);
      const soldOut = byCode.OUT_OF_STOCK ?? 0;
      await scene.settled(
        () => scene.lane(lane).ops === allocated && (scene.lane(lane).refused.OUT_OF_STOCK ?? 0) === soldOut,
      );
      const counters = scene.lane(lane);
      expect(counters.acknowledged).toBe(allocated);
      expect(counters.lostUnits).toBe(counters.acknowledged - counters.stored);
      expect(counters.oversellDelta).toBe(Math.max(0, allocated - 40));
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('has one unit for the first, and none for the second', async () => {
      const scene = await open(1);
      const phone = await scene.phone();
      expect(resultOf(await phone.buy())).toMatchObject({ status: 'allocated' });
      expect(resultOf(await phone.buy())).toMatchObject({ status: 'refused', code: 'OUT_OF_STOCK' });
      expect(resultOf(await phone.buy({ units: 50 }))).toMatchObject({ status: 'refused' });
      await scene.settled(() => scene.lane(lane).refused.OUT_OF_STOCK === 2);
      expect(scene.lane(lane)).toMatchObject({ acknowledged: 1, oversellDelta: 0 });
    });

    it('starts again at nothing after a reset, and sells all of its stock once more', async () => {
      const scene = await open(2);
      const phone = await scene.phone();
      for (let epoch = 1; epoch <= 2; epoch++) {
        const statuses = [];
        for (let tap = 0; tap < 3; tap++) statuses.push(resultOf(await phone.buy()).status);
        expect(statuses).toEqual(['allocated', 'allocated', 'refused']);
        if (epoch === 1) await scene.reset();
        await phone.until(() => phone.epoch === 2);
      }
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('does not touch the other lane', async () => {
      const scene = await open(5);
      await scene.rush(5);
      await scene.settled(() => scene.lane(lane).ops > 0);
      const other = ofShow.find((id) => id !== lane) ?? lane;
      expect(scene.lane(other)).toMatchObject({ ops: 0, acknowledged: 0, stored: 0, refused: {} });
    });
  });
}

/** Scenarios of allocations. */
export function laneScenarios(host: Host): void {
  eachLaneScenarios(host, host.lanes);

  describe('a crowd', () => {
    it('finds the safe lane’s stock held, and the eventual lane’s sold several times and miscounted', async () => {
      const scene = await Scene.open(host, { capacity: 20, unitPrice: 10 }, 'both');
      await scene.rush(60);
      await scene.settled(() => scene.lane('safe').refused.OUT_OF_STOCK === 40);
      const exact = { acknowledged: 20, stored: 20, oversellDelta: 0, lostUnits: 0, conflicts: 0 };
      expect(scene.lane('safe')).toMatchObject(exact);
      const { oversellDelta, lostUnits, acknowledged } = scene.lane('eventual');
      expect(oversellDelta).toBeGreaterThan(0);
      expect(lostUnits).toBeGreaterThan(0);
      const { events } = await scene.log();
      const oversold = ofKind(events, 'oversold').map(({ body }) => body.delta);
      expect(oversold).toEqual([...oversold].sort((a, b) => a - b));
      expect(oversold.at(-1)).toBe(oversellDelta);
      expect(ofKind(events, 'lost').length - ofKind(events, 'restored').length).toBe(lostUnits);
      expect(acknowledged).toBe(20 + oversellDelta);
      expect((await scene.state()).ledger.exposureUsd).toBe(10 * oversellDelta);
    });
  });

  describe('an op in mode both', () => {
    it('hears from the safe lane when it is known, and of both when the other is', async () => {
      const scene = await Scene.open(host, { capacity: 3, config: { raceWindowMs: 300 } });
      const phone = await scene.phone();
      await phone.buy({ units: 3 });
      await scene.setMode('both');
      await phone.until(() => phone.state?.mode === 'both');
      const op = crypto.randomUUID();
      const complete = await phone.buy({ op });
      const [first, second, ...more] = phone.of('ack').filter((ack) => ack.op === op);
      expect(first?.lanes).toMatchObject({
        safe: { status: 'refused', code: 'OUT_OF_STOCK' },
        eventual: { status: 'pending' },
      });
      expect(second).toEqual(complete);
      expect(second?.lanes).toMatchObject({ safe: first?.lanes.safe, eventual: { status: 'allocated' } });
      expect(more).toEqual([]);
      expect(await phone.buy({ op })).toEqual(complete);
      await scene.settled(() => scene.lane('eventual').ops === 1);
      expect(scene.lane('safe')).toMatchObject({ ops: 1, acknowledged: 3 });
    });

    it('over HTTP is answered once, when every lane has answered', async () => {
      const scene = await Scene.open(host, {}, 'both');
      const { status, data } = await scene.order(scene.presenter);
      expect(status).toBe(200);
      expect(Object.values(data.lanes).map((lane) => lane.status)).toEqual(['allocated', 'allocated']);
    });
  });

  describe('two who read the same shelf', () => {
    it('are both promised the unit; who was overwritten hears it with the whole duel, and both hear who else holds it', async () => {
      const scene = await Scene.open(host, { config: { raceWindowMs: 2_000 } }, 'eventual');
      const guests = [await scene.guest(), await scene.guest()];
      const ops = guests.map(() => `b${crypto.randomUUID().slice(1)}`.toUpperCase());
      await Promise.all(guests.map(({ phone }, index) => phone.buy({ op: ops[index]! })));
      await scene.settled(() => scene.lane('eventual').ops === 2);
      expect(scene.lane('eventual')).toMatchObject({
        acknowledged: 2,
        stored: 1,
        lostUnits: 1,
        conflicts: 1,
      });
      const { events } = await scene.log();
      const [first, winner] = ofKind(events, 'allocated').map(({ body }) => body);
      const [lost] = ofKind(events, 'lost').map(({ body }) => body);
      expect(lost).toMatchObject({ op: first?.op, by: winner?.op, parentVersion: 0, version: 2 });
      const loser = guests.findIndex(({ person }) => person.label === first?.who);
      const { person, phone } = guests[loser]!;
      await phone.until(() => phone.of('fate').length > 0 && phone.of('claim').length > 0);
      const both = { units: 1, parentVersion: 0, readAllocated: 0, wroteAllocated: 1 };
      const duel = {
        erased: { ...both, who: person.label, version: 1 },
        by: { ...both, who: winner?.who, version: 2 },
        storedBefore: 1,
      };
      const fate = {
        t: 'fate',
        op: ops[loser],
        lane: 'eventual',
        fate: 'lost',
        by: winner?.who,
        units: 1,
        duel,
      };
      expect(phone.of('fate')).toEqual([fate]);
      const other = guests[1 - loser]!.phone;
      await other.until(() => other.of('claim').length > 0);
      expect(other.of('fate')).toEqual([]);
      expect(other.of('claim').at(-1)).toEqual({
        t: 'claim',
        op: ops[1 - loser],
        lane: 'eventual',
        holders: 2,
      });
      const { welcome } = await scene.show.connect(person);
      const held = { op: ops[loser], fate: 'lost', by: winner?.who, duel, holders: 2 };
      expect(welcome.you.holdings).toMatchObject([held]);
    });
  });
}
