/** The ledger: what is metered multiplies to what is told, and only taps are multiplied by the load. */
import { describe, expect, it } from 'vitest';
import { METERS } from '#lib/domain/prices.ts';
import type { Host } from './host.ts';
import { ofKind, Scene } from './show.ts';

/** Largest error of sums of decimal USD here; inside they are whole pico-USD. */
const DIGITS = 10;

/** Scenarios of money. */
export function moneyScenarios(host: Host): void {
  describe('the ledger', () => {
    it('has a line for each meter that moved, which multiply and add up to its sums', async () => {
      const scene = await Scene.open(host, {}, 'both');
      await scene.rush(10);
      await scene.settled(() => scene.lane('safe').ops === 10);
      const { ledger } = await scene.state();
      const meters = ledger.lines.map(({ meter }) => meter);
      expect(meters).toContain('do.rowWritten');
      expect(meters).toContain('d1.rowWritten');
      expect(METERS).toEqual(expect.arrayContaining(meters));
      let sum = 0;
      for (const { quantity, unitUsd, usd } of ledger.lines) {
        expect(quantity).toBeGreaterThan(0);
        expect(usd).toBeCloseTo(quantity * unitUsd, DIGITS);
        sum += usd;
      }
      expect(ledger.platformUsd).toBeCloseTo(sum, DIGITS);
      const { virtualUsd, tapsUsd = 0, loadFactor, exposureUsd } = ledger;
      expect(virtualUsd).toBeCloseTo(tapsUsd * loadFactor + exposureUsd, 4);
      expect(ledger).toMatchObject({ realUsd: 0, limitUsd: 0, locked: false });
    });

    it('is told with the quantities behind it, which multiply by the prices of the opening', async () => {
      const scene = await Scene.open(host, {}, 'both');
      await scene.rush(10);
      await scene.stage.until(() =>
        ofKind(scene.stage.events, 'cost').some(({ body }) => body.taps?.['d1.rowWritten']),
      );
      const { events } = await scene.log();
      const prices = ofKind(events, 'opened')[0]!.body.prices;
      const costs = ofKind(events, 'cost');
      expect(costs.length).toBeGreaterThan(0);
      for (const { body } of costs) {
        const usd = (counts: Partial<Record<string, number>> = {}) =>
          Object.entries(counts).reduce(
            (sum, [meter, quantity]) => sum + (quantity ?? 0) * prices[meter as keyof typeof prices],
            0,
          );
        expect(body.platformUsd).toBeCloseTo(usd(body.meters), DIGITS);
        expect(body.tapsUsd).toBeCloseTo(usd(body.taps), DIGITS);
      }
      expect(await scene.failedChecks()).toEqual([]);
    });

    it('multiplies taps alone: joining, looking, presenting and what is refused at the door cost no shopper', async () => {
      const scene = await Scene.open(host);
      const [phone] = await scene.phones(3);
      scene.stage.send({ t: 'control', step: 2 });
      expect(await phone!.buy({ epoch: 0 })).toMatchObject({ code: 'STALE_EPOCH' });
      await scene.stage.until(() => ofKind(scene.stage.events, 'cost').length > 0);
      const before = (await scene.state()).ledger;
      expect(before.platformUsd).toBeGreaterThan(0);
      expect(before).toMatchObject({ tapsUsd: 0, virtualUsd: 0 });
      await phone!.buy();
      const { ledger } = await scene.state();
      expect(ledger.tapsUsd).toBeGreaterThan(0);
      expect(ledger.virtualUsd).toBeGreaterThan(0);
    });

    it('starts at zero with a reset, and is told before it', async () => {
      const scene = await Scene.open(host, {}, 'both');
      await scene.rush(50);
      const before = (await scene.state()).ledger.tapsUsd ?? 0;
      await scene.reset();
      const after = (await scene.state()).ledger.tapsUsd ?? 0;
      // What is still stored and sent of the old epoch's taps counts in the new one: a row or two.
      expect(after).toBeLessThan(before / 4);
      const { events } = await scene.log();
      const line = ofKind(events, 'reset')[0]!.seq;
      expect(events[line - 2]).toMatchObject({ kind: 'cost', epoch: 1 });
    });
  });
}
