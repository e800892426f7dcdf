/** The eventual lane: it races for real, loses updates for real, and every figure of it can be recounted. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { LoginResult, RushResult } from '#lib/protocol/http.ts';
import { TestClient } from './support/client.ts';
import { TestSite } from './support/site.ts';

const site = new TestSite();

async function openShow(mode: 'eventual' | 'both', sku: { capacity?: number; unitPrice?: number } = {}) {
  const presenter = await site.openShow({ skus: [{ id: 'ticket', ...sku }] });
  const stage = await TestClient.connect(site, presenter);
  stage.send({ t: 'control', mode });
  await stage.until(() => stage.state?.mode === mode);
  return { presenter, stage };
}

async function audit({ token }: LoginResult): Promise<AuditResult> {
  const { data } = await site.call<AuditResult>('/api/demo/audit?skuId=ticket', { token });
  return data;
}

async function rush({ token }: LoginResult, count: number): Promise<RushResult> {
  const { data } = await site.call<RushResult>('/api/demo/rush', { token, body: { skuId: 'ticket', count } });
  return data;
}

describe('the eventual lane', () => {
  it('loses nothing and never oversells when shoppers come one after the other', async () => {
    const { presenter, stage } = await openShow('eventual', { capacity: 3 });
    const phone = await TestClient.connect(site, await site.join(presenter.show));
    const statuses = [];
    for (let tap = 0; tap < 4; tap++) {
      const answer = await phone.buy();
      statuses.push(answer.t === 'ack' ? answer.lanes.eventual?.status : answer.code);
    }
    expect(statuses).toEqual(['allocated', 'allocated', 'allocated', 'refused']);
    await stage.until(() => stage.state?.lanes.eventual?.refused.OUT_OF_STOCK === 1);
    expect(stage.state?.lanes.eventual).toMatchObject({
      acknowledged: 3,
      stored: 3,
      lostUnits: 0,
      oversellDelta: 0,
      conflicts: 0,
    });
  });

  it('loses updates and oversells when a crowd comes at once, and names every lost op', async () => {
    const { presenter, stage } = await openShow('eventual', { capacity: 20 });
    const result = await rush(presenter, 60);
    await stage.until(
      () =>
        stage.state?.lanes.eventual?.inFlight === 0 &&
        (stage.state.lanes.eventual?.ops ?? 0) >= result.allocated,
    );
    const lane = stage.state?.lanes.eventual;
    expect(lane?.lostUnits).toBeGreaterThan(0);
    expect(lane?.oversellDelta).toBeGreaterThan(0);
    const lost = new Set<string>();
    for (const event of stage.events) {
      if (event.kind === 'lost') lost.add(event.body.op);
      if (event.kind === 'restored') lost.delete(event.body.op);
    }
    expect(lost.size).toBe(lane?.lostUnits);
    const { results } = await env.DB.prepare('SELECT allocated FROM inventory WHERE show = ? AND epoch = 1')
      .bind(presenter.show)
      .all();
    expect(results).toEqual([{ allocated: lane?.stored }]);
    const { checks, ok } = await audit(presenter);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
  });

  it('runs beside the safe lane on the same taps', async () => {
    const { presenter, stage } = await openShow('both', { capacity: 10 });
    await rush(presenter, 30);
    await stage.until(() => stage.state?.lanes.safe?.refused.OUT_OF_STOCK === 20);
    expect(stage.state?.lanes.safe).toMatchObject({ acknowledged: 10, stored: 10, oversellDelta: 0 });
    expect(stage.state?.lanes.eventual?.oversellDelta).toBeGreaterThan(0);
    expect((await audit(presenter)).ok).toBe(true);
  });
});
