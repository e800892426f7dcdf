import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { SITE, TestSite, newShow } from './support/site.ts';

const site = new TestSite();

describe('bodies', () => {
  const post = async (headers: Record<string, string>, body: BodyInit | null) => {
    const { presenter } = await newShow();
    const request = new Request(`${SITE}/api/demo/allocate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${presenter.token}`, ...headers },
      body,
    });
    const response = await site.send(request);
    const { error }: { error?: { code: ErrorCode } } = await response.json();
    return [response.status, error?.code];
  };
  const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

  it('are JSON by their own account', async () => {
    expect(await post({}, '{"skuId":"ticket"}')).toEqual([415, 'INVALID_CONTENT_TYPE']);
    expect(await post({ 'content-type': 'application/jsonish' }, '{}')).toEqual([
      415,
      'INVALID_CONTENT_TYPE',
    ]);
    expect(await post(JSON_TYPE, '{"skuId":"ticket"}')).toEqual([200, undefined]);
  });

  it.each(['', '{', '{"skuId":"ticket"', 'undefined', "{'skuId':1}"])('%j is no JSON', async (body) => {
    expect(await post(JSON_TYPE, body)).toEqual([400, 'INVALID_JSON']);
  });

  it('are at most ten thousand bytes, said or not', async () => {
    const large = JSON.stringify({ skuId: 'ticket', filler: 'x'.repeat(10_000) });
    expect(await post(JSON_TYPE, large)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const unsaid = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 12; i++) controller.enqueue(new TextEncoder().encode(' '.repeat(1_000)));
        controller.enqueue(new TextEncoder().encode('{"skuId":"ticket"}'));
        controller.close();
      },
    });
    expect(await post(JSON_TYPE, unsaid)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const just = `{"skuId":"ticket"${' '.repeat(10_000 - 18)}}`;
    expect(await post(JSON_TYPE, just)).toEqual([200, undefined]);
  });

  it.each<[string, unknown, ErrorCode]>([
    ['allocate', { units: 1 }, 'INVALID_SKU'],
    ['allocate', { skuId: 7 }, 'INVALID_SKU'],
    ['allocate', { skuId: 'ticket', units: 0 }, 'INVALID_UNITS'],
    ['allocate', { skuId: 'ticket', units: 51 }, 'INVALID_UNITS'],
    ['allocate', { skuId: 'ticket', units: 1.5 }, 'INVALID_UNITS'],
    ['allocate', { skuId: 'ticket', units: '1' }, 'INVALID_UNITS'],
    ['allocate', { skuId: 'ticket', mode: 'fast' }, 'INVALID_MODE'],
    ['allocate', [], 'INVALID_REQUEST'],
    ['allocate', 'text', 'INVALID_JSON'],
    ['allocate', 'null', 'INVALID_REQUEST'],
    ['rush', { skuId: 'ticket' }, 'INVALID_REQUEST'],
    ['rush', { skuId: 'ticket', count: 0 }, 'INVALID_REQUEST'],
    ['rush', { skuId: 'ticket', count: 501 }, 'INVALID_REQUEST'],
    ['rush', { skuId: 'ticket', count: 1, mode: 1 }, 'INVALID_MODE'],
    ['control', { skuId: 'ticket', step: 7 }, 'INVALID_REQUEST'],
    ['control', { skuId: 'ticket', mode: 'none' }, 'INVALID_MODE'],
    ['guardrail', { skuId: 'ticket' }, 'INVALID_REQUEST'],
    ['guardrail', { skuId: 'ticket', action: 'break' }, 'INVALID_REQUEST'],
    ['reset', { skuId: 1 }, 'INVALID_SKU'],
  ])('of %s with %j are refused by the field that is wrong: %s', async (name, body, code) => {
    const { call } = await newShow();
    const answer = await call(`/api/demo/${name}`, { body });
    expect([answer.status, answer.error?.code]).toEqual([400, code]);
  });
});
