import { describe, expect, test } from 'vitest';
import { createApi } from '#lib/client/api.ts';
import { createPresenterApi } from '#lib/client/presenter-api.ts';
import { enterShow, recallSkus } from '#lib/client/identity.ts';
import { FakeTime } from './support/fake-time.ts';
import { memoryStore } from './support/fake-room.ts';
import { fakeFetch, meta } from './support/mock-meta.ts';

const SKUS = [{ id: 'ticket', name: 'Concert ticket', capacity: 100, unitPrice: 150 }];
const refusal = (code: string, retryAfterMs?: number) => ({
  success: false,
  error: { code, message: 'No.', ...(retryAfterMs ? { retryAfterMs } : {}) },
  meta: meta(),
});
const login = (sessionId = 's1') => ({
  success: true,
  data: {
    token: 't',
    sessionId,
    role: 'participant',
    show: 'K7QM2P',
    label: 'amber-otter',
    skus: SKUS,
    expiresAt: 9,
  },
  meta: meta(),
});
const me = (show = 'K7QM2P', role = 'participant') => ({
  success: true,
  data: { sessionId: 's1', role, show, label: 'amber-otter', expiresAt: 9, stored: null },
  meta: meta(),
});

describe('a call', () => {
  test('speaks for its role, same origin, and says that its body is JSON', async () => {
    const { fetcher, asked } = fakeFetch([{ success: true, data: { epochs: {} }, meta: meta() }]);
    const answer = await createPresenterApi(fetcher).reset(null, 'key-1');
    expect(answer).toMatchObject({ ok: true, data: { epochs: {} } });
    expect(asked[0]).toMatchObject({
      url: '/api/demo/reset',
      init: {
        method: 'POST',
        body: '{}',
        credentials: 'same-origin',
        headers: {
          'x-session-role': 'presenter',
          'content-type': 'application/json',
          'idempotency-key': 'key-1',
        },
      },
    });
  });

  test('to renew a session whose cookie is gone is made again by the token of this page’s own login', async () => {
    const renewed = { success: true, data: { expiresAt: 9 }, meta: meta() };
    const { fetcher, asked } = fakeFetch([login(), refusal('UNAUTHORIZED'), renewed]);
    const api = createApi('participant', fetcher);
    await api.login({ role: 'participant', show: 'K7QM2P' });
    expect(await api.renew()).toMatchObject({ ok: true });
    const headers = asked.map(({ init }) => (init?.headers as Record<string, string>)['authorization']);
    expect(headers).toEqual([undefined, undefined, 'Bearer t']);
    const { fetcher: strange, asked: once } = fakeFetch([refusal('UNAUTHORIZED')]);
    expect(await createApi('participant', strange).renew()).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(once).toHaveLength(1);
  });

  test('follows nobody who sends it elsewhere: a sign-in page of a Wi-Fi is no answer', async () => {
    const { fetcher, asked } = fakeFetch([me()]);
    await createApi('participant', fetcher).me();
    expect(asked[0]?.init?.redirect).toBe('manual');
  });

  test('that is refused is a value with its code, status and pause', async () => {
    const { fetcher } = fakeFetch([refusal('RATE_LIMITED', 42_000)], 429);
    expect(await createPresenterApi(fetcher).renew()).toEqual({
      ok: false,
      code: 'RATE_LIMITED',
      message: 'No.',
      retryAfterMs: 42_000,
      status: 429,
    });
  });

  test('without a network, or with an answer that is not ours, never throws', async () => {
    const { fetcher } = fakeFetch([new TypeError('gone'), '<html>', { success: 'perhaps' }], 502);
    const api = createPresenterApi(fetcher);
    expect(await api.me()).toMatchObject({ ok: false, code: 'OFFLINE', status: 0 });
    expect(await api.me()).toMatchObject({ ok: false, code: 'NOT_UNDERSTOOD', status: 502 });
    expect(await api.log('ticket')).toMatchObject({ ok: false, code: 'NOT_UNDERSTOOD' });
  });

  test('whose answer breaks off on its way has none, whatever its status said', async () => {
    const broken = new ReadableStream({ start: (body) => body.error(new TypeError('broken off')) });
    const api = createApi('participant', () => Promise.resolve(new Response(broken)));
    expect(await api.state('ticket')).toMatchObject({ ok: false, code: 'OFFLINE', status: 0 });
  });

  test('cannot be led to another address by a strange SKU', async () => {
    const { fetcher, asked } = fakeFetch([refusal('INVALID_SKU')], 400);
    await createPresenterApi(fetcher).state('a&b=../c');
    expect(asked[0]!.url).toBe('/api/demo/state?skuId=a%26b%3D..%2Fc');
  });
});

describe('entering a show', () => {
  const enter = (
    answers: object[],
    store = memoryStore(),
    role: 'participant' | 'presenter' = 'participant',
  ) => {
    const { fetcher, asked } = fakeFetch(answers);
    const api = createApi(role, fetcher);
    const now = () => FakeTime.WALL - 5_000;
    return { asked, store, result: enterShow({ api, role, show: 'K7QM2P', store, now }) };
  };

  test('a new phone joins in one call, and knows by how much its clock is wrong', async () => {
    const { asked, store, result } = enter([login()]);
    expect(await result).toMatchObject({
      ok: true,
      identity: { label: 'amber-otter', skus: SKUS, isNew: true, clockOffsetMs: 5_000 },
    });
    expect(asked.map(({ url }) => url)).toEqual(['/api/auth/login']);
    expect(recallSkus('K7QM2P', store)).toEqual(SKUS);
  });

  test('a reload keeps who one is', async () => {
    const { store, result } = enter([login()]);
    await result;
    const again = enter([me()], store);
    expect(await again.result).toMatchObject({
      ok: true,
      identity: { isNew: false, sessionId: 's1', skus: SKUS },
    });
    expect(again.asked.map(({ url }) => url)).toEqual(['/api/auth/me']);
  });

  test('a session that ran out, or belongs to another show, is replaced by a new one', async () => {
    const { store, result } = enter([login()]);
    await result;
    const expired = enter([refusal('EXPIRED_SESSION'), login('s2')], store);
    expect(await expired.result).toMatchObject({ ok: true, identity: { sessionId: 's2', isNew: true } });
    const other = enter([me('ABCDEF'), login('s3')], store);
    expect(await other.result).toMatchObject({ ok: true, identity: { sessionId: 's3' } });
  });

  test('a presenter without a session is never logged in by itself', async () => {
    const { asked, result } = enter([refusal('UNAUTHORIZED')], memoryStore(), 'presenter');
    expect(await result).toMatchObject({ ok: false, code: 'UNAUTHORIZED' });
    expect(asked).toHaveLength(1);
    const other = enter([me('ABCDEF', 'presenter')], memoryStore(), 'presenter');
    expect(await other.result).toMatchObject({ ok: false, code: 'FORBIDDEN' });
  });

  test('a store that was tampered with is not believed', () => {
    const store = memoryStore();
    store.setItem('rgl.show.K7QM2P', '[{"id":1}]');
    expect(recallSkus('K7QM2P', store)).toBeNull();
    store.setItem('rgl.show.K7QM2P', '{');
    expect(recallSkus('K7QM2P', store)).toBeNull();
  });
});
