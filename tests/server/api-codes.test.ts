/** Every code of the contract's closed list, met from the outside with the status that the contract gives it. */
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#lib/domain/codes.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import { signToken } from '#server/sessions/token.ts';
import type { Answered, Overrides } from './support/site.ts';
import { TestSite, freshAddress, logIn, newShow, order } from './support/site.ts';

const ALLOCATE = '/api/demo/allocate';
const site = new TestSite();

/** A room whose eventual lane pauses long enough for something else to happen. */
async function slowShow() {
  const slow = await newShow({}, { RACE_WINDOW_MS: '1000' });
  await slow.call('/api/demo/control', { body: { skuId: 'ticket', mode: 'eventual' } });
  return slow;
}

/** How an order in a fresh room is answered. */
async function ordered(body: Record<string, unknown>, overrides: Overrides = {}): Promise<Answered> {
  return (await newShow({}, overrides)).asParticipant(ALLOCATE, order(body));
}

const join = (show: string) => logIn(site, { role: 'participant', show });

const WAYS: Record<ErrorCode, () => Promise<Answered>> = {
  INVALID_JSON: async () => (await newShow()).call(ALLOCATE, { body: '{' }),
  INVALID_SKU: () => ordered({ skuId: 'other' }),
  INVALID_UNITS: () => ordered({ units: 51 }),
  INVALID_MODE: () => ordered({ mode: 'fast' }),
  INVALID_REQUEST: () => join('???'),
  MISSING_TOKEN: () => logIn(site, {}),
  UNAUTHORIZED: () => site.call('/api/auth/me'),
  EXPIRED_SESSION: async () => {
    const { sessionId, role, show, label } = (await newShow()).participant;
    const claims = { sessionId, role, show, label, skus: ['ticket'], issuedAt: 1, expiresAt: 2 };
    const token = await signToken(site.env.SESSION_SECRET ?? '', claims);
    return site.call('/api/demo/state?skuId=ticket', { token });
  },
  FORBIDDEN: async () => (await newShow()).asParticipant('/api/demo/reset', { body: {} }),
  INVALID_TOKEN: () => logIn(site, { turnstileToken: 'wrong' }),
  REAL_BUDGET_EXCEEDED: () => ordered({}, { BILLING_SCALE: '1' }),
  GUARDRAIL_BLOCKED: async () => {
    const { call, asParticipant } = await newShow({}, { GUARDRAIL_ACTION: 'block' });
    await call('/api/demo/guardrail', { body: { skuId: 'ticket', action: 'trip' } });
    return asParticipant(ALLOCATE, order());
  },
  BAD_ORIGIN: () => logIn(site, {}, { headers: { origin: 'https://evil.example' } }),
  NOT_FOUND: () => site.call('/api/nothing'),
  UNKNOWN_SHOW: () => join('ZZZZZZ'),
  OUT_OF_STOCK: async () => {
    const { asParticipant } = await newShow({ skus: [{ id: 'ticket', capacity: 1 }] });
    return asParticipant(ALLOCATE, order({ units: 2 }));
  },
  STALE_EPOCH: async () => {
    const { call, asParticipant } = await slowShow();
    const [answer] = await Promise.all([
      asParticipant(ALLOCATE, order({ mode: 'eventual' })),
      call('/api/demo/reset', { body: {} }),
    ]);
    return answer;
  },
  MODE_MISMATCH: () => ordered({ mode: 'eventual' }),
  HELD: async () => {
    const { call, asParticipant } = await newShow();
    await call('/api/demo/control', { body: { skuId: 'ticket', hold: true } });
    return asParticipant(ALLOCATE, order());
  },
  SHOW_ENDED: async () => {
    const { call, presenter } = await newShow();
    await call('/api/auth/logout', { method: 'POST' });
    return join(presenter.show);
  },
  PAYLOAD_TOO_LARGE: () => logIn(site, { filler: 'x'.repeat(10_001) }),
  INVALID_CONTENT_TYPE: () => logIn(site, {}, { headers: { 'content-type': 'text/plain' } }),
  IDEMPOTENCY_KEY_REUSED: async () => {
    const { asParticipant } = await newShow();
    const key = crypto.randomUUID();
    await asParticipant(ALLOCATE, order({}, key));
    return asParticipant(ALLOCATE, order({ units: 2 }, key));
  },
  RATE_LIMITED: async () => {
    const ip = freshAddress();
    for (let i = 0; i < 10; i++) await logIn(site, { turnstileToken: 'wrong' }, { ip });
    return logIn(site, { turnstileToken: 'wrong' }, { ip });
  },
  BUSY: async () => {
    const { asParticipant } = await slowShow();
    const buy = () => asParticipant(ALLOCATE, order({ mode: 'eventual' }));
    const answers = await Promise.all(Array.from({ length: 70 }, buy));
    return answers.find(({ error }) => error) ?? buy();
  },
  SHOW_FULL: async () => {
    const { on, presenter } = await newShow({}, { MAX_PARTICIPANTS: '1' });
    return logIn(on, { role: 'participant', show: presenter.show });
  },
  TURNSTILE_UNAVAILABLE: () => {
    const keys = { TURNSTILE_SITE_KEY: 'a', TURNSTILE_SECRET_KEY: 'b' };
    const on = new TestSite({ ...keys, TURNSTILE_VERIFY_URL: 'http://127.0.0.1:1/' });
    return logIn(on, { turnstileToken: 'any' });
  },
  STORAGE_UNAVAILABLE: () =>
    logIn(new TestSite({ DB: {} as D1Database }), { role: 'participant', show: 'AAAAAA' }),
};

describe('a client can meet', () => {
  it.each(Object.keys(WAYS) as ErrorCode[])('%s', async (code) => {
    const answer = await WAYS[code]();
    expect([answer.error?.code, answer.status]).toEqual([code, ERROR_STATUS[code]]);
    expect(answer.error?.message).toMatch(/\S.*\.$|: /);
    const mayComeAgain = ['RATE_LIMITED', 'BUSY', 'TURNSTILE_UNAVAILABLE', 'STORAGE_UNAVAILABLE'].includes(
      code,
    );
    expect(answer.headers.has('retry-after')).toBe(mayComeAgain);
  });
});
