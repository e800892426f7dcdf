/** The stream: the welcome, frames without a gap, resuming, and who is counted. */
import { describe, expect, it } from 'vitest';
import { MAX_PARTICIPANT_EVENTS, MAX_RESUME_EVENTS } from '#lib/protocol/limits.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** Scenarios of the stream. */
export function streamScenarios(host: Host): void {
  describe('the welcome', () => {
    it('says who a client is, where its stream starts, and the whole state', async () => {
      const { presenter, show } = await Scene.open(host, { capacity: 7, unitPrice: 12.5 });
      const person = await show.join();
      const { welcome } = await show.connect(person);
      const { sessionId: id, label, role, show: code } = person;
      const room = `${code}.ticket`;
      expect(welcome).toMatchObject({ v: 1, room, epoch: 1, recovered: false, events: [] });
      expect(welcome.you).toEqual({ id, label, role, holdings: [] });
      expect(welcome.instance).not.toBe('');
      expect(welcome.wakes).toBe(1);
      expect(welcome.state).toMatchObject({ room, show: code, mode: 'safe', step: 1, seq: welcome.seq });
      expect(welcome.state.sku).toMatchObject({ id: 'ticket', capacity: 7, unitPrice: 12.5 });
      expect(welcome.state.ledger).not.toHaveProperty('lines');
      expect(welcome.state.closesAt).toBeGreaterThan(welcome.now);
      expect(presenter.label).not.toBe(label);
    });

    it('lands a latecomer in the current mode and step', async () => {
      const scene = await Scene.open(host, {}, 'eventual');
      scene.stage.send({ t: 'control', step: 6 });
      await scene.stage.until(() => scene.stage.state?.step === 6);
      expect((await scene.phone()).state).toMatchObject({ mode: 'eventual', step: 6 });
    });
  });

  describe('frames', () => {
    it('tell a stage every event, and a phone at most 16 each and how many it was not told', async () => {
      const scene = await Scene.open(host, { capacity: 500 });
      const phone = await scene.phone();
      await scene.rush(200);
      for (const client of [scene.stage, phone]) {
        await client.until(() => client.state?.lanes.safe?.ops === 200);
      }
      expect(Math.max(...phone.of('frame').map(({ events }) => events.length))).toBeLessThanOrEqual(
        MAX_PARTICIPANT_EVENTS,
      );
      expect(phone.of('frame').reduce((sum, { omitted }) => sum + omitted, 0)).toBeGreaterThan(100);
      expect(scene.stage.of('frame').every(({ omitted }) => omitted === 0)).toBe(true);
      const from = scene.stage.welcome.seq;
      const heard = [...scene.stage.events];
      const { events } = await scene.log();
      expect(heard).toEqual(events.slice(from, from + heard.length));
      for (const event of phone.events) expect(event).toEqual(events[event.seq - 1]);
    });

    it('carry the hash of their newest event', async () => {
      const scene = await Scene.open(host);
      const phone = await scene.phone();
      for (let tap = 0; tap < 3; tap++) await phone.buy();
      await phone.until(() => phone.state?.lanes.safe?.ops === 3);
      const { events, last } = await scene.log();
      expect(phone.of('frame').length).toBeGreaterThan(0);
      for (const { seq, head } of phone.of('frame')) expect(head).toBe(events[seq - 1]?.hash);
      expect(last).toEqual({ head: events.at(-1)?.hash, seq: events.length });
    });

    it('go on through guardrail, mode, step and reset: no socket is closed for them', async () => {
      const scene = await Scene.open(host, {}, 'both');
      const phone = await scene.phone();
      scene.stage.send({ t: 'guardrail', action: 'trip' });
      scene.stage.send({ t: 'control', mode: 'eventual', step: 3 });
      await phone.until(() => phone.state?.step === 3);
      await scene.reset();
      await phone.until(() => phone.epoch === 2);
      expect([phone.closed, scene.stage.closed]).toEqual([null, null]);
      expect((await phone.buy()).t).toBe('ack');
    });
  });

  describe('a client that comes back', () => {
    it('resumes with exactly what it missed, and with what it holds', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      await phone.buy();
      await phone.until(() => phone.state?.lanes.safe?.ops === 1);
      phone.close();
      await scene.rush(20);
      const { epoch, seq: since } = phone;
      const { welcome } = await scene.show.connect(person, { epoch, since });
      expect(welcome.recovered).toBe(true);
      const { events } = await scene.log();
      expect(welcome.events).toEqual(events.slice(since, welcome.seq));
      expect(ofKind(welcome.events, 'allocated').length).toBe(20);
      expect(welcome.you.holdings).toHaveLength(1);
    });

    it('is told that it cannot: another epoch, an event that is not there yet, or too many missed', async () => {
      const scene = await Scene.open(host, { capacity: 1_000 });
      const { person, phone } = await scene.guest();
      await scene.rush(MAX_RESUME_EVENTS + 10);
      await scene.stage.until(() => scene.lane('safe').ops === MAX_RESUME_EVENTS + 10);
      for (const resume of [
        { epoch: 7, since: 3 },
        { epoch: 1, since: 999_999 },
        { epoch: 1, since: phone.welcome.seq },
      ]) {
        const back = await scene.show.connect(person, resume);
        expect(back.welcome).toMatchObject({ recovered: false, events: [] });
        expect(back.state?.lanes.safe?.ops).toBe(MAX_RESUME_EVENTS + 10);
        back.close();
      }
      for (const behind of [1, 0, -1, -2]) {
        const since = scene.stage.seq - MAX_RESUME_EVENTS + behind;
        const back = await scene.show.connect(person, { epoch: 1, since });
        const missed = back.welcome.seq - since;
        const isNear = missed <= MAX_RESUME_EVENTS;
        expect([back.welcome.recovered, back.welcome.events.length]).toEqual([isNear, isNear ? missed : 0]);
        back.close();
      }
    });

    it('cannot resume over a reset, and holds nothing of the epoch before', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      await phone.buy();
      phone.close();
      await scene.reset();
      const { welcome } = await scene.show.connect(person, { epoch: phone.epoch, since: phone.seq });
      expect(welcome).toMatchObject({ recovered: false, epoch: 2, events: [], you: { holdings: [] } });
    });
  });

  describe('sockets', () => {
    it('are counted as people: a phone with two tabs is one, and each stage is one', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      const tab = await scene.show.connect(person);
      await scene.phone();
      await scene.stage.until(() => scene.stage.state?.people.phones === 2);
      expect(scene.stage.state?.people).toEqual({ phones: 2, stages: 1 });
      phone.close();
      await scene.show.connect(scene.presenter);
      await scene.stage.until(() => scene.stage.state?.people.stages === 2);
      expect(scene.stage.state?.people.phones).toBe(2);
      tab.close();
      await scene.stage.until(() => scene.stage.state?.people.phones === 1);
    });

    it('of one participant are four at most: the oldest is closed for a fifth', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      const others = [];
      for (let tab = 0; tab < 4; tab++) others.push(await scene.show.connect(person));
      await phone.until(() => phone.closed !== null);
      expect(phone.closed?.code).toBe(4429);
      const op = crypto.randomUUID();
      others[0]!.send({ t: 'allocate', op, epoch: 1 });
      for (const tab of others) expect(await tab.answerTo(op)).toMatchObject({ t: 'ack', op });
    });

    it('answer a ping', async () => {
      const phone = await (await Scene.open(host)).phone();
      phone.sendRaw('ping');
      await phone.until(() => phone.pongs === 1);
      expect(phone.of('nack')).toEqual([]);
    });
  });
}
