import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type {
  AllocateResult,
  AuditResult,
  LoginResult,
  ResetResult,
  RushResult,
} from '#lib/protocol/http.ts';
import manifest from '../../package.json' with { type: 'json' };
import { logLine } from '#server/log.ts';
import type { Answered, Asked, Overrides } from './support/site.ts';
import { SITE, TestSite, freshAddress } from './support/site.ts';

const site = new TestSite();
const DEBUG = site.env.DEBUG_TOKEN ?? '';

/** A show with a presenter and a participant, on its own configuration. */
async function newShow(body: Record<string, unknown> = {}, overrides: Overrides = {}) {
  const on = new TestSite(overrides);
  const presenter = await on.openShow(body);
  const participant = await on.join(presenter.show);
  const call = <T>(path: string, asked: Asked = {}) =>
    on.call<T>(path, { token: presenter.token, ip: freshAddress(), ...asked });
  const asParticipant = <T>(path: string, asked: Asked = {}) =>
    on.call<T>(path, { token: participant.token, ...asked });
  return { on, presenter, participant, call, asParticipant };
}

function order(body: Record<string, unknown> = {}, key?: string): Asked {
  return {
    body: { skuId: 'ticket', ...body },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  };
}

describe('every call', () => {
  const POSTS = ['allocate', 'rush', 'control', 'guardrail', 'reset'].map((name) => `/api/demo/${name}`);
  const GETS = ['state', 'log', 'audit'].map((name) => `/api/demo/${name}?skuId=ticket`);
  const SESSION_CALLS = [
    ...[...POSTS, '/api/auth/renew', '/api/auth/logout'].map((path) => ['POST', path] as const),
    ...[...GETS, '/api/auth/me'].map((path) => ['GET', path] as const),
  ];

  it.each(SESSION_CALLS)('%s %s needs a session', async (method, path) => {
    const asked: Asked = method === 'POST' ? { body: { skuId: 'ticket', count: 1, action: 'trip' } } : {};
    const answer = await site.call(path, asked);
    expect([answer.status, answer.error?.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it.each(['rush', 'control', 'guardrail', 'reset'])("%s is the presenter's alone", async (name) => {
    const { asParticipant } = await newShow();
    const body = { skuId: 'ticket', count: 1, action: 'trip', mode: 'both' };
    const answer = await asParticipant(`/api/demo/${name}`, { body });
    expect([answer.status, answer.error?.code]).toEqual([403, 'FORBIDDEN']);
  });

  it.each([...POSTS, ...GETS])('%s refuses a SKU that the show does not sell', async (path) => {
    const { call } = await newShow();
    const asked = path.includes('?') ? {} : { body: { skuId: 'other', count: 1, action: 'trip' } };
    const answer = await call(path.replace('ticket', 'other'), asked);
    expect([answer.status, answer.error?.code]).toEqual([400, 'INVALID_SKU']);
    expect(answer.error?.message).toContain('ticket');
  });

  it('answers within the envelope where nothing is, and names the method that is known', async () => {
    for (const path of ['/api', '/api/', '/api/nothing', '/api/demo', '/api/auth/login/']) {
      const answer = await site.call(path);
      expect([path, answer.status, answer.error?.code]).toEqual([path, 404, 'NOT_FOUND']);
    }
    const wrongMethod = await site.call('/api/auth/login');
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([404, 'POST']);
    const other = await site.call('/api/demo/state', { method: 'DELETE' });
    expect([other.status, other.headers.get('allow')]).toEqual([404, 'GET']);
  });

  it('leaves every other address to the pages', async () => {
    for (const path of ['/', '/apiary', '/stage/ABCDEF']) {
      const response = await site.send(new Request(`${SITE}${path}`));
      expect(await response.text()).toContain('pages are not built');
    }
  });
});

describe('health', () => {
  it('is told to anyone, with the figures of no room', async () => {
    const { data, meta } = await site.call('/api/health');
    expect(data).toEqual({ ok: true, version: manifest.version });
    expect(meta).toMatchObject({
      guardrailTriggered: false,
      virtualCosts: 0,
      ledger: { virtualUsd: 0, realUsd: 0, limitUsd: 0, billingScale: 1e-9, loadFactor: 100_000, lines: [] },
    });
    expect(Math.abs(meta.timestamp - Date.now())).toBeLessThan(5_000);
  });
});

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
    ['allocate', [], 'INVALID_SKU'],
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

describe('allocate', () => {
  it('sells, and answers the same key with the same answer', async () => {
    const { call } = await newShow();
    const key = crypto.randomUUID();
    const first = await call<AllocateResult>('/api/demo/allocate', order({ units: 3 }, key));
    expect(first.status).toBe(200);
    expect(first.data).toMatchObject({
      opId: key,
      skuId: 'ticket',
      epoch: 1,
      mode: 'safe',
      lanes: { safe: { status: 'allocated', units: 3 } },
      unitsAvailable: 97,
      totalAllocated: 3,
      oversellDelta: 0,
      lostUnits: 0,
    });
    const again = await call<AllocateResult>('/api/demo/allocate', order({ units: 3 }, key));
    expect(again.data.lanes).toEqual(first.data.lanes);
    expect(again.data.totalAllocated).toBe(3);
    const other = await call('/api/demo/allocate', order({ units: 4 }, key));
    expect([other.status, other.error?.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('makes a key where none is given, and takes no other than a UUID', async () => {
    const { call } = await newShow();
    const made = await call<AllocateResult>('/api/demo/allocate', order());
    expect(made.data.opId).toMatch(/^[0-9a-f-]{36}$/);
    const odd = await call('/api/demo/allocate', order({}, 'first'));
    expect([odd.status, odd.error?.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('is refused when nothing is left, in words, with the figures of the room', async () => {
    const { asParticipant } = await newShow({ skus: [{ id: 'ticket', capacity: 1 }] });
    expect((await asParticipant('/api/demo/allocate', order())).status).toBe(200);
    const late = await asParticipant('/api/demo/allocate', order());
    expect([late.status, late.error?.code]).toEqual([409, 'OUT_OF_STOCK']);
    expect(late.meta.virtualCosts).toBeGreaterThan(0);
  });

  it('goes only to the mode that a participant was shown', async () => {
    const { asParticipant } = await newShow();
    const answer = await asParticipant('/api/demo/allocate', order({ mode: 'eventual' }));
    expect([answer.status, answer.error?.code]).toEqual([409, 'MODE_MISMATCH']);
  });

  it('goes to both lanes in split screen', async () => {
    const { call, asParticipant } = await newShow({}, { RACE_WINDOW_MS: '0' });
    await call('/api/demo/control', { body: { skuId: 'ticket', mode: 'both' } });
    const { data, status } = await asParticipant<AllocateResult>(
      '/api/demo/allocate',
      order({ mode: 'both' }),
    );
    expect(status).toBe(200);
    expect(Object.keys(data.lanes).sort()).toEqual(['eventual', 'safe']);
  });

  it('is limited for one participant, who is told when to come again', async () => {
    const { asParticipant } = await newShow({ skus: [{ id: 'ticket', capacity: 1_000 }] });
    const answers: Answered[] = await Promise.all(
      Array.from({ length: 210 }, () => asParticipant('/api/demo/allocate', order())),
    );
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(5);
    expect(limited[0]?.error?.code).toBe('RATE_LIMITED');
    expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('is refused before any stock is touched when real money would flow', async () => {
    const { call } = await newShow({}, { BILLING_SCALE: '1' });
    const answer = await call('/api/demo/allocate', order());
    expect([answer.status, answer.error?.code]).toEqual([403, 'REAL_BUDGET_EXCEEDED']);
    const state = await call<FullRoomState>('/api/demo/state?skuId=ticket');
    expect(state.data.lanes.safe.acknowledged).toBe(0);
    expect(state.meta.ledger).toMatchObject({ realUsd: 0, limitUsd: 0, billingScale: 1 });
  });
});

describe('a rush', () => {
  it('sends simulated shoppers, and answers when all of them are settled', async () => {
    const { call } = await newShow({ skus: [{ id: 'ticket', capacity: 10 }] });
    const { data } = await call<RushResult>('/api/demo/rush', { body: { skuId: 'ticket', count: 25 } });
    expect(data).toEqual({ requested: 25, allocated: 10, refused: 15, byCode: { OUT_OF_STOCK: 15 } });
  });
});

describe('control and guardrail', () => {
  it('change the room, and answer with its state', async () => {
    const { call } = await newShow();
    const body = { skuId: 'ticket', mode: 'both', step: 4 };
    const { data } = await call<FullRoomState>('/api/demo/control', { body });
    expect(data).toMatchObject({ mode: 'both', step: 4 });
    const trip = { body: { skuId: 'ticket', action: 'trip' } };
    const tripped = await call<FullRoomState>('/api/demo/guardrail', trip);
    expect(tripped.data.guardrail).toMatchObject({ tripped: true, by: 'presenter' });
    expect((await call('/api/demo/state?skuId=ticket')).meta.guardrailTriggered).toBe(true);
    const clear = { body: { skuId: 'ticket', action: 'clear' } };
    expect((await call<FullRoomState>('/api/demo/guardrail', clear)).meta.guardrailTriggered).toBe(false);
  });

  it('block allocations behind a tripped guardrail where that is configured', async () => {
    const { call } = await newShow({}, { GUARDRAIL_ACTION: 'block' });
    await call('/api/demo/guardrail', { body: { skuId: 'ticket', action: 'trip' } });
    const answer = await call('/api/demo/allocate', order());
    expect([answer.status, answer.error?.code]).toEqual([403, 'GUARDRAIL_BLOCKED']);
    expect(answer.meta.guardrailTriggered).toBe(true);
  });
});

describe('a reset', () => {
  const skus = [{ id: 'a' }, { id: 'b' }];
  const reset = (body: object, ip: string, key?: string): Asked => ({
    body,
    ip,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });

  it('begins a new epoch in every room of the show, or in one', async () => {
    const { call } = await newShow({ skus });
    await call('/api/demo/allocate', { body: { skuId: 'a', units: 5 } });
    const all = await call<ResetResult>('/api/demo/reset', reset({}, freshAddress()));
    expect(all.data).toEqual({ epochs: { a: 2, b: 2 } });
    const one = await call<ResetResult>('/api/demo/reset', reset({ skuId: 'b' }, freshAddress()));
    expect(one.data).toEqual({ epochs: { b: 3 } });
    const { data } = await call<FullRoomState>('/api/demo/state?skuId=a');
    expect([data.epoch, data.lanes.safe.acknowledged]).toEqual([2, 0]);
  });

  it('may be asked for again with its key, but with another only a minute later', async () => {
    const { call } = await newShow({ skus });
    const ip = freshAddress();
    const key = crypto.randomUUID();
    const first = await call<ResetResult>('/api/demo/reset', reset({}, ip, key));
    const again = await call<ResetResult>('/api/demo/reset', reset({}, ip, key));
    expect([again.status, again.data]).toEqual([200, first.data]);
    expect(again.meta.virtualCosts).toBeGreaterThan(0);
    const reused = await call('/api/demo/reset', reset({ skuId: 'a' }, ip, key));
    expect([reused.status, reused.error?.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const other = await call('/api/demo/reset', reset({}, ip, crypto.randomUUID()));
    expect([other.status, other.error?.code]).toEqual([429, 'RATE_LIMITED']);
    expect(other.error?.retryAfterMs).toBeGreaterThan(50_000);
    expect((await call<FullRoomState>('/api/demo/state?skuId=a')).data.epoch).toBe(2);
  });

  it('that fails counts nothing', async () => {
    const ip = freshAddress();
    const over = await newShow({ skus });
    await over.call('/api/auth/logout', { method: 'POST' });
    const refused = await over.call('/api/demo/reset', reset({}, ip));
    expect(refused.status).toBeGreaterThanOrEqual(400);
    const { call } = await newShow({ skus });
    expect((await call('/api/demo/reset', reset({}, ip))).status).toBe(200);
  });

  it('needs no body from a client with a token', async () => {
    const { call } = await newShow();
    const { data } = await call<ResetResult>('/api/demo/reset', { method: 'POST' });
    expect(data).toEqual({ epochs: { ticket: 2 } });
  });
});

describe('the log and the audit', () => {
  it('are streamed as lines, and checked', async () => {
    const { on, presenter, call } = await newShow();
    await call('/api/demo/allocate', order());
    const response = await on.send(
      new Request(`${SITE}/api/demo/log?skuId=ticket`, {
        headers: { authorization: `Bearer ${presenter.token}` },
      }),
    );
    expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="${presenter.show}-ticket.ndjson"`,
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const lines = (await response.text()).trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(lines.some((line) => line.includes('"allocated"'))).toBe(true);
    const audit = await call<AuditResult>('/api/demo/audit?skuId=ticket');
    expect(audit.data.ok).toBe(true);
    expect(audit.data.checks.length).toBeGreaterThan(0);
  });
});

describe('a browser with a cookie', () => {
  const withCookie = ({ role, token }: LoginResult, headers: Record<string, string> = {}): Asked => ({
    headers: { cookie: `rgl_${role}=${token}`, ...headers },
  });

  it("changes things only from the site's own pages, and says what it sends", async () => {
    const { on, participant } = await newShow();
    const buy = (headers: Record<string, string>) =>
      on.call('/api/demo/allocate', { ...order(), ...withCookie(participant, headers) });
    expect((await buy({})).error?.code).toBe('BAD_ORIGIN');
    expect((await buy({ origin: 'https://evil.example' })).error?.code).toBe('BAD_ORIGIN');
    expect((await buy({ origin: SITE })).status).toBe(200);
    const renewal = await on.call('/api/auth/renew', {
      method: 'POST',
      ...withCookie(participant, { origin: SITE }),
    });
    expect([renewal.status, renewal.error?.code]).toEqual([415, 'INVALID_CONTENT_TYPE']);
    expect((await on.call('/api/demo/state?skuId=ticket', withCookie(participant))).status).toBe(200);
  });

  it('is stage and phone at once, as the page says', async () => {
    const { on, presenter, participant } = await newShow();
    const cookie = `rgl_presenter=${presenter.token}; rgl_participant=${participant.token}`;
    const me = async (path: string) =>
      (await on.call<{ role: string }>(path, { headers: { cookie } })).data.role;
    expect(await me('/api/auth/me')).toBe('presenter');
    expect(await me('/api/auth/me?as=participant')).toBe('participant');
  });
});

describe('a session of another show', () => {
  it('sees and changes its own show only', async () => {
    const mine = await newShow({ skus: [{ id: 'ticket', capacity: 5 }] });
    const yours = await newShow({ skus: [{ id: 'ticket', capacity: 9 }] });
    await mine.call('/api/demo/allocate', order());
    const { data } = await yours.call<FullRoomState>('/api/demo/state?skuId=ticket');
    expect([data.show, data.lanes.safe.acknowledged]).toEqual([yours.presenter.show, 0]);
  });
});

describe('what fails inside', () => {
  it('is answered without internals, and logged without secrets', async () => {
    const lines = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const broken = {
      getByName: () => {
        throw new Error('a bug at line 7');
      },
    };
    try {
      const { presenter } = await newShow();
      const on = new TestSite({ ROOM: broken as unknown as typeof env.ROOM });
      const request = new Request(`${SITE}/api/demo/state?skuId=ticket`, {
        headers: { authorization: `Bearer ${presenter.token}`, 'cf-connecting-ip': '192.0.2.99' },
      });
      const response = await on.send(request);
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain('STORAGE_UNAVAILABLE');
      expect(text).not.toContain('line 7');
      const logged = lines.mock.calls.map(([line]) => String(line)).join('\n');
      expect(logged).toContain('a bug at line 7');
      expect(logged).not.toContain(presenter.token);
      expect(logged).not.toContain('192.0.2.99');
      expect(logged).not.toContain(DEBUG);
    } finally {
      lines.mockRestore();
    }
  });

  it.each([
    'token',
    'turnstileToken',
    'ip',
    'client_ip',
    'clientIp',
    'authorization',
    'set-cookie',
    'secret',
  ])('never reaches a log line under the name %s', (key) => {
    expect(() => logLine('anything', { [key]: 'x' })).toThrow(key);
  });
});

describe('the list of codes', () => {
  it('is reached from the outside but for what only sockets, races or siteverify can meet', () => {
    const elsewhere: ErrorCode[] = [
      // Tested in login.test.ts, sessions.test.ts and turnstile.test.ts.
      'MISSING_TOKEN',
      'INVALID_TOKEN',
      'UNKNOWN_SHOW',
      'SHOW_ENDED',
      'SHOW_FULL',
      'EXPIRED_SESSION',
      'TURNSTILE_UNAVAILABLE',
      'STORAGE_UNAVAILABLE',
      // Only an op that names its epoch, or more than 64 in flight: tested with the rooms.
      'STALE_EPOCH',
      'BUSY',
    ];
    const here: ErrorCode[] = [
      'INVALID_JSON',
      'INVALID_SKU',
      'INVALID_UNITS',
      'INVALID_MODE',
      'INVALID_REQUEST',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'REAL_BUDGET_EXCEEDED',
      'GUARDRAIL_BLOCKED',
      'BAD_ORIGIN',
      'NOT_FOUND',
      'OUT_OF_STOCK',
      'MODE_MISMATCH',
      'PAYLOAD_TOO_LARGE',
      'INVALID_CONTENT_TYPE',
      'IDEMPOTENCY_KEY_REUSED',
      'RATE_LIMITED',
    ];
    expect([...elsewhere, ...here].sort()).toEqual(Object.keys(ERROR_STATUS).sort());
  });
});
