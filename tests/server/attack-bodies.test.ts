/** Attacks by what a request carries: bodies that are too deep, packed, doubled or poisoned, headers that are too long. */
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { AllocateResult, LoginResult, ResetResult } from '#lib/protocol/http.ts';
import { DEBUG_TOKEN, SITE, TestSite, logIn, newShow } from './support/site.ts';

const JSON_TYPE = 'application/json';

interface Sent {
  headers?: Record<string, string>;
  type?: string;
  path?: string;
}

/** Sends bytes as they are to a call, as a participant of a fresh show; afterwards nothing may have been bought but `bought`. */
async function post(
  body: BodyInit,
  { headers = {}, type = JSON_TYPE, path = 'allocate' }: Sent = {},
  bought = 0,
) {
  const { on, participant } = await newShow();
  const request = new Request(`${SITE}/api/demo/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${participant.token}`, 'content-type': type, ...headers },
    body,
  });
  const response = await on.send(request);
  const text = await response.text();
  const { error } = JSON.parse(text) as { error?: { code: ErrorCode } };
  const { data } = await on.call<FullRoomState>('/api/demo/state?skuId=ticket', { token: participant.token });
  expect(data.lanes.safe?.acknowledged).toBe(bought);
  expect(text.length, 'an answer does not grow with what was sent').toBeLessThan(1_500);
  return [response.status, error?.code];
}

