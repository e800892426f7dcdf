/** Money: what is metered really happened, the sums are exact, and zero means zero. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ofLane } from '#lib/domain/lane.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import { PRICE_PICO } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Ledger } from '#lib/domain/ledger.ts';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { AllocateResult, Meta } from '#lib/protocol/http.ts';
import { control } from '#lib/room/presenting.ts';
import { exportLog } from './support/log.ts';
import { inRoom, settled } from './support/inner-room.ts';
import { TestShow } from './support/show.ts';
import type { Answered, Asked } from './support/site.ts';
import { freshAddress } from './support/site.ts';

/** Holds a ledger to its own lines: quantity × price, summed, is the platform's cost; the rest follows from that. */
function holdToItsLines({ lines, ...totals }: Ledger): void {
  let platform = 0n;
  for (const { meter, quantity, unitUsd, usd } of lines) {
    const pico = (BigInt(Math.round(quantity * 1_000)) * PRICE_PICO[meter]) / 1_000n;
    expect([unitUsd, usd]).toEqual([usdFromPico(PRICE_PICO[meter]), usdFromPico(pico)]);
    platform += pico;
  }
  const taps = picoFromUsd(totals.tapsUsd ?? NaN);
  const virtual = taps * BigInt(totals.loadFactor) + picoFromUsd(totals.exposureUsd);
  expect(totals.platformUsd).toBe(usdFromPico(platform));
  expect(taps).toBeLessThanOrEqual(platform);
  expect(totals.virtualUsd).toBe(usdFromPico(virtual));
}

const order = (mode?: string): Asked => ({ body: { skuId: 'ticket', ...(mode ? { mode } : {}) } });

/** Calls the API as the presenter, and keeps what every answer said of money. */
function bookkeeper(show: TestShow) {
  const metas: Meta[] = [];
  const call = async <T = AllocateResult>(path: string, asked: Asked = {}): Promise<Answered<T>> => {
    const answer = await show.site.call<T>(path, {
      token: show.presenter.token,
      ip: freshAddress(),
      ...asked,
    });
    metas.push(answer.meta);
    return answer;
  };
  return { metas, call };
}

/** Of the current epoch, the counts of a room's meters. */
async function countsOf(show: TestShow): Promise<MeterCounts> {
  const { token } = show.presenter;
  const { meta } = await show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', { token });
  return Object.fromEntries(meta.ledger.lines.map(({ meter, quantity }) => [meter, quantity]));
}

