import { describe, expect, test } from 'vitest';
import { CalledRoom, closingOf } from '#lib/client/called-room.ts';
import type { Holding } from '#lib/domain/room-state.ts';
import type { LaneResults } from '#lib/domain/lane.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import { failed, stateAnswer } from './support/called.ts';
import { allocated, held } from './support/fake-room.ts';
import { meta } from './support/mock-meta.ts';

const NOW = 1_790_000_000_000;

function called(holdings: Holding[] = []) {
  const room = new CalledRoom({ id: 'me', label: 'amber-otter' });
  return { room, first: room.welcome(stateAnswer({}, holdings), NOW) };
}

function done(lanes: LaneResults, epoch = 1) {
  const data: AllocateResult = {
    opId: 'a',
    skuId: 'ticket',
    epoch,
    mode: 'safe',
    lanes,
    unitsAvailable: 1,
    totalAllocated: 1,
    oversellDelta: 0,
    lostUnits: 0,
  };
  return { ok: true as const, data, meta: meta() };
}

describe('a room that is called', () => {
  test('greets as on a socket, with what its phone holds, and goes on in frames without a gap', () => {
    const { room, first } = called([held('a')]);
    expect(first).toMatchObject({
      t: 'welcome',
      you: { id: 'me', label: 'amber-otter', role: 'participant', holdings: [held('a')] },
      epoch: 1,
      seq: 10,
      recovered: false,
      now: NOW,
    });
    expect(first).not.toHaveProperty('state.holdings');
    expect(room.news(stateAnswer({ seq: 14 }, [held('a')]), NOW + 2_000, 10)).toMatchObject([
      { t: 'frame', epoch: 1, from: 11, seq: 14, events: [], omitted: 4, now: NOW + 2_000 },
    ]);
    expect(room.news(stateAnswer({ seq: 14 }, [held('a')]), NOW, 14)).toMatchObject([
      { t: 'frame', from: 15, seq: 14, omitted: 0 },
    ]);
  });

  test('says nothing by an answer that is older than what is known', () => {
    const { room } = called();
    expect(room.news(stateAnswer({ seq: 10 }, [held('a')]), NOW, 12)).toEqual([]);
  });

  test('speaks the version of its lanes, so that an old page finds out that it is old', () => {
    expect(called().first).toMatchObject({ v: 1 });
  });

  test('tells what it sold whose answer never came, once', () => {
    const { room } = called();
    const state = stateAnswer({ seq: 11 }, [held('a')]);
    expect(room.news(state, NOW, 10)[1]).toEqual({
      t: 'ack',
      op: 'a',
      epoch: 1,
      lanes: allocated('safe', 11),
    });
    expect(room.news(state, NOW, 11)).toHaveLength(1);
    expect(room.answered('a', done(allocated('safe', 11)))).toEqual({
      t: 'ack',
      op: 'a',
      epoch: 1,
      lanes: {},
    });
  });

  test('gives a receipt also for what it greeted with, once its order is asked about again', () => {
    const { room } = called([held('a')]);
    expect(room.news(stateAnswer({}, [held('a')]), NOW, 10)).toHaveLength(1);
    expect(room.answered('a', done(allocated()))).toMatchObject({ lanes: allocated() });
    expect(room.answered('a', done(allocated()))).toMatchObject({ lanes: {} });
  });

  test('tells of a sale by its answer, and by the state no second time', () => {
    const { room } = called();
    const lanes = { ...allocated('safe', 11), eventual: { status: 'pending' as const, units: 1 } };
    expect(room.answered('a', done(lanes))).toEqual({ t: 'ack', op: 'a', epoch: 1, lanes });
    const slower = held('a', { lane: 'eventual', seq: 13 });
    expect(room.news(stateAnswer({ seq: 13 }, [held('a'), slower]), NOW, 10).slice(1)).toEqual([
      { t: 'ack', op: 'a', epoch: 1, lanes: allocated('eventual', 13) },
    ]);
  });

  test('tells fates and claims when they change: lost by whom, back again, shared with how many', () => {
    const { room } = called([held('a', { lane: 'eventual' })]);
    const next = (change: Partial<Holding>) =>
      room.news(stateAnswer({}, [held('a', { lane: 'eventual', ...change })]), NOW, 10).slice(1);
    const lost = { fate: 'lost' as const, by: 'blue-fox' };
    expect(next(lost)).toEqual([{ t: 'fate', op: 'a', lane: 'eventual', units: 1, ...lost }]);
    expect(next(lost)).toEqual([]);
    expect(next({ ...lost, by: 'red-hare' })).toMatchObject([{ fate: 'lost', by: 'red-hare' }]);
    expect(next({})).toEqual([{ t: 'fate', op: 'a', lane: 'eventual', fate: 'restored', units: 1 }]);
    expect(next({ holders: 3 })).toEqual([{ t: 'claim', op: 'a', lane: 'eventual', holders: 3 }]);
    expect(next({ holders: 3 })).toEqual([]);
  });

  test('begins anew with the next epoch', () => {
    const { room } = called([held('a')]);
    const reset = stateAnswer({ epoch: 2, seq: 12 }, [held('a', { seq: 12 })]);
    expect(room.news(reset, NOW, 10)).toMatchObject([
      { t: 'frame', epoch: 2 },
      { t: 'ack', op: 'a', epoch: 2 },
    ]);
  });
});

describe('the answer to an order', () => {
  test.each([
    ['no answer', failed('OFFLINE', 0)],
    ['a page of a Wi-Fi', failed('NOT_UNDERSTOOD', 200)],
    ['a proxy that does not reach the show', failed('NOT_UNDERSTOOD', 502)],
    ['a server that failed, perhaps after the room had done it', failed('STORAGE_UNAVAILABLE', 500)],
    ['a session that is over', failed('EXPIRED_SESSION', 401)],
  ])('is none where it is %s: the op stays open', (_what, answer) => {
    expect(called().room.answered('a', answer)).toBeNull();
  });

  test('is a refusal where the room refuses: with its code and its pause', () => {
    const { room } = called();
    expect(room.answered('a', failed('OUT_OF_STOCK', 409))).toEqual({
      t: 'nack',
      op: 'a',
      code: 'OUT_OF_STOCK',
      message: 'No.',
    });
    expect(room.answered('a', failed('BUSY', 503, 250))).toMatchObject({ code: 'BUSY', retryAfterMs: 250 });
  });
});

test('a call says by its code what a socket is closed with', () => {
  const codes = (['EXPIRED_SESSION', 'UNAUTHORIZED', 'FORBIDDEN', 'UNKNOWN_SHOW', 'SHOW_ENDED'] as const).map(
    (code) => closingOf(failed(code, 400))?.code,
  );
  expect(codes).toEqual([4401, 4401, 4403, 4404, 4410]);
  for (const code of ['OFFLINE', 'NOT_UNDERSTOOD', 'RATE_LIMITED', 'STORAGE_UNAVAILABLE'] as const)
    expect(closingOf(failed(code, 503))).toBeNull();
});
