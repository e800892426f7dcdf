/** The life of a show is written in D1 and told to its rooms: whoever dies in between leaves no show that is over by half. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { endShow } from '#server/storage/retention.ts';
import { renewPresenter } from '#server/storage/shows.ts';
import { without } from './support/faulty-database.ts';
import { exportLog } from './support/log.ts';
import { TestSite } from './support/site.ts';

const SKUS = ['one', 'two', 'three'];
const site = new TestSite();

const openShow = () => site.openShow({ skus: SKUS.map((id) => ({ id, capacity: 10 })) });
const roomOf = ({ show }: LoginResult, skuId = 'one') => env.ROOM.getByName(roomName(show, skuId));

/** As if the room's process had died: memory is gone, what was to be done later too. */
async function kill(presenter: LoginResult): Promise<void> {
  for (const skuId of SKUS) {
    await runInDurableObject(roomOf(presenter, skuId), (_room, state) => state.abort('killed')).catch(
      () => undefined,
    );
  }
}

/** What each room's log ends with, after its alarm where it has one that is due. */
async function endings(presenter: LoginResult): Promise<(string | undefined)[]> {
  const logs = await Promise.all(SKUS.map((skuId) => exportLog(site, presenter.token, skuId)));
  return logs.map(({ events }) => events.findLast(({ kind }) => kind === 'closed')?.kind);
}

const sells = async (token: string) => {
  const said = await Promise.all(
    SKUS.map((skuId) => site.call('/api/demo/allocate', { token, body: { skuId } })),
  );
  return said.map(({ status }) => status);
};
const ALL_CLOSED = SKUS.map(() => 'closed');

it('ends everywhere when the Worker died after D1 had ended the show', async () => {
  const presenter = await openShow();
  const guest = await site.join(presenter.show);
  await roomOf(presenter).watchEnd();
  await endShow(env.DB, presenter.show, Date.now());
  await kill(presenter);
  await runDurableObjectAlarm(roomOf(presenter));
  await expect.poll(() => endings(presenter)).toEqual(ALL_CLOSED);
  expect(await sells(guest.token)).toEqual([410, 410, 410]);
});

it('ends everywhere when it died after some of the rooms had been told', async () => {
  const presenter = await openShow();
  await roomOf(presenter).watchEnd();
  await endShow(env.DB, presenter.show, Date.now());
  await roomOf(presenter, 'two').close('presenter');
  await kill(presenter);
  // The next call of anybody wakes the room that knows.
  await site.call('/api/demo/state?skuId=one', { token: presenter.token });
  await expect.poll(() => endings(presenter)).toEqual(ALL_CLOSED);
});

it('goes on everywhere when it died before D1 had ended the show, and can be ended then', async () => {
  const presenter = await openShow();
  const guest = await site.join(presenter.show);
  await roomOf(presenter).watchEnd();
  await kill(presenter);
  await runDurableObjectAlarm(roomOf(presenter));
  expect(await sells(guest.token)).toEqual([200, 200, 200]);
  expect((await site.call('/api/auth/end', { method: 'POST', token: presenter.token })).status).toBe(200);
  expect(await endings({ ...presenter, token: guest.token })).toEqual(ALL_CLOSED);
  const left = await runInDurableObject(roomOf(presenter), (_room, { storage }) =>
    storage.sql.exec("SELECT 1 FROM facts WHERE name = 'endWatched'").toArray(),
  );
  expect(left, 'no intent is left').toEqual([]);
});

it('lives as long as D1 says when it died after D1 had lengthened the show', async () => {
  const presenter = await openShow();
  const { show, sessionId, token } = presenter;
  const expiresAt = presenter.expiresAt + 60_000;
  await roomOf(presenter).watchEnd();
  await renewPresenter(env.DB, { show, sessionId, expiresAt });
  await kill(presenter);
  await runDurableObjectAlarm(roomOf(presenter));
  const ends = async () => {
    const told = SKUS.map((id) => site.call<RoomState>(`/api/demo/state?skuId=${id}`, { token }));
    return (await Promise.all(told)).map(({ data }) => data.closesAt);
  };
  await expect.poll(ends).toEqual(SKUS.map(() => expiresAt));
});

it('goes on looking while D1 does not answer, and no more than a minute', async () => {
  const presenter = await openShow();
  const guest = await site.join(presenter.show);
  const watched = () =>
    runInDurableObject(
      roomOf(presenter),
      (_room, { storage }) =>
        storage.sql.exec("SELECT 1 FROM facts WHERE name = 'endWatched'").toArray().length,
    );
  await roomOf(presenter).watchEnd();
  await endShow(env.DB, presenter.show, Date.now());
  await kill(presenter);
  await without('shows', () => runDurableObjectAlarm(roomOf(presenter)));
  expect(await watched()).toBe(1);
  await kill(presenter);
  await runDurableObjectAlarm(roomOf(presenter));
  await expect.poll(() => endings({ ...presenter, token: guest.token })).toEqual(ALL_CLOSED);
  expect(await watched()).toBe(0);

  const other = await openShow();
  await roomOf(other).watchEnd();
  await runInDurableObject(roomOf(other), (_room, { storage }) => {
    storage.sql.exec("UPDATE facts SET value = CAST(value - 60000 AS TEXT) WHERE name = 'endWatched'");
  });
  await kill(other);
  await runDurableObjectAlarm(roomOf(other));
  const left = () =>
    runInDurableObject(roomOf(other), (_room, { storage }) =>
      storage.sql.exec("SELECT 1 FROM facts WHERE name = 'endWatched'").toArray(),
    );
  await expect.poll(left).toEqual([]);
});
