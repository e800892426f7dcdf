import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { ResetResult } from '#lib/protocol/http.ts';
import type { Asked } from './support/site.ts';
import { freshAddress, newShow } from './support/site.ts';

describe('a reset', () => {
  const skus = [{ id: 'a' }, { id: 'b' }];
  const reset = (body: object, ip: string, key?: string): Asked => ({
    body,
    ip,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });

  it('begins a new epoch in every room of the show, or in one', async () => {
    const { call } = await newShow({ skus });
    await call('/api/demo/allocate', { body: { skuId: 'a', units: 5 } });
    const all = await call<ResetResult>('/api/demo/reset', reset({}, freshAddress()));
    expect(all.data).toEqual({ epochs: { a: 2, b: 2 } });
    const one = await call<ResetResult>('/api/demo/reset', reset({ skuId: 'b' }, freshAddress()));
    expect(one.data).toEqual({ epochs: { b: 3 } });
    const { data } = await call<FullRoomState>('/api/demo/state?skuId=a');
    expect([data.epoch, data.lanes.safe?.acknowledged]).toEqual([2, 0]);
  });

  it('may be asked for again with its key, but with another only a minute later', async () => {
    const { call } = await newShow({ skus });
    const ip = freshAddress();
    const key = crypto.randomUUID();
    const first = await call<ResetResult>('/api/demo/reset', reset({}, ip, key));
    const again = await call<ResetResult>('/api/demo/reset', reset({}, ip, key));
    expect([again.status, again.data]).toEqual([200, first.data]);
    expect(again.meta.ledger.platformUsd).toBeGreaterThan(0);
    const reused = await call('/api/demo/reset', reset({ skuId: 'a' }, ip, key));
    expect([reused.status, reused.error?.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const other = await call('/api/demo/reset', reset({}, ip, crypto.randomUUID()));
    expect([other.status, other.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(other.error?.retryAfterMs).toBeGreaterThan(50_000);
    expect((await call<FullRoomState>('/api/demo/state?skuId=a')).data.epoch).toBe(2);
  });

  it('is charged for telling the limiter that it succeeded', async () => {
    const { call } = await newShow();
    await call('/api/demo/reset', reset({}, freshAddress()));
    // Its ledger begins with the reset. The charge and the limiter's part of it are one request each; so is every look.
    for (let looks = 1; ; looks += 1) {
      const { data } = await call<FullRoomState>('/api/demo/state?skuId=ticket');
      const requests = data.ledger.lines.find(({ meter }) => meter === 'do.request');
      if (requests?.quantity === looks + 2) break;
      expect(looks).toBeLessThan(20);
      await scheduler.wait(50);
    }
  });

  it('that fails counts nothing', async () => {
    const ip = freshAddress();
    const over = await newShow({ skus });
    await over.call('/api/auth/logout', { method: 'POST' });
    const refused = await over.call('/api/demo/reset', reset({}, ip));
    expect(refused.status).toBeGreaterThanOrEqual(400);
    const { call } = await newShow({ skus });
    expect((await call('/api/demo/reset', reset({}, ip))).status).toBe(200);
  });

  it('needs no body from a client with a token', async () => {
    const { call } = await newShow();
    const { data } = await call<ResetResult>('/api/demo/reset', { method: 'POST' });
    expect(data).toEqual({ epochs: { ticket: 2 } });
  });
});
