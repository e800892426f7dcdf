/** An idempotency key stands for what it first asked for, in every room of its show, whatever dies in between. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { AllocateResult, ResetResult } from '#lib/protocol/http.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { limiterName } from '#server/limiter.ts';
import { freshAddress, newShow } from './support/site.ts';
import type { Asked } from './support/site.ts';

const REUSED = [422, 'IDEMPOTENCY_KEY_REUSED'];
const skus = [{ id: 'a', capacity: 5 }, { id: 'b' }];
const keyed = (body: object, key: string): Asked => ({ body, headers: { 'idempotency-key': key } });

describe('a key that is no UUID', () => {
  it.each(['', ' ', 'hello'])('is refused, “%s” too, and nothing happens', async (key) => {
    const { asParticipant, call } = await newShow({ skus });
    for (const answer of [
      await asParticipant('/api/demo/allocate', keyed({ skuId: 'a' }, key)),
      await call('/api/demo/reset', keyed({}, key)),
    ])
      expect([answer.status, answer.error?.code]).toEqual([400, 'INVALID_REQUEST']);
    const { data } = await call<FullRoomState>('/api/demo/state?skuId=a');
    expect([data.epoch, data.lanes.safe?.acknowledged]).toEqual([1, 0]);
  });
});

describe("an order's key", () => {
  it('sells once in the whole show: the same key with another SKU is refused, in either case', async () => {
    const { asParticipant, call } = await newShow({ skus });
    const key = crypto.randomUUID();
    const buy = (skuId: string, spelling = key) =>
      asParticipant<AllocateResult>('/api/demo/allocate', keyed({ skuId }, spelling));
    const first = await buy('a');
    expect(first.status).toBe(200);
    for (const spelling of [key, key.toUpperCase()]) {
      const other = await buy('b', spelling);
      expect([other.status, other.error?.code]).toEqual(REUSED);
    }
    expect((await buy('a')).data).toEqual(first.data);
    const { data } = await call<FullRoomState>('/api/demo/state?skuId=b');
    expect(data.lanes.safe?.acknowledged).toBe(0);
  });

  it('sells once however many SKUs are asked with it at once', async () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
    const { asParticipant } = await newShow({ skus: many });
    const key = crypto.randomUUID();
    const answers = await Promise.all(
      many.map(({ id }) => asParticipant('/api/demo/allocate', keyed({ skuId: id }, key))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422]);
  });

  it("is its session's: in another room too it is nobody else's", async () => {
    const { asParticipant, call } = await newShow({ skus });
    const key = crypto.randomUUID();
    await asParticipant('/api/demo/allocate', keyed({ skuId: 'a' }, key));
    const other = await call('/api/demo/allocate', keyed({ skuId: 'b' }, key));
    expect([other.status, other.error?.code]).toEqual(REUSED);
  });

  it('asked again after everything was killed has the first answer', async () => {
    const { asParticipant, presenter } = await newShow({ skus });
    const key = crypto.randomUUID();
    const buy = (skuId: string) => asParticipant<AllocateResult>('/api/demo/allocate', keyed({ skuId }, key));
    const first = await buy('a');
    await runInDurableObject(env.ROOM.getByName(roomName(presenter.show, 'a')), (_, state) =>
      state.abort('killed'),
    ).catch(() => undefined);
    await evictDurableObject(env.LIMITER.getByName(limiterName('keys', presenter.show)));
    expect((await buy('a')).data).toEqual(first.data);
    expect((await buy('b')).error?.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('that was claimed by a request that died before its room was asked sells when it comes again', async () => {
    const { asParticipant, participant } = await newShow({ skus });
    const key = crypto.randomUUID();
    const keys = env.LIMITER.getByName(limiterName('keys', participant.show));
    await keys.claimKey({ key, owner: participant.sessionId, payload: 'allocate b' });
    expect((await asParticipant('/api/demo/allocate', keyed({ skuId: 'a' }, key))).status).toBe(422);
    expect((await asParticipant('/api/demo/allocate', keyed({ skuId: 'b' }, key))).status).toBe(200);
  });

  it('is claimed nowhere but in its room where a show sells one thing, or where none was sent', async () => {
    const one = await newShow();
    await one.asParticipant('/api/demo/allocate', keyed({ skuId: 'ticket' }, crypto.randomUUID()));
    const two = await newShow({ skus });
    await two.asParticipant('/api/demo/allocate', { body: { skuId: 'a' } });
    for (const { presenter } of [one, two]) {
      const keys = env.LIMITER.getByName(limiterName('keys', presenter.show));
      const tables = await runInDurableObject(keys, (_, { storage }) =>
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'keys'").toArray(),
      );
      expect(tables).toEqual([]);
    }
  });
});

describe("a reset's key", () => {
  it('with another body is refused, from whichever address it comes', async () => {
    const { call } = await newShow({ skus });
    const key = crypto.randomUUID();
    const reset = (body: object) =>
      call<ResetResult>('/api/demo/reset', { ...keyed(body, key), ip: freshAddress() });
    expect((await reset({ skuId: 'a' })).data).toEqual({ epochs: { a: 2 } });
    for (const body of [{ skuId: 'b' }, {}]) {
      const other = await reset(body);
      expect([other.status, other.error?.code]).toEqual(REUSED);
    }
    expect((await reset({ skuId: 'a' })).data).toEqual({ epochs: { a: 2 } });
    expect((await call<FullRoomState>('/api/demo/state?skuId=b')).data.epoch).toBe(1);
  });

  it('is no key of an order', async () => {
    const { call } = await newShow({ skus });
    const key = crypto.randomUUID();
    await call('/api/demo/reset', keyed({}, key));
    const order = await call('/api/demo/allocate', keyed({ skuId: 'a' }, key));
    expect([order.status, order.error?.code]).toEqual(REUSED);
  });
});
