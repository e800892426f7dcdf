/** A script that says of itself that it is no person is marked so, and has the limits of everybody. */
import { expect, it } from 'vitest';
import { TAP_BUCKET } from '#lib/domain/rate.ts';
import { exportLog } from './support/log.ts';
import { newShow, order } from './support/site.ts';

/** Somewhat more than the limit gives at once. */
const TAPS = TAP_BUCKET.tokens + 40;

it('marks what it buys in the log, under a name that says so, and leaves others unmarked', async () => {
  const { on, presenter, participant, asParticipant } = await newShow();
  const asked = order();
  const marked = { ...asked, headers: { ...asked.headers, 'x-simulated': '1' } };
  expect((await asParticipant('/api/demo/allocate', marked)).status).toBe(200);
  expect((await asParticipant('/api/demo/allocate', order())).status).toBe(200);
  const { events } = await exportLog(on, presenter.token);
  const bought = events.flatMap(({ kind, body }) => (kind === 'allocated' ? [body] : []));
  expect(bought).toMatchObject([{ who: `bot-${participant.label}`, sim: true }, { who: participant.label }]);
  expect(bought[1]).not.toHaveProperty('sim');
});

it('is refused by the limit like everybody: nothing is bought beyond it', async () => {
  const { call, asParticipant } = await newShow({ skus: [{ id: 'ticket', capacity: 1_000 }] });
  const startedAtMs = Date.now();
  const codes: string[] = [];
  for (let tap = 0; tap < TAPS; tap += 1) {
    const asked = { ...order(), headers: { 'x-simulated': '1' } };
    const { status, error } = await asParticipant('/api/demo/allocate', asked);
    codes.push(error?.code ?? String(status));
  }
  const bought = codes.filter((code) => code === '200').length;
  const allowed = TAP_BUCKET.tokens + Math.floor((Date.now() - startedAtMs) / TAP_BUCKET.tokenMs);
  expect(bought).toBeGreaterThanOrEqual(TAP_BUCKET.tokens);
  expect(bought).toBeLessThanOrEqual(allowed);
  expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(TAPS - bought);
  const { data } = await call<{ lanes: { safe: { acknowledged: number } } }>('/api/demo/state?skuId=ticket');
  expect(data.lanes.safe.acknowledged).toBe(bought);
});