describe('with the default configuration', () => {
  it('a full show really costs exactly nothing, and the lock never engages', async () => {
    const show = await TestShow.open({ capacity: 15, unitPrice: 49.9 }, 'safe');
    const { metas, call } = bookkeeper(show);
    for (const mode of ['safe', 'eventual', 'both']) {
      await call('/api/demo/control', { body: { skuId: 'ticket', mode, step: 2 } });
      await call('/api/demo/allocate', order());
      await call('/api/demo/rush', { body: { skuId: 'ticket', count: 40 } });
    }
    await call('/api/demo/guardrail', { body: { skuId: 'ticket', action: 'trip' } });
    await call('/api/demo/allocate', order('eventual'));
    await call('/api/demo/guardrail', { body: { skuId: 'ticket', action: 'clear' } });
    await call('/api/demo/reset', { body: {} });
    await call('/api/demo/allocate', order());
    await call('/api/demo/audit?skuId=ticket');

    expect(metas.some(({ ledger }) => ledger.exposureUsd > 0)).toBe(true);
    for (const { ledger, virtualCosts } of metas) {
      expect(ledger).toMatchObject({
        realUsd: 0,
        limitUsd: 0,
        locked: false,
        billingScale: 1e-9,
        loadFactor: 1e5,
      });
      expect(virtualCosts).toBe(ledger.virtualUsd);
      expect(ledger.platformUsd).toBeGreaterThan(0);
      holdToItsLines(ledger);
    }
    const { events } = await exportLog(show.site, show.presenter.token);
    expect(events.filter(({ kind }) => kind === 'locked')).toEqual([]);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('exposure is the oversold units of all lanes at their price', async () => {
    const show = await TestShow.open({ capacity: 5, unitPrice: 19.99 }, 'eventual');
    await show.rush(20);
    await show.settled(() => (show.stage.state?.lanes.eventual?.oversellDelta ?? 0) > 0);
    const { lanes } = show.stage.state as FullRoomState;
    const owed = BigInt(ofLane(lanes, 'eventual').oversellDelta) * picoFromUsd(19.99);
    // What a tick told is what frames show: the newest sale may be a second ahead of it.
    await show.stage.until(() => show.stage.state?.ledger.exposureUsd === usdFromPico(owed));
  });

  it('frames and welcomes carry the totals without their lines, and never a lower virtual cost within an epoch', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    let last = 0;
    for (let tap = 0; tap < 3; tap++) {
      await phone.buy();
      await show.sleep();
    }
    await show.stage.until(() => (show.stage.state?.ledger.virtualUsd ?? 0) > 0);
    for (const message of show.stage.messages) {
      if (message.t !== 'frame' && message.t !== 'welcome') continue;
      const { ledger } = message.state;
      expect(ledger).not.toHaveProperty('lines');
      expect(ledger.virtualUsd).toBeGreaterThanOrEqual(last);
      last = ledger.virtualUsd;
    }
    expect(last).toBeGreaterThan(0);
  });
});

describe('with BILLING_SCALE=1', () => {
  it.each(['safe', 'eventual', 'both'] as const)(
    'the first cent is refused in mode %s, and nothing changes',
    async (mode) => {
      const show = await TestShow.open({ capacity: 5 }, mode, { BILLING_SCALE: '1' });
      const phone = await show.phone();
      const { call } = bookkeeper(show);
      for (let attempt = 0; attempt < 3; attempt++) {
        const { status, error, meta } = await call('/api/demo/allocate', order());
        expect([status, error?.code]).toEqual([403, 'REAL_BUDGET_EXCEEDED']);
        expect(meta.ledger).toMatchObject({ realUsd: 0, limitUsd: 0, locked: true });
      }
      expect(await phone.buy()).toMatchObject({ t: 'nack', code: 'REAL_BUDGET_EXCEEDED' });
      const { data } = await call<{ allocated: number; byCode: object }>('/api/demo/rush', {
        body: { skuId: 'ticket', count: 4 },
      });
      expect(data).toMatchObject({ allocated: 0, byCode: { REAL_BUDGET_EXCEEDED: 4 } });

      await show.settled(() => show.stage.state?.ledger.locked === true);
      for (const lane of Object.values(show.stage.state?.lanes ?? {})) {
        expect(lane).toMatchObject({ acknowledged: 0, stored: 0, ops: 0, inFlight: 0 });
      }
      const code = show.presenter.show;
      const rows = await env.DB.prepare('SELECT COUNT(*) AS n FROM orders WHERE show = ?')
        .bind(code)
        .first('n');
      const stock = await env.DB.prepare('SELECT allocated, version FROM inventory WHERE show = ?')
        .bind(code)
        .first();
      expect([rows, stock]).toEqual([0, { allocated: 0, version: 0 }]);
      const { events } = await exportLog(show.site, show.presenter.token);
      expect(events.filter(({ kind }) => kind === 'locked')).toHaveLength(1);
      expect(await show.failedChecks()).toEqual([]);
    },
  );

  it('goes on streaming: the lock refuses purchases, not the show', async () => {
    const show = await TestShow.open({}, 'safe', { BILLING_SCALE: '1' });
    const phone = await show.phone();
    await phone.buy();
    await show.setMode('both');
    await phone.until(() => phone.state?.mode === 'both');
    expect([phone.closed, show.stage.closed]).toEqual([null, null]);
  });

  it.each(['0', '0.0', ''])('a limit of "%s" is zero, not "no limit"', async (DEMO_COST_LIMIT) => {
    const show = await TestShow.open({}, 'safe', { BILLING_SCALE: '1', DEMO_COST_LIMIT });
    const { status, meta } = await bookkeeper(show).call('/api/demo/allocate', order());
    expect([status, meta.ledger.limitUsd, meta.ledger.realUsd]).toEqual([403, 0, 0]);
  });
});

describe('with a limit above zero', () => {
  it('spending stops at the limit, and a reset does not open it again', async () => {
    const show = await TestShow.open({}, 'safe', { BILLING_SCALE: '1', DEMO_COST_LIMIT: '10' });
    const { metas, call } = bookkeeper(show);
    let bought = 0;
    while ((await call('/api/demo/allocate', order())).status === 200) bought += 1;
    expect(bought).toBeGreaterThan(3);
    const spent = metas.at(-1)?.ledger.realUsd ?? 0;
    expect(spent).toBeGreaterThan(7);

    await call('/api/demo/reset', { body: {} });
    // What an op may cost at most is held back: of that, a few that cost less may still be left.
    let after = await call('/api/demo/allocate', order());
    for (let left = 0; left < 4 && after.status === 200; left += 1) {
      after = await call('/api/demo/allocate', order());
    }
    expect([after.status, after.error?.code]).toEqual([403, 'REAL_BUDGET_EXCEEDED']);
    await show.sleep();
    expect((await call('/api/demo/allocate', order())).status).toBe(403);
    for (const { ledger } of metas) expect(ledger.realUsd).toBeLessThanOrEqual(10);
    expect(metas.at(-1)?.ledger.realUsd).toBeGreaterThanOrEqual(spent);
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('the meters', () => {
  it('count the requests, messages and D1 rows of an op, and not one more', async () => {
    const show = await TestShow.open({ capacity: 1 }, 'eventual');
    const phone = await show.phone();
    const before = await countsOf(show);
    await phone.buy();
    const bought = await countsOf(show);
    await phone.buy();
    const refused = await countsOf(show);
    const delta = (from: MeterCounts, to: MeterCounts, meter: keyof MeterCounts) =>
      (to[meter] ?? 0) - (from[meter] ?? 0);
    // The look at the meters is a request too.
    expect(delta(before, bought, 'do.request')).toBe(1);
    expect(delta(before, bought, 'worker.request')).toBe(1);
    expect(delta(before, bought, 'do.messageIn')).toBe(1);
    // The stock and the order.
    expect(delta(before, bought, 'd1.rowWritten')).toBe(2);
    expect(delta(before, bought, 'd1.rowRead')).toBeGreaterThan(0);
    expect(delta(bought, refused, 'd1.rowWritten')).toBe(0);
    expect(delta(bought, refused, 'd1.rowRead')).toBe(1);
  });

  it("hold exactly what the storage's own cursors say, to the row, at every commit", () =>
    inRoom({ mode: 'both' }, async ({ room, tables, tap }) => {
      for (let act = 0; act < 5; act++) {
        await tap({ units: act + 1 }).first;
        await settled(room);
        const told = await new Promise<[MeterCounts, MeterCounts]>((resolve, reject) => {
          room.commits.submit({
            run: (tx) => {
              control(tx, 'host', { step: 1 + (act % 2) * 3 }, room.ports.lanes);
              control(tx, 'host', { step: 2 }, room.ports.lanes);
              tx.after(() => resolve([{ ...room.memory.meters.counts }, { ...tables.used }]));
            },
            failed: reject,
          });
        });
        const [metered, used] = told;
        expect(metered['do.rowRead']).toBe(used['do.rowRead']);
        expect(metered['do.rowWritten']).toBe(used['do.rowWritten']);
      }
    }));
});
