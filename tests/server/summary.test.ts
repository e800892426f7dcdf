/** The summary: what a show came to, for those who are in it while it lives, and for whoever has its code for a day. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import type { ShowSummary } from '#lib/summary/show-summary.ts';
import { without } from './support/faulty-database.ts';
import { TestShow } from './support/show.ts';
import { freshAddress, newShow, requestFor, TestSite } from './support/site.ts';

const site = new TestSite();
const pathOf = (show: string) => `/api/demo/summary?show=${show}`;
const read = (show: string, token?: string) => site.call<ShowSummary>(pathOf(show), { token });
const logOf = (show: string, sku = 'ticket') =>
  site.send(requestFor(`/api/demo/log?skuId=${sku}&show=${show}`, {}));
const logOut = (token: string) => site.call('/api/auth/logout', { method: 'POST', token });
const endedAgo = (show: string, ms: number) =>
  env.DB.prepare('UPDATE shows SET ended_at = ? WHERE code = ?')
    .bind(Date.now() - ms, show)
    .run();

/** Two runs: one oversold on the eventual lane, and after a reset some on the safe one. */
async function played() {
  const show = await TestShow.open({ capacity: 5, unitPrice: 20 }, 'eventual');
  const phones = await show.phones(2);
  await show.rush(30);
  await show.settled();
  await show.reset();
  await show.setMode('safe');
  await phones[0]!.buy();
  await show.rush(9);
  return show;
}

describe('the summary of a live show', () => {
  it('is what the room says, epoch by epoch, and read from its log', async () => {
    const show = await played();
    const { presenter } = show;
    // What is known of a running show may be a few seconds old: who has joined is counted at the door.
    const joined = async () => (await read(presenter.show, presenter.token)).data.joined;
    await expect.poll(joined, { timeout: 10_000, interval: 500 }).toBe(2);
    const { status, data } = await read(presenter.show, presenter.token);
    expect(status).toBe(200);
    const state = await site.call<RoomState>('/api/demo/state?skuId=ticket', presenter);
    expect(data).toMatchObject({ status: 'live', show: presenter.show, endedAtMs: null });
    const [room] = data.rooms;
    const [first, second] = room!.epochs;
    expect([first!.epoch, second!.epoch, room!.epochs.length]).toEqual([1, 2, 2]);
    expect(first!.lanes.eventual?.oversellDelta).toBeGreaterThan(0);
    expect(first!.exposureUsd).toBe(ofLane(first!.lanes, 'eventual').oversellDelta * 20);
    expect(first!.lanes.eventual?.lostUnits).toBe(
      ofLane(first!.lanes, 'eventual').losses - ofLane(first!.lanes, 'eventual').returns,
    );
    const { acknowledged, stored, ops, lostUnits } = ofLane(state.data.lanes, 'safe');
    expect(second!.lanes.safe).toMatchObject({ acknowledged, stored, ops, lostUnits, oversellDelta: 0 });
    expect(second!.lanes.safe).toMatchObject({ acknowledged: 5, refused: 5 });
    expect(room!.seq).toBeLessThanOrEqual(state.data.seq);
    expect(room).toMatchObject({ mostPhones: 2, inFlight: 0, closedBy: null });
    expect(room!.money).toMatchObject({ realUsd: 0, limitUsd: 0, locked: false });
  });

  it('goes on from what it was, and is the same when the room has slept and everybody is gone', async () => {
    const show = await played();
    const { presenter } = show;
    const before = (await read(presenter.show, presenter.token)).data;
    await show.phones(1);
    await show.settled(() => show.stage.state?.people.phones === 3);
    await show.setMode('eventual');
    // Nobody is left to be counted anew: what was counted is what was stored.
    await show.cut();
    const [after] = (await read(presenter.show, presenter.token)).data.rooms;
    expect(after!.epochs[0]).toEqual(before.rooms[0]!.epochs[0]);
    expect(after!.seq).toBeGreaterThan(before.rooms[0]!.seq);
    expect(after!.mostPhones).toBe(3);
  });

  it('is for people of this show: nobody else reads it', async () => {
    const { presenter, participant } = await newShow();
    const other = await newShow();
    expect((await read(presenter.show, participant.token)).status).toBe(200);
    expect((await read(presenter.show)).error?.code).toBe('UNAUTHORIZED');
    expect((await read(presenter.show, other.presenter.token)).error?.code).toBe('FORBIDDEN');
    const log = await logOf(presenter.show);
    expect([log.status, await log.text()]).toEqual([401, expect.stringContaining('UNAUTHORIZED')]);
  });

  it('says of every product what it came to, also of one that nobody bought', async () => {
    const { presenter } = await newShow({ skus: [{ id: 'a' }, { id: 'b', capacity: 3 }] });
    const { data } = await read(presenter.show, presenter.token);
    expect(data.rooms.map(({ sku }) => sku.id)).toEqual(['a', 'b']);
    expect(data.rooms[1]).toMatchObject({
      mostPhones: 0,
      epochs: [{ epoch: 1, buyers: 0, curve: { xs: [] } }],
    });
  });
});

