/** A show's figures in pages of others: the code that reads them, what it cannot do, and its end. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { EMBED_PROTOCOL, embedToken } from '#lib/protocol/embed.ts';
import type { EmbedOffer, EmbedStatus } from '#lib/protocol/embed.ts';
import { MAX_READERS } from '#lib/protocol/limits.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';
import { SITE, newShow, order } from './support/site.ts';
import { firstOf, upgrade } from './support/socket.ts';

const asks = { method: 'POST' };
const offers = (token: string) => ({ headers: { 'sec-websocket-protocol': `${EMBED_PROTOCOL}, ${token}` } });

/** A show with a code, and how its readers say who they are. */
async function shared(capacity = 5) {
  const show = await TestShow.open({ capacity }, 'both');
  const ask = <T>(path: string, asked = {}) =>
    show.site.call<T>(path, { token: show.presenter.token, ...asked });
  const { data: offer } = await ask<EmbedOffer>('/api/auth/embed', asks);
  const token = embedToken(offer.show, offer.code);
  const reader = () => TestClient.connect(show.site, { token, show: offer.show, skus: show.presenter.skus });
  return { show, ask, offer, token, reader };
}

afterEach(() => vi.restoreAllMocks());

describe('whoever has the code', () => {
  it('is sent every event and the exact state, as a stage is', async () => {
    const { show, reader } = await shared();
    const slide = await reader();
    for (const phone of await show.phones(3)) await phone.buy();
    await show.settled(() => show.stage.state?.lanes.safe?.acknowledged === 3);
    await slide.until(() => slide.seq === show.stage.seq);
    expect(slide.state?.lanes).toEqual(show.stage.state?.lanes);
    const kinds = slide.events.map(({ seq }) => seq);
    expect(kinds).toEqual(show.stage.events.map(({ seq }) => seq).filter((seq) => seq >= (kinds[0] ?? 0)));
  });

  it('says it as a page can, by a subprotocol, which the answer takes up', async () => {
    const { offer, token } = await shared();
    const path = roomPath(offer.show, 'ticket');
    const own = { ...offers(token).headers, origin: SITE };
    const { status, headers, webSocket } = await upgrade(path, { headers: own });
    expect([status, headers.get('sec-websocket-protocol')]).toEqual([101, EMBED_PROTOCOL]);
    webSocket?.accept();
    webSocket?.close();
    expect(await firstOf(path, { headers: own })).toMatchObject({ t: 'welcome' });
    // Also an answer that closes: without it a browser would not hear why.
    const wrong = { ...offers(`${token}x`).headers, origin: SITE };
    const refused = await upgrade(path, { headers: wrong });
    expect(refused.headers.get('sec-websocket-protocol')).toBe(EMBED_PROTOCOL);
    expect(await firstOf(path, { headers: wrong })).toBe(CLOSE.unauthorized);
  });

  it('reads the log, and what the show sells', async () => {
    const { show, token } = await shared();
    const log = await show.site.send(
      new Request(`${SITE}/api/demo/log?skuId=ticket`, { headers: { authorization: `Bearer ${token}` } }),
    );
    expect(log.status).toBe(200);
    expect(await log.text()).toContain('"kind":"opened"');
    const { data } = await show.site.call<EmbedStatus>('/api/auth/embed', { token });
    expect(data).toEqual({ made: true, skus: ['ticket'] });
  });

  it('counts as nobody: no phone, no stage, no seat, and no connection that a drill waits for', async () => {
    const { show, reader } = await shared();
    const { people } = (await reader()).state!;
    expect(people).toMatchObject({ phones: 0, stages: 1 });
    const { joined } = (await env.DB.prepare('SELECT joined FROM shows WHERE code = ?')
      .bind(show.presenter.show)
      .first<{ joined: number }>())!;
    expect(joined).toBe(0);
    show.stage.send({ t: 'drill', kind: 'drop' });
    await show.stage.until(() => show.stage.closed !== null);
    const slide = await reader();
    expect(slide.state?.seq).toBeGreaterThan(1);
    const file = await show.site.send(
      new Request(`${SITE}/api/demo/log?skuId=ticket`, {
        headers: { authorization: `Bearer ${show.presenter.token}` },
      }),
    );
    expect(await file.text()).toMatch(/"kind":"drop","sockets":1,/);
  });
});

