/** The end of a show: what is in flight settles first and is told, everybody leaves with 4410, and what can be asked afterwards. */
import { describe, expect, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

const OPS = 6;

/** Scenarios of the end, and of a session's end. */
export function endScenarios(host: Host): void {
  describe('a show that its presenter ends', () => {
    it('is over for everybody at once: sockets, purchases, new sockets', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      await phone.buy();
      await scene.show.end();
      for (const client of [phone, scene.stage]) {
        await client.until(() => client.closed !== null);
        expect(client.closed?.code).toBe(CLOSE.ended);
        expect(client.events.at(-1)).toMatchObject({ kind: 'closed', body: { by: 'presenter' } });
      }
      const { status, error } = await scene.order(person);
      expect([status, error?.code]).toEqual([410, 'SHOW_ENDED']);
      expect((await scene.show.connect(person)).closed?.code).toBe(CLOSE.ended);
    });

    it('settles first: nobody leaves before what was in flight is answered and told', async () => {
      const config = { raceWindowMs: 1_500 };
      const scene = await Scene.open(host, { capacity: 2, config }, 'eventual');
      const { person, phone } = await scene.guest();
      const ops = Array.from({ length: OPS }, () => crypto.randomUUID());
      for (const op of ops) phone.send({ t: 'allocate', op, epoch: 1 });
      await scene.stage.until(() => scene.lane('eventual').inFlight === OPS);
      await scene.show.end();
      await phone.until(() => ofKind(phone.events, 'closed').length > 0);
      // Nobody new comes in, and nothing new is admitted.
      expect((await scene.show.connect(person)).closed?.code).toBe(CLOSE.ended);
      expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'SHOW_ENDED' });
      expect(phone.closed, 'it waits for its answers').toBeNull();
      for (const client of [phone, scene.stage]) await client.until(() => client.closed !== null);
      for (const op of ops) {
        expect(await phone.answerTo(op)).toMatchObject({ lanes: { eventual: { status: 'allocated' } } });
      }
      const { events } = await scene.log(person);
      const { lanes, ledger, epoch } = await scene.state(person);
      for (const client of [phone, scene.stage]) {
        expect([client.closed?.code, client.seq]).toEqual([CLOSE.ended, events.at(-1)?.seq]);
        expect(client.state).toMatchObject({ lanes, epoch });
        expect(ledger).toMatchObject(client.state!.ledger);
        expect(client.state?.lanes.eventual).toMatchObject({ inFlight: 0, ops: OPS, oversellDelta: OPS - 2 });
      }
      expect(events.at(-1)?.kind, 'what it came to is told last').toBe('cost');
      expect(await scene.failedChecks(person)).toEqual([]);
    });

    it('does not deny an op that was admitted before it', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      const op = crypto.randomUUID();
      await phone.buy({ op });
      await scene.show.end();
      const again = await scene.order(person, {}, op);
      expect([again.status, again.error?.code]).toEqual([410, 'SHOW_ENDED']);
      expect(again.error?.message).toMatch(/admitted before its end/);
      expect((await scene.order(person)).error?.message).toMatch(/Nothing was bought/);
    });

    it('can still be read, with what everybody holds, and not be changed', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      const other = await scene.show.joinAgain();
      await phone.buy({ units: 3 });
      await scene.show.end();
      await phone.until(() => phone.closed !== null);
      const { holdings, lanes } = await scene.state(person);
      expect(holdings).toMatchObject([{ units: 3, lane: 'safe', fate: 'kept' }]);
      expect(lanes.safe).toMatchObject({ acknowledged: 3 });
      expect(await scene.failedChecks(person)).toEqual([]);
      const { seq } = (await scene.log(person)).last;
      for (const [path, body] of [
        ['control', { skuId: 'ticket', step: 3 }],
        ['guardrail', { skuId: 'ticket', action: 'trip' }],
        ['rush', { skuId: 'ticket', count: 3 }],
        ['reset', {}],
      ] as const) {
        const { status, error } = await scene.show.call(other, `/api/demo/${path}`, { body });
        expect([path, status, error?.code]).toEqual([path, 410, 'SHOW_ENDED']);
      }
      expect((await scene.log(person)).last.seq).toBe(seq);
    });
  });

  describe('a participant who logs out', () => {
    it('is signed out of sockets and calls, and nobody else is', async () => {
      const scene = await Scene.open(host);
      const { person, phone } = await scene.guest();
      const other = await scene.phone();
      const { data } = await scene.show.call(person, '/api/auth/logout', { body: {} });
      expect(data).toEqual({ loggedOut: true });
      await phone.until(() => phone.closed !== null);
      expect(phone.closed?.code).toBe(CLOSE.unauthorized);
      const { status, error } = await scene.order(person);
      expect([status, error?.code]).toEqual([401, 'UNAUTHORIZED']);
      expect((await scene.show.connect(person)).closed?.code).toBe(CLOSE.unauthorized);
      expect((await other.buy()).t).toBe('ack');
      await scene.stage.until(() => scene.stage.state?.people.phones === 1);
    });
  });
}
