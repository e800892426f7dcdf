/** A reset within the limit: whatever becomes of it, the limiter hears of it, and what that cost is charged. */
import { describe, expect, it } from 'vitest';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { addCounts } from '#lib/domain/prices.ts';
import { resetWithinLimit } from '#server/limited-reset.ts';
import type { ResetRooms } from '#server/limited-reset.ts';
import type { Limiter, ResetPermit } from '#server/limiter.ts';

const BEGIN: MeterCounts = { 'do.request': 1, 'do.rowRead': 10 };
const END: MeterCounts = { 'do.request': 1, 'do.rowWritten': 1 };

/** Asks a limiter that permits so much; what it heard, and what was charged. */
async function ask(permit: ResetPermit, reset: ResetRooms<string>['reset']) {
  const heard: string[] = [];
  const charged: MeterCounts = {};
  const told = (what: string) => (key: string) => {
    heard.push(`${what} ${key}`);
    return Promise.resolve(END);
  };
  const limiter = {
    beginReset: () => Promise.resolve(permit),
    finishReset: told('finished'),
    abandonReset: told('abandoned'),
  };
  const limiters = { getByName: () => limiter } as unknown as DurableObjectNamespace<Limiter>;
  const wanted = { key: 'k', fingerprint: 'show/a', ipHash: 'hash', now: () => 0 };
  const charge = (spent: MeterCounts) => addCounts(charged, spent);
  const end = await resetWithinLimit(limiters, wanted, { reset, charge }).catch(
    (error: Error) => error.message,
  );
  return { end, heard, charged };
}

const permitted: ResetPermit = { ok: true, spent: BEGIN };
const never = () => Promise.reject(new Error('no room is asked'));
const both = { 'do.request': 2, 'do.rowRead': 10, 'do.rowWritten': 1 };

describe('a reset within the limit', () => {
  it('that is done counts, and is charged for both', async () => {
    const { end, heard, charged } = await ask(permitted, () => Promise.resolve({ epochs: { a: 2 } }));
    expect(end).toEqual({ kind: 'done', epochs: { a: 2 }, again: false });
    expect(heard).toEqual(['finished k']);
    expect(charged).toEqual(both);
  });

  it('that a room says no to counts nothing, and is charged for both', async () => {
    const { end, heard, charged } = await ask(permitted, () => Promise.resolve({ against: 'not yet' }));
    expect(end).toEqual({ kind: 'failed', against: 'not yet' });
    expect(heard).toEqual(['abandoned k']);
    expect(charged).toEqual(both);
  });

  it('whose room fails counts nothing, and is charged for both', async () => {
    const { end, heard, charged } = await ask(permitted, () => Promise.reject(new Error('gone')));
    expect(end).toBe('gone');
    expect(heard).toEqual(['abandoned k']);
    expect(charged).toEqual(both);
  });

  it('that may not be, or was before, asks no room, and is charged for asking', async () => {
    const refused = await ask({ ok: false, retryAfterMs: 7, spent: BEGIN }, never);
    expect(refused.end).toMatchObject({
      kind: 'refused',
      refusal: { code: 'RATE_LIMITED', retryAfterMs: 7 },
    });
    const reused = await ask({ ok: false, reused: true, spent: BEGIN }, never);
    expect(reused.end).toMatchObject({ kind: 'refused', refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    const again = await ask({ ok: true, replay: { a: 2 }, spent: BEGIN }, never);
    expect(again.end).toEqual({ kind: 'done', epochs: { a: 2 }, again: true });
    for (const { heard, charged } of [refused, reused, again]) {
      expect(heard).toEqual([]);
      expect(charged).toEqual(BEGIN);
    }
  });
});