describe('the summary of a show that has ended', () => {
  it('is read by whoever has the code, from the database, as it last was', async () => {
    const show = await played();
    const { presenter } = show;
    const live = (await read(presenter.show, presenter.token)).data;
    await logOut(presenter.token);
    const { status, data } = await read(presenter.show);
    expect(status).toBe(200);
    expect(data).toMatchObject({ status: 'ended', show: presenter.show });
    expect(data.readableUntilMs).toBe((data.endedAtMs ?? 0) + KEPT_MS);
    const [room] = data.rooms;
    expect(room!.closedBy).toBe('presenter');
    // Refusals that waited to be told are told at the end.
    const sold = ({ epochs }: (typeof live.rooms)[number]) =>
      epochs.flatMap(({ lanes }) =>
        Object.values(lanes).map(({ refused: _refused, refusedByCode: _byCode, ...lane }) => lane),
      );
    expect(sold(room!)).toEqual(sold(live.rooms[0]!));
  });

  it('wakes no room: the stored row answers', async () => {
    const show = await played();
    const { presenter } = show;
    await logOut(presenter.token);
    const asleep = new TestSite({
      ROOM: new Proxy(env.ROOM, {
        get() {
          throw new Error('a room was asked');
        },
      }),
    });
    expect((await asleep.call<ShowSummary>(pathOf(presenter.show))).data.rooms).toHaveLength(1);
  });

  it('is made by the room while its row could not be stored', async () => {
    const show = await played();
    const { presenter } = show;
    await without('summaries', () => logOut(presenter.token));
    expect((await read(presenter.show)).data.rooms[0]).toMatchObject({ closedBy: 'presenter' });
    await runDurableObjectAlarm(show.room);
    const { results } = await env.DB.prepare('SELECT summary FROM summaries WHERE show = ?')
      .bind(presenter.show)
      .all<{ summary: string }>();
    expect(results).toHaveLength(1);
    expect(JSON.parse(results[0]!.summary)).toMatchObject({ closedBy: 'presenter' });
  });

  it('comes with its log, which ends at the same event', async () => {
    const show = await played();
    const { presenter } = show;
    await logOut(presenter.token);
    const { data } = await read(presenter.show);
    const response = await logOf(presenter.show);
    expect(response.headers.get('content-type')).toContain('ndjson');
    const head = (await response.text()).trimEnd().split('\n').at(-1);
    expect(head).toBe(JSON.stringify({ head: data.rooms[0]!.head, seq: data.rooms[0]!.seq }));
    const other = await logOf(presenter.show, 'nothing');
    expect([other.status, await other.text()]).toEqual([400, expect.stringContaining('INVALID_SKU')]);
  });

  it('lets only some at one address take the log at once, and others wait for the place of who leaves', async () => {
    const show = await played();
    await logOut(show.presenter.token);
    const taken = [];
    for (let reader = 0; reader < 4; reader++) taken.push(await logOf(show.presenter.show));
    expect(taken.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const [first, ...others] = taken;
    const waiting = logOf(show.presenter.show);
    await first?.text();
    const next = await waiting;
    expect(next.status).toBe(200);
    for (const response of [next, ...others]) await response.text();
  });

  it('keeps neither its presenter out, nor other addresses, when four readers stand at one', async () => {
    const show = await played();
    const { presenter } = show;
    await logOut(presenter.token);
    const standing = [];
    for (let reader = 0; reader < 4; reader++) standing.push(await logOf(presenter.show));
    const path = `/api/demo/log?show=${presenter.show}&skuId=ticket`;
    for (const asked of [{ token: presenter.token }, { ip: freshAddress() }]) {
      const response = await new TestSite().send(requestFor(path, asked));
      expect(response.status).toBe(200);
      await response.text();
    }
    for (const response of standing) await response.text();
  });

  it('is gone after a day: the code alone says so, and nothing else is told', async () => {
    const show = await played();
    const { presenter } = show;
    await logOut(presenter.token);
    await endedAgo(presenter.show, KEPT_MS + 1_000);
    await expect.poll(async () => (await read(presenter.show)).error?.code).toBe('SHOW_ENDED');
    expect((await read(presenter.show)).status).toBe(410);
    const log = await logOf(presenter.show);
    expect([log.status, await log.text()]).toEqual([410, expect.stringContaining('SHOW_ENDED')]);
  });
});

it('tells a code that is none from one that nobody has', async () => {
  const asked = await Promise.all(['', 'K7Q', 'ZZZZZZ'].map((code) => read(code)));
  expect(asked.map(({ status, error }) => [status, error?.code])).toEqual([
    [400, 'INVALID_REQUEST'],
    [400, 'INVALID_REQUEST'],
    [404, 'UNKNOWN_SHOW'],
  ]);
});
