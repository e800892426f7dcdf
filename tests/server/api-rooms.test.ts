import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { AuditResult } from '#lib/domain/audit-findings.ts';
import type { AllocateResult, RushResult } from '#lib/protocol/http.ts';
import type { Answered } from './support/site.ts';
import { SITE, newShow, order } from './support/site.ts';

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
    expect(late.meta.ledger.platformUsd).toBeGreaterThan(0);
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
    expect(state.data.lanes.safe?.acknowledged).toBe(0);
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
