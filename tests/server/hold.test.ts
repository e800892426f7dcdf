/** A held room: nothing is sold until the GO's moment, whoever asks and however; and what the log says of it. */
import { describe, expect, it } from 'vitest';
import { COUNTDOWN_MS } from '#lib/domain/hold.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const kinds = async ({ site, presenter }: TestShow) =>
  (await exportLog(site, presenter.token)).events.map(({ kind }) => kind);

async function heldShow(mode: 'safe' | 'eventual' | 'both' = 'safe') {
  const show = await TestShow.open({}, mode);
  show.stage.send({ t: 'control', hold: true });
  await show.stage.until(() => Boolean(show.stage.state?.hold));
  return show;
}

describe('a held room', () => {
  it('is not held when it was opened by a program alone', async () => {
    const show = await TestShow.open();
    expect(show.stage.state).toMatchObject({ hold: null, people: { phones: 0, stages: 1 } });
    expect(show.stage.state?.people).not.toHaveProperty('practice');
    expect((await (await show.phone()).buy()).t).toBe('ack');
  });

  it('refuses every tap by name, on sockets, over HTTP and of simulated shoppers, and counts none of them', async () => {
    const show = await heldShow();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'HELD' });
    const called = await show.site.call('/api/demo/allocate', {
      token: session.token,
      body: { skuId: 'ticket' },
    });
    expect(called).toMatchObject({ status: 409, error: { code: 'HELD' } });
    expect(await show.rush(5)).toMatchObject({ requested: 5, allocated: 0, byCode: { HELD: 5 } });
    expect(show.stage.state?.lanes.safe).toMatchObject({ ops: 0, refused: {} });
    expect(await kinds(show)).not.toContain('refused');
    expect(await show.failedChecks()).toEqual([]);
  });

  it('is held once by two presenters, and opens by one GO of two', async () => {
    const show = await heldShow();
    const { token } = show.presenter;
    const body = { skuId: 'ticket', hold: true };
    await show.site.call('/api/demo/control', { token, body });
    const go = { token, body: { skuId: 'ticket', go: true } };
    const [first, second] = await Promise.all([
      show.site.call<FullRoomState>('/api/demo/control', go),
      show.site.call<FullRoomState>('/api/demo/control', go),
    ]);
    expect(first.data.hold?.goAtMs).toBe(second.data.hold?.goAtMs);
    expect((await kinds(show)).filter((kind) => kind === 'held' || kind === 'go')).toEqual(['held', 'go']);
  });

  it('takes ops from the moment that the GO told, and says until then when to come', async () => {
    const show = await heldShow();
    const phone = await show.phone();
    show.stage.send({ t: 'control', go: true });
    await phone.until(() => typeof phone.state?.hold?.goAtMs === 'number');
    const told = phone.events.find(({ kind }) => kind === 'go');
    expect(told?.body).toMatchObject({ goAtMs: (told?.atMs ?? 0) + COUNTDOWN_MS });
    const early = await phone.buy();
    expect(early).toMatchObject({ t: 'nack', code: 'HELD' });
    const retryAfterMs = early.t === 'nack' ? (early.retryAfterMs ?? 0) : 0;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(COUNTDOWN_MS);
    await scheduler.wait(retryAfterMs);
    expect((await phone.buy()).t).toBe('ack');
    await phone.until(() => phone.state?.hold === null);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('lets what is in flight settle, and a hold in the countdown calls the GO off', async () => {
    const show = await TestShow.open({}, 'eventual');
    const phone = await show.phone();
    const op = crypto.randomUUID();
    phone.send({ t: 'allocate', op, epoch: phone.epoch });
    await show.stage.until(() => show.stage.state?.lanes.eventual?.inFlight === 1);
    show.stage.send({ t: 'control', hold: true });
    expect(await phone.answerTo(op)).toMatchObject({ t: 'ack' });
    show.stage.send({ t: 'control', go: true });
    await show.stage.until(() => typeof show.stage.state?.hold?.goAtMs === 'number');
    show.stage.send({ t: 'control', hold: true });
    await show.stage.until(() => show.stage.state?.hold?.goAtMs === null);
    expect(await phone.buy()).toMatchObject({ code: 'HELD' });
    expect(await show.failedChecks()).toEqual([]);
  });

  it('stays held through a reset, through sleep and through death', async () => {
    const show = await heldShow();
    await show.reset();
    expect(show.stage.state?.hold).toMatchObject({ goAtMs: null });
    await show.sleep();
    expect(await (await show.phone()).buy()).toMatchObject({ code: 'HELD' });
    await show.die();
    expect((await show.phone()).state?.hold).toMatchObject({ goAtMs: null });
  });

  it('answers an op that was sold before, and does it no second time', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    const op = crypto.randomUUID();
    const first = await phone.buy({ op });
    show.stage.send({ t: 'control', hold: true });
    await phone.until(() => Boolean(phone.state?.hold));
    expect(await phone.buy({ op })).toEqual(first);
  });
});

describe('practice', () => {
  it('is counted for the stage, once a second of each phone, and is in no event and no cost of taps', async () => {
    const show = await heldShow();
    const [phone, other] = await show.phones(2);
    const { seq } = show.stage;
    phone!.send({ t: 'practice', n: 7 });
    phone!.send({ t: 'practice', n: 50 });
    other!.send({ t: 'practice', n: 3 });
    await show.stage.until(() => show.stage.state?.people.practice === 10);
    expect(show.stage.events.filter((event) => event.seq > seq && event.kind !== 'cost')).toEqual([]);
    expect(show.stage.state?.ledger).toMatchObject({ exposureUsd: 0 });
    expect((await show.phone()).state?.people.practice).toBe(10);
  });

  it('counts nothing in a room that sells, of a presenter, or beyond what a message may say', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    phone.send({ t: 'practice', n: 7 });
    show.stage.send({ t: 'control', hold: true });
    await show.stage.until(() => Boolean(show.stage.state?.hold));
    show.stage.send({ t: 'practice', n: 7 });
    phone.sendRaw(JSON.stringify({ t: 'practice', n: 51 }));
    await phone.until(() => phone.messages.some((message) => message.t === 'nack'));
    expect((await show.phone()).state?.people.practice).toBe(0);
  });

  it('begins anew with the next hold', async () => {
    const show = await heldShow();
    const phone = await show.phone();
    phone.send({ t: 'practice', n: 7 });
    await show.stage.until(() => show.stage.state?.people.practice === 7);
    show.stage.send({ t: 'control', go: true });
    await show.stage.until(() => typeof show.stage.state?.hold?.goAtMs === 'number');
    show.stage.send({ t: 'control', hold: true });
    await show.stage.until(() => show.stage.state?.people.practice === 0);
  });
});
