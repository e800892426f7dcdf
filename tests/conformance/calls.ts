/** Calls over HTTP: who may make them, what is wrong with them first, and what they answer. */
import { describe, expect, it } from 'vitest';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { MeResult } from '#lib/protocol/http.ts';
import type { Answered, Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** Scenarios of calls. */
export function callScenarios(host: Host): void {
  const codeOf = ({ status, error }: Answered) => [status, error?.code];

  describe('a call', () => {
    it('is answered in the envelope, with the figures of its room', async () => {
      const scene = await Scene.open(host);
      const good = await scene.call('/api/demo/state?skuId=ticket');
      expect(good.status).toBe(200);
      const bad = await scene.call('/api/demo/state?skuId=none');
      expect(bad).toMatchObject({ status: 400, error: { code: 'INVALID_SKU' } });
      for (const { meta } of [good, bad]) {
        const keys = ['guardrailTriggered', 'ledger', 'requestId', 'timestamp', 'virtualCosts'];
        expect(Object.keys(meta).sort()).toEqual(keys);
        expect(meta.virtualCosts).toBe(meta.ledger.virtualUsd);
      }
      expect(good.meta.ledger.lines.length).toBeGreaterThan(0);
      expect(bad.meta.ledger).toMatchObject({ platformUsd: 0, lines: [] });
      expect(codeOf(await scene.call('/api/none'))).toEqual([404, 'NOT_FOUND']);
    });

    it('needs a session, and a presenter’s where it changes the room, before anything else is looked at', async () => {
      const scene = await Scene.open(host);
      const person = await scene.show.join();
      for (const path of ['control', 'guardrail', 'rush', 'reset']) {
        const asked = { body: '{' };
        expect(codeOf(await scene.show.call(null, `/api/demo/${path}`, asked))).toEqual([
          401,
          'UNAUTHORIZED',
        ]);
        expect(codeOf(await scene.show.call(person, `/api/demo/${path}`, asked))).toEqual([403, 'FORBIDDEN']);
        expect(codeOf(await scene.call(`/api/demo/${path}`, asked))).toEqual([400, 'INVALID_JSON']);
      }
      for (const path of ['state', 'audit']) {
        const address = `/api/demo/${path}?skuId=ticket`;
        expect(codeOf(await scene.show.call(null, address))).toEqual([401, 'UNAUTHORIZED']);
        expect((await scene.show.call(person, address)).status).toBe(200);
      }
    });

    it.each([
      ['control', { skuId: 'none', mode: 'x' }, 'INVALID_MODE'],
      ['control', { skuId: 'none', mode: 'safe' }, 'INVALID_SKU'],
      ['control', { skuId: 5 }, 'INVALID_SKU'],
      ['control', { skuId: 'ticket', step: 7 }, 'INVALID_REQUEST'],
      ['control', [], 'INVALID_REQUEST'],
      ['guardrail', { skuId: 'ticket', action: 'burn' }, 'INVALID_REQUEST'],
      ['rush', { skuId: 'ticket', count: 501 }, 'INVALID_REQUEST'],
      ['rush', { skuId: 'ticket', count: 5, units: 51 }, 'INVALID_UNITS'],
      ['allocate', { skuId: 'ticket', units: 0 }, 'INVALID_UNITS'],
      ['allocate', { skuId: 'ticket', mode: 'x' }, 'INVALID_MODE'],
      ['allocate', { skuId: 'none' }, 'INVALID_SKU'],
      ['reset', { skuId: 'none' }, 'INVALID_SKU'],
    ])(
      'to %s with %j is refused by the code of what is wrong, and changes nothing',
      async (path, body, code) => {
        const scene = await Scene.open(host);
        const { seq } = (await scene.log()).last;
        const answer = await scene.call(`/api/demo/${path}`, { body });
        expect(codeOf(answer)).toEqual([400, code]);
        const { events } = await scene.log();
        expect(events.slice(seq).filter(({ kind }) => kind !== 'cost')).toEqual([]);
      },
    );

    it('with a key that is no UUID is refused, an empty one too, and nothing happens', async () => {
      const scene = await Scene.open(host);
      for (const key of ['', 'hello']) {
        for (const [path, body] of [
          ['allocate', { skuId: 'ticket' }],
          ['reset', {}],
        ] as const) {
          expect(codeOf(await scene.call(`/api/demo/${path}`, { body, key }))).toEqual([
            400,
            'INVALID_REQUEST',
          ]);
        }
      }
      expect(await scene.state()).toMatchObject({ epoch: 1, lanes: { safe: { ops: 0 } } });
    });
  });

  describe('an order', () => {
    it('is answered with the lane’s result and figures, and by its own key with the first answer', async () => {
      const scene = await Scene.open(host, { capacity: 3 });
      const person = await scene.show.join();
      const key = crypto.randomUUID();
      const first = await scene.order(person, { units: 2 }, key);
      expect(first.status).toBe(200);
      const figures = { unitsAvailable: 1, totalAllocated: 2, oversellDelta: 0, lostUnits: 0 };
      const seq = expect.any(Number) as number;
      const lanes = { safe: { status: 'allocated', units: 2, seq } };
      expect(first.data).toEqual({ opId: key, skuId: 'ticket', epoch: 1, mode: 'safe', lanes, ...figures });
      expect((await scene.order(person, { units: 2 }, key)).data).toEqual(first.data);
      expect(codeOf(await scene.order(person, { units: 3 }, key))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
      expect(codeOf(await scene.order(person, { units: 2 }))).toEqual([409, 'OUT_OF_STOCK']);
      const last = await scene.order(person);
      expect(last.data).toMatchObject({ unitsAvailable: 0, totalAllocated: 3 });
      expect(last.data.opId).not.toBe(key);
    });

    it('of a participant is for the room’s mode; a presenter may name another', async () => {
      const scene = await Scene.open(host);
      const person = await scene.show.join();
      expect(codeOf(await scene.order(person, { mode: 'both' }))).toEqual([409, 'MODE_MISMATCH']);
      expect((await scene.order(person, { mode: 'safe' })).status).toBe(200);
      const { data } = await scene.order(scene.presenter, { mode: 'both' });
      expect(data).toMatchObject({ mode: 'both', totalAllocated: 2 });
      expect(Object.keys(data.lanes)).toEqual(['safe', 'eventual']);
    });
  });

  describe('what anybody in the show can read', () => {
    it('is who they are, the state with what they hold, the audit, and the log', async () => {
      const scene = await Scene.open(host, {}, 'both');
      const { person, phone } = await scene.guest();
      await phone.buy({ units: 2 });
      await scene.settled(() => scene.lane('eventual').ops === 1);
      const { data: me } = await scene.show.call<MeResult>(person, '/api/auth/me');
      const { sessionId, role, show, label } = person;
      expect(me).toMatchObject({ sessionId, role, show, label });
      expect(me.stored === null).toBe(host.isSimulated);
      const { holdings, ledger } = await scene.state(person);
      expect(holdings.map(({ lane, units, fate }) => [lane, units, fate])).toEqual([
        ['safe', 2, 'kept'],
        ['eventual', 2, 'kept'],
      ]);
      expect(ledger.lines.length).toBeGreaterThan(0);
      const { data } = await scene.show.call<AuditResult>(person, '/api/demo/audit?skuId=ticket');
      expect(data.ok).toBe(true);
      for (const check of data.checks) {
        expect(Object.keys(check).sort()).toEqual(['expected', 'found', 'name', 'ok']);
      }
      const { header, events } = await scene.log(person);
      expect(header).toMatchObject({
        format: 'revenue-guard-log',
        formatVersion: 1,
        protocolVersion: 1,
        show,
        sku: { id: 'ticket' },
      });
      expect(header['simulated']).toBe(host.isSimulated ? true : undefined);
      expect(ofKind(events, 'opened')[0]?.body).toMatchObject({ mode: 'safe', lanes: ['safe', 'eventual'] });
    });

    it('is until when they are in, which a presenter’s renewal moves for everybody', async () => {
      const scene = await Scene.open(host);
      const person = await scene.show.join();
      const { closesAt } = scene.stage.state!;
      await scene.show.pass(5);
      const renew = (who: typeof person) =>
        scene.show.call<{ expiresAt: number }>(who, '/api/auth/renew', { body: {} });
      const own = await renew(person);
      expect(own.data.expiresAt).toBeLessThanOrEqual(closesAt);
      expect((await scene.state()).closesAt).toBe(closesAt);
      const { data } = await renew(scene.presenter);
      expect(data.expiresAt).toBeGreaterThan(closesAt);
      await scene.stage.until(() => scene.stage.state?.closesAt === data.expiresAt);
    });
  });
}