describe('a body', () => {
  it.each([
    ['arrays', `${'['.repeat(4_900)}${']'.repeat(4_900)}`],
    ['objects', `${'{"a":'.repeat(1_600)}1${'}'.repeat(1_600)}`],
    ['arrays that never end', '['.repeat(9_999)],
    ['arrays in a field', `{"skuId":${'['.repeat(4_900)}${']'.repeat(4_900)}}`],
  ])('nested thousands deep is refused like any other: %s', async (_what, body) => {
    const [status] = await post(body);
    expect(status).toBe(400);
  });

  it('that smuggles a prototype brings nobody anything', async () => {
    const poison = '{"skuId":"ticket","units":50,"mode":"eventual","role":"presenter"}';
    expect(await post(`{"__proto__":${poison}}`)).toEqual([400, 'INVALID_SKU']);
    expect(await post(`{"constructor":{"prototype":${poison}}}`)).toEqual([400, 'INVALID_SKU']);
    expect(await post(`{"skuId":"ticket","__proto__":${poison}}`, {}, 1)).toEqual([200, undefined]);
    expect(await post(`{"skuId":"ticket","\\u005f_proto__":{"units":50}}`, {}, 1)).toEqual([200, undefined]);
    expect(await post(`[{"skuId":"ticket"}]`)).toEqual([400, 'INVALID_REQUEST']);
    for (const field of ['units', 'skuId', 'role', 'mode']) expect({}).not.toHaveProperty(field);
  });

  it('with a field twice is read once: what was checked is what is used', async () => {
    expect(await post('{"skuId":"ticket","units":1,"units":51}')).toEqual([400, 'INVALID_UNITS']);
    expect(await post('{"skuId":"other","skuId":"ticket","units":51,"units":2}', {}, 2)).toEqual([
      200,
      undefined,
    ]);
    expect(await post('{"skuId":"ticket","skuId":"other"}')).toEqual([400, 'INVALID_SKU']);
  });

  it.each(['1e999', '-1e999', '9007199254740993', '1.0000001', '-0', '0', '1e2', '"1"', 'true', '[1]', '{}'])(
    'with %s units buys nothing',
    async (units) => {
      expect(await post(`{"skuId":"ticket","units":${units}}`)).toEqual([400, 'INVALID_UNITS']);
    },
  );

  it('that is packed is not unpacked: a bomb of 5 MB stays the 5 kB that it is', async () => {
    const plain = new Blob([' '.repeat(5_000_000), '{"skuId":"ticket"}']).stream();
    const packed = await new Response(plain.pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
    expect(packed.byteLength).toBeLessThan(10_000);
    for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip']) {
      const sent = { headers: { 'content-encoding': encoding } };
      expect(await post(packed, sent)).toEqual([400, 'INVALID_JSON']);
    }
  });

  it.each([
    ['says too little', '5'],
    ['says nothing that is a number', 'many'],
    ['says less than nothing', '-1'],
  ])('whose Content-Length %s is counted all the same', async (_what, length) => {
    const large = JSON.stringify({ skuId: 'ticket', filler: 'x'.repeat(20_000) });
    expect(await post(large, { headers: { 'content-length': length } })).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('that says it is enormous is not waited for', async () => {
    const endless = new ReadableStream<Uint8Array>();
    const sent = { headers: { 'content-length': '99999999999' } };
    expect(await post(endless, sent)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it.each([
    'text/plain',
    'text/plain; application/json',
    'text/plain, application/json',
    'application/json, text/plain',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'text/json',
    '',
  ])('of type %j is not taken for JSON', async (type) => {
    expect(await post('{"skuId":"ticket"}', { type })).toEqual([415, 'INVALID_CONTENT_TYPE']);
  });

  it('in other letters than UTF-8 is no JSON', async () => {
    const utf16 = new Uint8Array([...'{"skuId":"ticket"}'].flatMap((letter) => [letter.charCodeAt(0), 0]));
    expect(await post(utf16, { type: 'application/json; charset=utf-16' })).toEqual([400, 'INVALID_JSON']);
    const broken = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]);
    expect(await post(broken)).toEqual([400, 'INVALID_JSON']);
  });
});

describe('a header', () => {
  it.each([
    ['is 10 kB long', 'a'.repeat(10_000)],
    ['climbs out of a folder', '../../../etc/passwd'],
    ['speaks SQL', "' OR 1=1; DROP TABLE orders; --"],
    ['comes twice', `${crypto.randomUUID()}, ${crypto.randomUUID()}`],
    ['is a UUID and more', `${crypto.randomUUID()}\t0`],
    ['is empty', ''],
  ])('Idempotency-Key that %s is refused', async (_what, key) => {
    const sent = { headers: { 'idempotency-key': key } };
    expect(await post('{"skuId":"ticket"}', sent)).toEqual([400, 'INVALID_REQUEST']);
  });

  it.each([
    ['is 100 kB long', (token: string) => `Bearer ${token}${'a'.repeat(100_000)}`],
    ['comes twice', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['holds spaces', (token: string) => `Bearer ${token.slice(0, 9)} ${token.slice(9)}`],
    ['has no scheme', (token: string) => token],
    ['has another scheme', (token: string) => `Token ${token}`],
  ])('Authorization that %s opens nothing', async (_what, write) => {
    const { on, participant } = await newShow();
    const headers = { authorization: write(participant.token) };
    const answer = await on.call('/api/demo/state?skuId=ticket', { headers });
    expect([answer.status, answer.error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it('Cookie of thousands of sessions is one session at most', async () => {
    const { on, participant } = await newShow();
    const wrong = Array.from({ length: 3_000 }, (_, i) => `rgl_participant=${i}.x`).join('; ');
    const headers = { cookie: `${wrong}; rgl_participant=${participant.token}` };
    expect((await on.call('/api/auth/me', { headers })).status).toBe(401);
  });
});

describe('names that every object has', () => {
  it('are SKUs like any other: each has its own stock, and one that is none is refused', async () => {
    const ids = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'];
    const { call } = await newShow({ skus: ids.map((id) => ({ id, capacity: 5 })) });
    for (const [index, skuId] of ids.entries()) {
      const body = { skuId, units: index + 1 };
      const { data } = await call<AllocateResult>('/api/demo/allocate', { body });
      expect([data.skuId, data.totalAllocated]).toEqual([skuId, index + 1]);
    }
    const { data } = await call<ResetResult>('/api/demo/reset', { body: {} });
    expect(Object.entries(data.epochs).sort()).toEqual(ids.map((id) => [id, 2]).sort());
    const opening = await logIn(new TestSite(), {
      turnstileToken: DEBUG_TOKEN,
      skus: [{ id: '__proto__' }],
    });
    expect([opening.status, opening.error?.code]).toEqual([400, 'INVALID_SKU']);
  });

  it('bring a login nothing: neither a role nor a show', async () => {
    const site = new TestSite();
    const { show } = await site.openShow();
    const poisoned = `{"show":"${show}","role":"participant","__proto__":{"role":"presenter","sessionId":"x"}}`;
    const answer = await site.call<LoginResult>('/api/auth/login', { body: poisoned });
    expect(answer.data.role).toBe('participant');
    for (const role of ['__proto__', 'constructor', 'admin', 'Presenter', ' presenter']) {
      expect((await logIn(site, { show, role, turnstileToken: DEBUG_TOKEN })).status).toBe(400);
    }
  });
});

describe("a product's name", () => {
  it('is text wherever it goes, whatever it looks like', async () => {
    const name = '</script><img src=x onerror=alert(1)>{{7*7}}${7*7}';
    const { on, presenter } = await newShow({ skus: [{ id: 'ticket', name }] });
    expect(presenter.skus[0]?.name).toBe(name);
    for (const path of ['state', 'log', 'audit']) {
      const url = `${SITE}/api/demo/${path}?skuId=ticket`;
      const headers = { authorization: `Bearer ${presenter.token}` };
      const response = await on.send(new Request(url, { headers }));
      expect(response.headers.get('content-type')).toMatch(/^application\/(json|x-ndjson)/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      await response.body?.cancel();
    }
  });
});
