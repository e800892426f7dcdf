/** A show that is opened at the door is held before anybody can come in, and is open whatever became of that. */
import { expect, test } from 'vitest';
import { offline } from '#lib/client/api.ts';
import { openShow } from '#lib/client/open-show.ts';
import type { PresenterApi } from '#lib/client/presenter-api.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { FakeTime } from './support/fake-time.ts';

const SKUS = ['ticket', 'hoodie'].map((id) => ({ id, name: id, capacity: 10, unitPrice: 5 }));
const store = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

/** An API whose control answers by the number of the try for a room, from 1. */
function door(
  answer: (skuId: string, tries: number) => Promise<unknown> = () => Promise.resolve({ ok: true }),
) {
  const asked: string[] = [];
  const logins: unknown[] = [];
  const data = { show: 'K7QM2P', sessionId: 's', label: 'presenter', skus: SKUS, expiresAt: 1, token: 't' };
  const api = {
    login: (body: unknown) => {
      logins.push(body);
      return Promise.resolve({ ok: true, data, meta: { timestamp: 0 } });
    },
    control: (change: { skuId: string; hold?: true }) => {
      expect(change).toEqual({ skuId: change.skuId, hold: true });
      asked.push(change.skuId);
      return answer(change.skuId, asked.filter((id) => id === change.skuId).length);
    },
  } as unknown as PresenterApi;
  const time = new FakeTime();
  const open = (lanes?: readonly LaneId[]) =>
    openShow({ api, show: { skus: SKUS, ...(lanes ? { lanes } : {}) }, store, later: time.later });
  return { asked, logins, open, time };
}

test('lanes are asked for only where some were chosen: a show without a choice is opened as ever', async () => {
  const { logins, open } = door();
  await open();
  await open(['safe', 'redis-script']);
  expect(logins).toEqual([
    { role: 'presenter', skus: SKUS },
    { role: 'presenter', skus: SKUS, lanes: ['safe', 'redis-script'] },
  ]);
});

test('every room is held before the show is said to be open', async () => {
  const { asked, open } = door(() => Promise.resolve({ ok: true }));
  expect(await open()).toMatchObject({ ok: true, identity: { show: 'K7QM2P' } });
  expect(asked).toEqual(['ticket', 'hoodie']);
});

test('a room that fails once is asked again, and one that goes on failing keeps nobody out', async () => {
  const { asked, open } = door((skuId, tries) =>
    Promise.resolve(skuId === 'ticket' && tries === 2 ? { ok: true } : offline()),
  );
  expect(await open()).toMatchObject({ ok: true });
  expect(asked.sort()).toEqual(['hoodie', 'hoodie', 'ticket', 'ticket']);
});

test('a room that never answers is not waited for', async () => {
  const { open, time } = door(() => new Promise(() => undefined));
  const opened = open();
  await new Promise((made) => setTimeout(made));
  time.pass(10_000);
  expect(await opened).toMatchObject({ ok: true });
});
