/** The guardrail: it trips once per crossing, by the threshold or by hand, and the stream survives it. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '#lib/domain/events.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import { guardrail } from '#lib/room/presenting.ts';
import { inRoom } from './support/inner-room.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const trips = async (show: TestShow) =>
  (await exportLog(show.site, show.presenter.token)).events.filter(
    (event): event is EventOf<'guardrail'> => event.kind === 'guardrail',
  );
const buy = (show: TestShow) =>
  show.site.call<AllocateResult>('/api/demo/allocate', {
    token: show.presenter.token,
    body: { skuId: 'ticket' },
  });
const act = (show: TestShow, action: 'trip' | 'clear', token = show.presenter.token) =>
  show.site.call<FullRoomState>('/api/demo/guardrail', { token, body: { skuId: 'ticket', action } });

/** Buys until the guardrail has tripped. */
async function buyUntilTripped(show: TestShow): Promise<void> {
  for (let tap = 0; tap < 100; tap++) if ((await buy(show)).meta.guardrailTriggered) return;
  throw new Error('A hundred purchases have not tripped it.');
}

describe('the threshold', () => {
  it('trips it once per crossing: one event, the state, and every later answer say so', async () => {
    const show = await TestShow.open({}, 'safe', { VIRTUAL_COST_THRESHOLD: '8' });
    expect((await buy(show)).meta.guardrailTriggered).toBe(false);
    await buyUntilTripped(show);
    for (let tap = 0; tap < 5; tap++) {
      const { status, meta } = await buy(show);
      expect([status, meta.guardrailTriggered]).toEqual([200, true]);
      expect(meta.virtualCosts).toBeGreaterThanOrEqual(8);
    }
    await show.stage.until(() => show.stage.state?.guardrail.tripped === true);
    expect(show.stage.state?.guardrail).toMatchObject({ by: 'threshold', thresholdUsd: 8, action: 'warn' });
    const told = await trips(show);
    expect(told.map(({ body }) => [body.state, body.by])).toEqual([['tripped', 'threshold']]);
    expect(told[0]?.body.virtualUsd).toBeGreaterThanOrEqual(8);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('does not trip it again once it was cleared, also after sleep, until a reset', async () => {
    const show = await TestShow.open({}, 'safe', { VIRTUAL_COST_THRESHOLD: '8' });
    await buyUntilTripped(show);
    expect((await act(show, 'clear')).data.guardrail).toMatchObject({ tripped: false, by: null, atMs: null });
    await show.sleep();
    for (let tap = 0; tap < 3; tap++) expect((await buy(show)).meta.guardrailTriggered).toBe(false);
    await show.reset();
    expect((await buy(show)).meta.guardrailTriggered).toBe(false);
    await buyUntilTripped(show);
    expect((await trips(show)).map(({ body, epoch }) => [body.state, body.by, epoch])).toEqual([
      ['tripped', 'threshold', 1],
      ['cleared', 'presenter', 1],
      ['tripped', 'threshold', 2],
    ]);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('of zero is crossed from the start, once in each epoch', async () => {
    const show = await TestShow.open({}, 'safe', { VIRTUAL_COST_THRESHOLD: '0' });
    expect(show.stage.state?.guardrail).toMatchObject({ tripped: true, by: 'threshold' });
    await act(show, 'clear');
    expect((await buy(show)).meta.guardrailTriggered).toBe(false);
    await show.reset();
    await show.stage.until(() => show.stage.state?.guardrail.tripped === true);
    expect((await trips(show)).map(({ body }) => body.state)).toEqual(['tripped', 'cleared', 'tripped']);
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('by hand', () => {
  it('it is not for participants', async () => {
    const show = await TestShow.open();
    const { token } = await show.site.join(show.presenter.show);
    const { status, error } = await act(show, 'trip', token);
    expect([status, error?.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('tripped below the threshold and cleared above it, it stays cleared', async () => {
    const show = await TestShow.open({}, 'safe', { VIRTUAL_COST_THRESHOLD: '8' });
    await act(show, 'trip');
    for (let virtualUsd = 0; virtualUsd < 8;) virtualUsd = (await buy(show)).meta.virtualCosts;
    await act(show, 'clear');
    for (let tap = 0; tap < 3; tap++) expect((await buy(show)).meta.guardrailTriggered).toBe(false);
    expect((await trips(show)).map(({ body }) => body.by)).toEqual(['presenter', 'presenter']);
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('with GUARDRAIL_ACTION=block', () => {
  it.each(['safe', 'eventual'] as const)(
    'refuses allocations in mode %s while it is tripped, and nothing else',
    async (mode) => {
      const show = await TestShow.open({}, mode, { GUARDRAIL_ACTION: 'block' });
      const phone = await show.phone();
      await phone.buy();
      await act(show, 'trip');
      await phone.until(() => phone.state?.guardrail.tripped === true);
      expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'GUARDRAIL_BLOCKED' });
      const { status, error, meta } = await buy(show);
      expect([status, error?.code, meta.guardrailTriggered]).toEqual([403, 'GUARDRAIL_BLOCKED', true]);
      await show.setMode('both');
      await phone.until(() => phone.state?.mode === 'both');
      expect([phone.closed, show.stage.closed]).toEqual([null, null]);
      expect(phone.state?.lanes[mode]).toMatchObject({ ops: 1, inFlight: 0 });
      await act(show, 'clear');
      expect(await phone.buy()).toMatchObject({ t: 'ack' });
      await show.settled(() => show.stage.state?.lanes[mode]?.ops === 2);
      expect(await show.failedChecks()).toEqual([]);
    },
  );
});

describe('a hand that comes after the threshold was reached', () => {
  it('finds it tripped by the threshold, which is first', async () => {
    const plan = { mode: 'safe' as const, config: { virtualCostThreshold: 1e-9 } };
    await inRoom(plan, async ({ room, tap }) => {
      for (let taps = 0; taps < 20 && !room.memory.facts.guardrail.tripped; taps++) await tap().first;
      await room.commits.ask((tx) => guardrail(tx, 'clear'));
      const crossed = { ...room.memory.facts.guardrail };
      expect(crossed).toMatchObject({ tripped: false, crossed: true });
      // As it stands between a commit and the next: the cost has reached it, and nothing has told so yet.
      room.memory.facts.guardrail.crossed = false;
      await room.commits.ask((tx) => guardrail(tx, 'trip'));
      expect(room.memory.facts.guardrail).toMatchObject({ tripped: true, by: 'threshold' });
    });
  });
});
