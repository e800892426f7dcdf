/** Round trips that phones report: only what an allocated op can have taken counts, once, on the lane that it was on. */
import { describe, expect, it } from 'vitest';
import type { RoomClient } from './client.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** Scenarios of latency. */
export function latencyScenarios(host: Host): void {
  const report = (phone: RoomClient, op: string, lanes: { safe?: number; eventual?: number }) =>
    phone.send({ t: 'seen', seq: phone.seq, rtt: { op, lanes } });

  const bought = async (phone: RoomClient): Promise<string> => {
    const op = crypto.randomUUID();
    await phone.buy({ op });
    return op;
  };

  /** Waits for a frame from after everything that phones have said. */
  const heard = async ({ stage }: Scene) => {
    const step = 1 + ((stage.state?.step ?? 1) % 6);
    stage.send({ t: 'control', step });
    await stage.until(() => stage.state?.step === step);
  };

  describe('a reported round trip', () => {
    it('counts in the histogram of its own lane, and is told in the log', async () => {
      const scene = await Scene.open(host, { config: { raceWindowMs: 50 } }, 'both');
      const phone = await scene.phone();
      const none = { n: 0, p50: null, p95: null, p99: null };
      expect(phone.state?.lanes.safe?.latency).toEqual(none);
      const op = await bought(phone);
      await scene.settled(() => scene.lane('eventual').ops === 1);
      report(phone, op, { safe: 1, eventual: 500_000 });
      report(phone, op, { safe: 1 });
      await scene.stage.until(() => scene.lane('safe').latency.n === 1);
      // Minutes are longer than this phone is known: that one is left out, and counted as left out.
      expect(scene.lane('eventual').latency).toMatchObject({ n: 0, left: 1 });
      expect(Math.abs((scene.lane('safe').latency.p50 ?? 0) - 1)).toBeLessThanOrEqual(0.05);
      await scene.stage.until(() => ofKind(scene.stage.events, 'latency').length > 0);
      const [told] = ofKind(scene.stage.events, 'latency');
      expect(told?.body).toMatchObject({ lanes: { safe: { n: 1 }, eventual: { n: 0, left: 1 } }, phones: 1 });
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('counts once, for its owner, and for an op that was allocated', async () => {
      const scene = await Scene.open(host, { capacity: 1 });
      const [phone, other] = await scene.phones(2);
      const op = await bought(phone!);
      const refused = await bought(phone!);
      report(other!, op, { safe: 1 });
      report(phone!, refused, { safe: 1 });
      report(phone!, crypto.randomUUID(), { safe: 1 });
      expect((await other!.buy()).t).toBe('ack');
      expect((await scene.state()).lanes.safe?.latency.n).toBe(0);
      report(phone!, op, { safe: 1 });
      report(phone!, op, { safe: 2 });
      await scene.stage.until(() => scene.lane('safe').latency.n === 1);
      await heard(scene);
      expect(scene.lane('safe').latency).toMatchObject({ n: 1 });
      expect(scene.lane('safe').latency.left).toBeUndefined();
    });

    it('shorter than the room’s own part of it is left out', async () => {
      const scene = await Scene.open(host, { config: { raceWindowMs: 300 } }, 'eventual');
      const phone = await scene.phone();
      report(phone, await bought(phone), { eventual: 5 });
      await scene.stage.until(() => scene.lane('eventual').latency.left === 1);
      expect(scene.lane('eventual').latency.n).toBe(0);
    });

    it('of an older client is that of the op before, on the lane that answered last', async () => {
      const scene = await Scene.open(host, { config: { raceWindowMs: 50 } }, 'both');
      const phone = await scene.phone();
      await phone.buy({ rttMs: 60 });
      await phone.buy({ rttMs: 60 });
      await scene.settled(() => scene.lane('eventual').ops === 2);
      await heard(scene);
      const counted = [scene.lane('safe'), scene.lane('eventual')].map(({ latency }) => latency);
      expect(counted.map(({ n, left = 0 }) => n + left)).toEqual([0, 1]);
    });
  });
}
