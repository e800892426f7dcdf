/** A further device of the presenter: what pairing promises when everybody behaves. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { LoginResult, MeResult } from '#lib/protocol/http.ts';
import type { PairOffer, PairStatus } from '#lib/protocol/pairing.ts';
import { PAIRING_TTL_MS } from '#server/sessions/pairing-secrets.ts';
import { findShow } from '#server/storage/shows.ts';
import { TestClient } from './support/client.ts';
import type { TestSite } from './support/site.ts';
import { SITE, logIn, newShow } from './support/site.ts';

const asks = { method: 'POST' };
const redeem = (on: TestSite, offer: Pick<PairOffer, 'show' | 'secret'>) =>
  on.call<LoginResult>('/api/auth/pair/redeem', { body: { show: offer.show, secret: offer.secret } });

describe('a second device', () => {
  it('gets a presenter session of its own in the same show, and everybody who asks is told of it', async () => {
    const { on, presenter, call } = await newShow();
    const before = Date.now();
    const { status, data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    expect(status).toBe(200);
    expect(offer.show).toBe(presenter.show);
    expect(offer.expiresAt).toBeGreaterThanOrEqual(before + PAIRING_TTL_MS);
    expect(offer.expiresAt).toBeLessThanOrEqual(Date.now() + PAIRING_TTL_MS);
    expect(await call<PairStatus>('/api/auth/pair')).toMatchObject({
      data: { openUntil: offer.expiresAt, devices: [] },
    });

    const second = await redeem(on, offer);
    expect(second.status).toBe(200);
    expect(second.data).toMatchObject({
      role: 'presenter',
      show: presenter.show,
      label: 'presenter-2',
      skus: presenter.skus,
    });
    expect(second.data.sessionId).not.toBe(presenter.sessionId);
    expect(second.headers.get('set-cookie')).toMatch(/^rgl_presenter=.*; HttpOnly; SameSite=Lax$/);
    const status2 = await call<PairStatus>('/api/auth/pair');
    expect(status2.data.openUntil).toBeNull();
    expect(status2.data.devices.map(({ label }) => label)).toEqual(['presenter-2']);
    const at = status2.data.devices[0]?.at ?? 0;
    expect(at >= before && at <= Date.now()).toBe(true);

    const { token } = second.data;
    const control = await on.call<FullRoomState>('/api/demo/control', {
      token,
      body: { skuId: 'ticket', mode: 'both' },
    });
    expect([control.status, control.data.mode]).toEqual([200, 'both']);
    const client = await TestClient.connect(on, second.data);
    expect(client.welcome.you).toMatchObject({ role: 'presenter', label: 'presenter-2' });
    client.close();
  });

  it('is recorded as let in by another session, and with nothing else', async () => {
    const { on, call } = await newShow();
    const { data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    const { token, sessionId } = (await redeem(on, offer)).data;
    const { data } = await on.call<MeResult>('/api/auth/me', { token });
    expect(data.stored).toMatchObject({ sessionId, role: 'presenter', proof: 'none' });
  });

  it('signs out by itself: the other device and the show go on', async () => {
    const { on, presenter, call } = await newShow();
    const { data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    const second = (await redeem(on, offer)).data;
    expect((await on.call('/api/auth/logout', { method: 'POST', token: second.token })).status).toBe(200);
    expect((await on.call('/api/auth/me', { token: second.token })).status).toBe(401);
    expect((await call('/api/auth/me')).status).toBe(200);
    expect((await findShow(env.DB, presenter.show)).value?.endedAt).toBeNull();
  });

  it('keeps the show open when the first one signs out, for as long as its own session lasts', async () => {
    const { on, presenter, call } = await newShow();
    const { data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    const second = (await redeem(on, offer)).data;
    await call('/api/auth/logout', asks);
    const show = (await findShow(env.DB, presenter.show)).value;
    expect([show?.endedAt, show?.closesAt]).toEqual([null, second.expiresAt]);
    const { data } = await on.call<FullRoomState>('/api/demo/state?skuId=ticket', { token: second.token });
    expect(data.closesAt).toBe(second.expiresAt);
    await on.call('/api/auth/logout', { method: 'POST', token: second.token });
    expect((await findShow(env.DB, presenter.show)).value?.endedAt).not.toBeNull();
  });

  it('ends with the show when either one ends it for everybody', async () => {
    const { on, presenter, call } = await newShow();
    const { data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    const second = (await redeem(on, offer)).data;
    const client = await TestClient.connect(on, second);
    expect((await call('/api/auth/end', asks)).data).toEqual({ ended: true });
    await client.until(() => client.closed !== null);
    expect(client.closed?.code).toBe(4410);
    expect((await findShow(env.DB, presenter.show)).value?.endedAt).not.toBeNull();
    const late = await on.call('/api/auth/renew', { method: 'POST', token: second.token });
    expect([late.status, late.error?.code]).toEqual([410, 'SHOW_ENDED']);
    const again = await call('/api/auth/end', asks);
    expect([again.status, again.error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });
});

describe('a code', () => {
  it('is dead once its presenter takes it back or asks for another', async () => {
    const { on, call } = await newShow();
    const { data: first } = await call<PairOffer>('/api/auth/pair', asks);
    const { data: second } = await call<PairOffer>('/api/auth/pair', asks);
    expect((await redeem(on, first)).error).toMatchObject({
      code: 'INVALID_TOKEN',
      message: expect.stringMatching(/no longer good/) as string,
    });
    expect((await call('/api/auth/pair/withdraw', asks)).data).toEqual({ withdrawn: true });
    expect((await redeem(on, second)).error?.code).toBe('INVALID_TOKEN');
    expect((await call<PairStatus>('/api/auth/pair')).data.openUntil).toBeNull();
  });

  it('of one presenter device does not end that of another', async () => {
    const { on, presenter, call } = await newShow();
    const other = (await logIn(on, { show: presenter.show }, { token: presenter.token })).data;
    const { data: mine } = await call<PairOffer>('/api/auth/pair', asks);
    await on.call('/api/auth/pair', { ...asks, token: other.token });
    expect((await redeem(on, mine)).status).toBe(200);
  });

  it('lives two minutes, and never longer than the session that made it', async () => {
    const { on, presenter, call } = await newShow({}, { SESSION_TTL_SECONDS: '60' });
    const { data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    expect(offer.expiresAt).toBe(presenter.expiresAt);
    expect((await redeem(on, offer)).status).toBe(200);
  });

  it('is charged to the show when it is made and when it is used, not when strangers guess', async () => {
    const { on, presenter, call } = await newShow();
    const spent = async () =>
      (await call<FullRoomState>('/api/demo/state?skuId=ticket')).meta.ledger.lines.find(
        ({ meter }) => meter === 'd1.rowWritten',
      )?.quantity ?? 0;
    const { data: offer } = await call<PairOffer>('/api/auth/pair', asks);
    const before = await spent();
    await redeem(on, {
      show: presenter.show,
      secret: offer.secret.replace(/.$/, (end) => (end === 'A' ? 'B' : 'A')),
    });
    expect(await spent()).toBe(before);
    await redeem(on, offer);
    await expect.poll(spent).toBeGreaterThan(before);
  });

  it('refuses a body that is not a code, in the words of its fields', async () => {
    const { on, presenter } = await newShow();
    const bad: [unknown, number, string][] = [
      [{}, 400, 'INVALID_REQUEST'],
      [{ show: presenter.show }, 400, 'INVALID_REQUEST'],
      [{ show: presenter.show, secret: 7 }, 400, 'INVALID_REQUEST'],
      [{ show: presenter.show, secret: 'x'.repeat(200) }, 400, 'INVALID_REQUEST'],
      [{ show: 'nope', secret: 'x' }, 400, 'INVALID_REQUEST'],
      [{ show: 'ZZZZZZ', secret: 'x' }, 404, 'UNKNOWN_SHOW'],
      [{ show: presenter.show, secret: 'x' }, 403, 'INVALID_TOKEN'],
    ];
    for (const [body, status, code] of bad) {
      const answer = await on.call('/api/auth/pair/redeem', { body });
      expect([body, answer.status, answer.error?.code]).toEqual([body, status, code]);
    }
    const plain = new Request(`${SITE}/api/auth/pair/redeem`, { method: 'POST', body: 'show=x' });
    expect((await on.send(plain)).status).toBe(415);
  });
});
