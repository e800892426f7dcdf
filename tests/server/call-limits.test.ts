/** Each kind of call has a bucket per session: one session takes a room's time from nobody, and cannot spend its cost. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { CallLimits } from '#server/room/call-limits.ts';
import { TestClient } from './support/client.ts';
import { newShow } from './support/site.ts';
import type { Asked } from './support/site.ts';

const NOW = 1_000_000;

/** The clock stands still until the test is over: no token comes back while it counts. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
}

describe('a bucket', () => {
  it('has ten seconds of calls, says when the next may come, and fills again', () => {
    const limits = new CallLimits();
    const takes = (nowMs: number) => limits.take('renew', 'one', nowMs);
    const said = Array.from({ length: 25 }, () => takes(NOW));
    expect(said.filter((refusal) => refusal === null)).toHaveLength(20);
    expect(said.at(-1)).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 500 });
    expect(takes(NOW + 499)).toMatchObject({ retryAfterMs: 1 });
    expect(takes(NOW + 500)).toBeNull();
    const later = Array.from({ length: 25 }, () => takes(NOW + 60_000));
    expect(later.filter((refusal) => refusal === null)).toHaveLength(20);
  });

  it("is one session's and one kind's", () => {
    const limits = new CallLimits();
    while (!limits.take('renew', 'one', NOW));
    expect(limits.take('renew', 'two', NOW)).toBeNull();
    expect(limits.take('audit', 'one', NOW)).toBeNull();
  });
});

describe('one session', () => {
  const KINDS: [kind: string, burst: number, path: string, asked: Asked][] = [
    ['renewals', 20, '/api/auth/renew', { method: 'POST' }],
    ['looks at itself', 100, '/api/auth/me', {}],
    ['looks at the state', 200, '/api/demo/state?skuId=ticket', {}],
    ['audits', 50, '/api/demo/audit?skuId=ticket', {}],
    ['summaries', 50, '/api/demo/summary', {}],
    ['changes of the step', 200, '/api/demo/control', { body: { skuId: 'ticket', step: 2 } }],
    ['looks at its pairings', 50, '/api/auth/pair', {}],
  ];

  it.each(KINDS)('makes so many %s at once and is told to wait, and nobody else is', async (...kind) => {
    const [, burst, plain, asked] = kind;
    const { on, presenter, call, participant, asParticipant } = await newShow();
    const path = plain.endsWith('summary') ? `${plain}?show=${presenter.show}` : plain;
    stopClock();
    const answers = [];
    while (answers.length < burst + 40) {
      answers.push(...(await Promise.all(Array.from({ length: 20 }, () => call(path, asked)))));
    }
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBe(burst);
    expect(refused.length).toBeGreaterThanOrEqual(40);
    expect(new Set(refused.map(({ status, error }) => `${status} ${error?.code}`))).toEqual(
      new Set(['429 RATE_LIMITED']),
    );
    expect(refused[0]?.error?.retryAfterMs).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect((await asParticipant('/api/demo/state?skuId=ticket')).status).toBe(200);
    const phone = await TestClient.connect(on, participant);
    expect((await phone.buy()).t).toBe('ack');
  });

  it('connects so often and no more: further ones are closed, and the others stay', async () => {
    const { on, participant, presenter } = await newShow();
    const other = await TestClient.connect(on, presenter);
    stopClock();
    const clients: TestClient[] = [];
    for (let nth = 0; nth < 110; nth++) {
      const client = await TestClient.connect(on, participant);
      clients.push(client);
      if (client.closed === null) client.close();
    }
    expect(clients.filter(({ state }) => state !== null)).toHaveLength(100);
    expect(new Set(clients.slice(100).map(({ closed }) => closed?.code))).toEqual(new Set([CLOSE.flood]));
    expect(other.closed).toBeNull();
  });
});
