/** A reset is a barrier: every op is entirely before it, or refused STALE_EPOCH. */
import { describe, expect, it } from 'vitest';
import type { ResetResult } from '#lib/protocol/http.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

const WINDOW_MS = 60_000;

/** Scenarios of resets. */
export function resetScenarios(host: Host): void {
  const reset = (scene: Scene, key?: string, body: object = {}) =>
    scene.call<ResetResult>('/api/demo/reset', { body, ...(key === undefined ? {} : { key }) });

  describe('a reset', () => {
    it('begins a new epoch with every counter at zero, in one stream without a gap', async () => {
      const scene = await Scene.open(host, { capacity: 5 }, 'both');
      const phone = await scene.phone();
      for (let tap = 0; tap < 2; tap++) await phone.buy({ units: 4 });
      await scene.settled(() => scene.lane('safe').refused.OUT_OF_STOCK === 1);
      const { seq } = scene.stage;
      await scene.reset();
      await phone.until(() => phone.epoch === 2);
      const none = { acknowledged: 0, stored: 0, lostUnits: 0, oversellDelta: 0, ops: 0, inFlight: 0 };
      for (const client of [scene.stage, phone]) {
        expect(client.state).toMatchObject({ mode: 'both', epoch: 2, ledger: { exposureUsd: 0 } });
        for (const lane of ['safe', 'eventual'] as const) {
          expect(client.state?.lanes[lane]).toMatchObject({ ...none, conflicts: 0, refused: {} });
        }
      }
      expect(scene.stage.seq).toBeGreaterThan(seq);
      const [told] = ofKind(scene.stage.events, 'reset');
      const { label: by } = scene.presenter;
      expect(told).toMatchObject({ epoch: 2, body: { by, fromEpoch: 1, toEpoch: 2, realCarriedUsd: 0 } });
    });

    it('refuses taps that still name the old epoch, and takes those of the new one', async () => {
      const scene = await Scene.open(host, { capacity: 1 });
      const phone = await scene.phone();
      await phone.buy();
      await scene.reset();
      await phone.until(() => phone.epoch === 2);
      expect(await phone.buy({ epoch: 1 })).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
      expect(await phone.buy()).toMatchObject({ epoch: 2, lanes: { safe: { status: 'allocated' } } });
    });

    it('leaves what was in flight before it or refuses it, and the log says the same as the answers', async () => {
      const scene = await Scene.open(host, { config: { raceWindowMs: 1_000 } }, 'eventual');
      const phone = await scene.phone();
      const ops = Array.from({ length: 6 }, () => crypto.randomUUID());
      for (const op of ops) phone.send({ t: 'allocate', op, epoch: 1 });
      await scene.stage.until(() => scene.lane('eventual').inFlight > 0);
      await scene.reset();
      const outcomes = new Map<string, string>();
      for (const op of ops) {
        const answer = await phone.answerTo(op);
        const result = answer.t === 'ack' ? answer.lanes.eventual : { status: 'refused', code: answer.code };
        if (answer.t === 'ack') expect(answer.epoch).toBe(1);
        if (result?.status === 'refused') expect(result.code).toBe('STALE_EPOCH');
        outcomes.set(op, result?.status ?? '');
      }
      await phone.until(() => phone.epoch === 2);
      const { events } = await scene.log();
      const sold = ofKind(events, 'allocated');
      expect(sold.every(({ epoch }) => epoch === 1)).toBe(true);
      const allocated = ops.filter((op) => outcomes.get(op) === 'allocated');
      expect(sold.map(({ body }) => body.op).sort()).toEqual(allocated.sort());
      expect(scene.lane('eventual')).toMatchObject({ ops: 0, inFlight: 0 });
      expect((await phone.buy()).t).toBe('ack');
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('is done once per key, however it is asked and spelled, and otherwise once a minute', async () => {
      const scene = await Scene.open(host);
      const key = `d${crypto.randomUUID().slice(1)}`;
      const first = await reset(scene, key.toUpperCase());
      expect([first.status, first.data]).toEqual([200, { epochs: { ticket: 2 } }]);
      expect((await reset(scene, key)).data).toEqual({ epochs: { ticket: 2 } });
      expect((await reset(scene, key, { skuId: 'ticket' })).data).toEqual({ epochs: { ticket: 2 } });
      const second = await reset(scene, crypto.randomUUID());
      expect([second.status, second.error?.code]).toEqual([429, 'RATE_LIMITED']);
      expect(second.error?.retryAfterMs).toBeGreaterThan(0);
      expect(second.error?.retryAfterMs).toBeLessThanOrEqual(WINDOW_MS);
      // On the socket, too: the same key again changes nothing and is not refused, another one is.
      scene.stage.send({ t: 'reset', op: key });
      const op = crypto.randomUUID().toUpperCase();
      expect(await scene.stage.refusalOf({ t: 'reset', op })).toMatchObject({ code: 'RATE_LIMITED', op });
      expect(scene.stage.of('nack')).toHaveLength(1);
      const { events } = await scene.log();
      expect(ofKind(events, 'reset')).toHaveLength(1);
    });

    it('that was asked for on the socket has its answer over HTTP under the same key', async () => {
      const scene = await Scene.open(host);
      const key = crypto.randomUUID();
      await scene.reset(key);
      expect((await reset(scene, key)).data).toEqual({ epochs: { ticket: 2 } });
    });

    it('without a key is one of its own each time', async () => {
      const scene = await Scene.open(host);
      expect((await reset(scene)).data).toEqual({ epochs: { ticket: 2 } });
      expect((await reset(scene)).error?.code).toBe('RATE_LIMITED');
    });

    it('reaches every product of the show or the one that is named, and its key stands for that', async () => {
      const scene = await Scene.open(host, { skuIds: ['ticket', 'seat', 'box'] });
      const key = crypto.randomUUID();
      const { data } = await reset(scene, key, { skuId: 'seat' });
      expect(data).toEqual({ epochs: { seat: 2 } });
      const all = await reset(scene, key);
      expect([all.status, all.error?.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
      expect((await reset(scene, key, { skuId: 'none' })).error?.code).toBe('INVALID_SKU');
      const other = await Scene.open(host, { skuIds: ['ticket', 'seat'] });
      expect((await reset(other)).data).toEqual({ epochs: { ticket: 2, seat: 2 } });
    });
  });
}
