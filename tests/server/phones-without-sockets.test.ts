/** Phones whose network lets no socket pass: what they can do by calls alone, and that the room counts them. */
import { describe, expect, it } from 'vitest';
import type { StateAnswer } from '#lib/domain/room-state.ts';
import type { AllocateResult, LoginResult } from '#lib/protocol/http.ts';
import type { Subscriber } from '#lib/room/connections.ts';
import { Phones } from '#server/room/phones.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';
import { order } from './support/site.ts';

/** What a phone asks every two seconds. */
async function look({ site }: TestShow, { token }: LoginResult): Promise<StateAnswer> {
  return (await site.call<StateAnswer>('/api/demo/state?skuId=ticket', { token })).data;
}

async function buy({ site }: TestShow, { token }: LoginResult, key: string, epoch?: number | string) {
  const asked = order({}, key);
  const headers = { ...asked.headers, ...(epoch === undefined ? {} : { 'x-epoch': String(epoch) }) };
  return site.call<AllocateResult>('/api/demo/allocate', { ...asked, token, headers });
}

describe('a phone that asks for the state again and again', () => {
  it('is counted with those on sockets, once, and one that looked once is not', async () => {
    const show = await TestShow.open();
    const [calls, looksOnce, both] = await Promise.all(
      [1, 2, 3].map(() => show.site.join(show.presenter.show)),
    );
    await TestClient.connect(show.site, both!);
    await look(show, looksOnce!);
    expect((await look(show, calls!)).people.phones).toBe(1);
    await look(show, both!);
    await look(show, both!);
    expect((await look(show, calls!)).people.phones).toBe(2);
    await show.stage.until(() => show.stage.state?.people.phones === 2);
  });

  it('is counted as long as it asks, and no longer', () => {
    const phones = new Phones();
    expect(phones.forgetSilent(0), 'whom an earlier life of the room counted is not known').toBe(true);
    expect(phones.called('Anna', 1_000)).toBe(false);
    expect(phones.called('Anna', 3_000)).toBe(true);
    expect(phones.called('Anna', 5_000)).toBe(false);
    expect(phones.forgetSilent(13_000)).toBe(false);
    expect(phones.people().phones).toBe(1);
    expect(phones.forgetSilent(13_001)).toBe(true);
    expect(phones.people().phones).toBe(0);
    expect(phones.hasCallers).toBe(false);
    expect(phones.called('Anna', 14_000)).toBe(false);
    expect(phones.called('Anna', 23_000), 'a look now and then is no presence').toBe(false);
  });

  it('that comes to a socket is one person all the while', () => {
    const phones = new Phones();
    phones.called('Anna', 0);
    phones.called('Anna', 2_000);
    const socket = { send: () => undefined, close: () => undefined } satisfies Subscriber;
    const caller = {
      sessionId: 'a',
      label: 'Anna',
      role: 'participant' as const,
      expiresAt: Infinity,
      ipHash: '',
    };
    const connection = phones.add(socket, caller, 0, 2_500);
    expect(phones.people().phones).toBe(1);
    phones.mark(connection, true);
    expect(phones.people().phones).toBe(1);
    phones.forgetSilent(20_000);
    expect(phones.people().phones).toBe(0);
  });

  it('is told when the show is over, and what it holds', async () => {
    const show = await TestShow.open();
    const person = await show.site.join(show.presenter.show);
    const op = crypto.randomUUID();
    await buy(show, person, op);
    expect(await look(show, person)).not.toHaveProperty('ended');
    await show.site.call('/api/auth/end', { token: show.presenter.token, body: {} });
    expect(await look(show, person)).toMatchObject({ ended: true, holdings: [{ op, fate: 'kept' }] });
  });
});

describe('an order', () => {
  it('that changes its way is done once, whichever way was first', async () => {
    const show = await TestShow.open({ capacity: 10 });
    const person = await show.site.join(show.presenter.show);
    const socket = await TestClient.connect(show.site, person);
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const bySocket = await socket.buy({ op: first, mode: 'safe' });
    const byCall = await buy(show, person, first, 1);
    expect(byCall.data.lanes).toEqual(bySocket.t === 'ack' && bySocket.lanes);
    const called = await buy(show, person, second, 1);
    const again = await socket.buy({ op: second, mode: 'safe' });
    expect(again.t === 'ack' && again.lanes).toEqual(called.data.lanes);
    expect((await look(show, person)).lanes.safe).toMatchObject({ acknowledged: 2, ops: 2 });
  });

  it('that names its epoch is refused after a reset, and answered again when it was done before', async () => {
    const show = await TestShow.open();
    const person = await show.site.join(show.presenter.show);
    const done = crypto.randomUUID();
    expect((await buy(show, person, done, 1)).status).toBe(200);
    await show.reset();
    const late = await buy(show, person, crypto.randomUUID(), 1);
    expect([late.status, late.error?.code]).toEqual([409, 'STALE_EPOCH']);
    expect((await buy(show, person, done, 1)).data.epoch).toBe(1);
    expect((await look(show, person)).lanes.safe?.acknowledged).toBe(0);
    expect((await buy(show, person, crypto.randomUUID(), 2)).data.epoch).toBe(2);
    expect((await buy(show, person, crypto.randomUUID(), 'two')).error?.code).toBe('INVALID_REQUEST');
  });
});