describe('the code does nothing but read', () => {
  it('on a socket: every act is refused, and changes nothing', async () => {
    const { show, reader } = await shared();
    const slide = await reader();
    const before = show.stage.seq;
    const op = crypto.randomUUID();
    slide.send({ t: 'allocate', op, epoch: slide.epoch });
    slide.send({ t: 'control', step: 3 });
    slide.send({ t: 'reset', op: crypto.randomUUID() });
    slide.send({ t: 'guardrail', action: 'trip' });
    slide.send({ t: 'drill', kind: 'drop' });
    slide.send({ t: 'stage', blank: true });
    slide.send({ t: 'ask', action: 'open' });
    slide.send({ t: 'guess', value: 3 });
    slide.send({ t: 'practice', n: 3 });
    const refusals = () => slide.messages.filter(({ t }) => t === 'nack');
    await slide.until(() => refusals().length === 9);
    expect(refusals().every((refusal) => 'code' in refusal && refusal.code === 'FORBIDDEN')).toBe(true);
    expect(refusals()[0]).toMatchObject({ op });
    // What its client says of its own accord is neither refused nor told.
    slide.send({ t: 'recovered', drill: 1, waitedMs: 1, ms: 1, missing: 0 });
    slide.send({ t: 'seen', seq: slide.seq });
    const phone = await show.phone();
    await phone.buy();
    await show.settled(() => show.stage.state?.lanes.safe?.acknowledged === 1);
    const told = show.stage.events.filter(({ seq }) => seq > before).map(({ kind }) => kind);
    expect(told).not.toEqual(expect.arrayContaining(['recovered']));
    expect(told.filter((kind) => kind === 'allocated')).toHaveLength(2);
    expect(show.stage.messages.filter(({ t }) => t === 'stage')).toEqual([]);
    expect(show.stage.closed).toBeNull();
  });

  it.each<[string, object]>([
    ['/api/demo/allocate', order()],
    ['/api/demo/rush', { body: { skuId: 'ticket', count: 1 } }],
    ['/api/demo/control', { body: { skuId: 'ticket', step: 2 } }],
    ['/api/demo/guardrail', { body: { skuId: 'ticket', action: 'trip' } }],
    ['/api/demo/reset', { body: {} }],
    ['/api/auth/embed', asks],
    ['/api/auth/embed/withdraw', asks],
    ['/api/auth/pair', asks],
    ['/api/auth/end', asks],
    ['/api/auth/renew', asks],
    ['/api/auth/logout', asks],
    ['/api/auth/me', {}],
    ['/api/demo/state?skuId=ticket', {}],
    ['/api/demo/audit?skuId=ticket', {}],
    ['/api/demo/preflight?skuId=ticket', {}],
  ])('over HTTP: %s', async (path, asked) => {
    const { show, token } = await shared();
    const answer = await show.site.call(path, { token, ...asked });
    expect([answer.status, answer.error?.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('of its own show alone', async () => {
    const { show, token, offer } = await shared();
    const other = await TestShow.open();
    const { code } = offer;
    const path = roomPath(other.presenter.show, 'ticket');
    expect(await firstOf(path, { token })).toBe(CLOSE.forbidden);
    expect(await firstOf(path, { token: embedToken(other.presenter.show, code) })).toBe(CLOSE.unauthorized);
    expect(await firstOf(roomPath(show.presenter.show, 'other'), { token })).toBe(CLOSE.unknown);
  });

  it('and nobody reads by the show’s own code', async () => {
    const { offer } = await shared();
    for (const token of [embedToken(offer.show, offer.show), embedToken(offer.show, ''), offer.code])
      expect(await firstOf(roomPath(offer.show, 'ticket'), { token })).toBe(CLOSE.unauthorized);
  });
});

describe('the code ends', () => {
  it('at once when it is withdrawn: open pictures are closed with 4401, and nothing comes in again', async () => {
    const { show, ask, offer, token, reader } = await shared();
    const slides = [await reader(), await reader()];
    expect((await ask('/api/auth/embed/withdraw', asks)).data).toEqual({ withdrawn: true });
    for (const slide of slides) {
      await slide.until(() => slide.closed !== null);
      expect(slide.closed?.code).toBe(CLOSE.unauthorized);
    }
    expect(await firstOf(roomPath(offer.show, 'ticket'), { token })).toBe(CLOSE.unauthorized);
    const late = await show.site.call('/api/auth/embed', { token });
    expect([late.status, late.error?.code]).toEqual([401, 'UNAUTHORIZED']);
    expect((await ask<EmbedStatus>('/api/auth/embed')).data.made).toBe(false);
    expect(show.stage.closed).toBeNull();
  });

  it('also where D1 fails at that moment: the rooms know first, and it can be withdrawn again', async () => {
    const { show, ask, offer, token, reader } = await shared();
    const slide = await reader();
    const prepare = env.DB.prepare.bind(env.DB);
    vi.spyOn(env.DB, 'prepare').mockImplementation((sql) => {
      if (sql.startsWith('UPDATE shows SET embed_hash')) throw new Error('D1 is down');
      return prepare(sql);
    });
    expect((await ask('/api/auth/embed/withdraw', asks)).status).toBe(503);
    await slide.until(() => slide.closed !== null);
    expect(await firstOf(roomPath(offer.show, 'ticket'), { token })).toBe(CLOSE.unauthorized);
    vi.restoreAllMocks();
    expect((await ask('/api/auth/embed/withdraw', asks)).status).toBe(200);
    expect(show.stage.closed).toBeNull();
  });

  it('when a new one is made, which is good at once', async () => {
    const { show, ask, offer, token, reader } = await shared();
    const slide = await reader();
    const { data: next } = await ask<EmbedOffer>('/api/auth/embed', asks);
    await slide.until(() => slide.closed !== null);
    expect(next.code).not.toBe(offer.code);
    const path = roomPath(offer.show, 'ticket');
    expect(await firstOf(path, { token })).toBe(CLOSE.unauthorized);
    expect(await firstOf(path, { token: embedToken(offer.show, next.code) })).toMatchObject({ t: 'welcome' });
    expect(show.stage.closed).toBeNull();
  });

  it('with the show, and outlives the renewals of its presenter', async () => {
    const { show, ask, reader } = await shared();
    const slide = await reader();
    expect((await ask('/api/auth/renew', asks)).status).toBe(200);
    await show.sleep();
    expect(slide.closed).toBeNull();
    expect((await ask('/api/auth/end', asks)).status).toBe(200);
    await slide.until(() => slide.closed !== null);
    expect(slide.closed?.code).toBe(CLOSE.ended);
  });
});

describe('the code is kept and told', () => {
  it('as a keyed hash alone, and it holds 192 random bits', async () => {
    const { offer } = await shared();
    expect(offer.code).toMatch(/^[\w-]{32}$/);
    const row = await env.DB.prepare('SELECT * FROM shows WHERE code = ?').bind(offer.show).first();
    expect(row?.['embed_hash']).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(row)).not.toContain(offer.code);
  });

  it('in no line of the log, whether it is good or not', async () => {
    const lines = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const { ask, offer, token, reader } = await shared();
    await reader();
    await ask('/api/auth/embed/withdraw', asks);
    expect(await firstOf(roomPath(offer.show, 'ticket'), offers(token))).toBe(CLOSE.forbidden);
    expect(await firstOf(roomPath(offer.show, 'ticket'), { token })).toBe(CLOSE.unauthorized);
    expect(JSON.stringify(lines.mock.calls)).not.toContain(offer.code);
  });

  it('to its presenter only', async () => {
    const { on, asParticipant } = await newShow();
    for (const path of ['/api/auth/embed', '/api/auth/embed/withdraw']) {
      expect((await asParticipant(path, asks)).error?.code).toBe('FORBIDDEN');
      expect((await on.call(path, asks)).error?.code).toBe('UNAUTHORIZED');
    }
    expect((await asParticipant('/api/auth/embed')).error?.code).toBe('FORBIDDEN');
  });
});

it('keeps no room busy: one page more than may read is asked to come back, and pushes nobody out', async () => {
  const { reader } = await shared();
  const slides = [];
  for (let n = 0; n < MAX_READERS; n += 1) slides.push(await reader());
  const late = await reader();
  expect(late.closed?.code).toBe(CLOSE.flood);
  expect(slides.filter(({ closed }) => closed !== null)).toEqual([]);
});
