/** What stands for shoppers is a tap: whoever only comes, looks, renews or is refused never nears the guardrail. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '#lib/domain/events.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';

const costs = async (show: TestShow) =>
  (await exportLog(show.site, show.presenter.token)).events.filter(
    (event): event is EventOf<'cost'> => event.kind === 'cost',
  );

/** Waits until the room has told what everything so far cost. */
async function told(show: TestShow): Promise<void> {
  const { seq } = show.stage;
  await show.phone();
  await show.stage.until(() => show.stage.events.some((event) => event.seq > seq && event.kind === 'cost'));
}

describe('the virtual cost', () => {
  it('stays at zero while people come, look, renew, reconnect, ask for logs and audits, and are refused', async () => {
    const show = await TestShow.open({ capacity: 5 }, 'safe', { VIRTUAL_COST_THRESHOLD: '0.01' });
    const { token } = show.presenter;
    const session = await show.site.join(show.presenter.show);
    for (let context = 0; context < 5; context += 1) {
      const phone = await TestClient.connect(show.site, session);
      phone.sendRaw('ping');
      phone.sendRaw('{');
      phone.send({ t: 'seen', seq: phone.seq });
      expect((await phone.buy({ epoch: 0 })).t).toBe('nack');
      expect((await phone.buy({ mode: 'eventual' })).t).toBe('nack');
      phone.close();
    }
    await show.phones(10);
    await show.site.call('/api/auth/renew', { token: session.token, body: {} });
    await show.site.call('/api/auth/me', { token });
    for (const path of ['state', 'audit']) {
      await show.site.call(`/api/demo/${path}?skuId=ticket`, { token: session.token });
    }
    await exportLog(show.site, session.token);
    await show.site.call('/api/demo/control', { token, body: { skuId: 'ticket', step: 3 } });
    await told(show);

    const { ledger, guardrail } = show.stage.state ?? {};
    expect(ledger).toMatchObject({ virtualUsd: 0, tapsUsd: 0 });
    expect(ledger?.platformUsd).toBeGreaterThan(0);
    expect(guardrail?.tripped).toBe(false);
    expect(await show.failedChecks()).toEqual([]);
  });

  it('is what taps cost, their messages, rows and lanes, times the load factor', async () => {
    const show = await TestShow.open({ capacity: 50 }, 'both');
    const phone = await show.phone();
    await show.phones(5);
    for (let tap = 0; tap < 3; tap += 1) await phone.buy();
    await told(show);
    const {
      taps = {},
      meters = {},
      tapsUsd = NaN,
      virtualUsd,
      exposureUsd,
    } = (await costs(show)).at(-1)!.body;
    expect(taps).toMatchObject({ 'do.messageIn': 3, 'd1.rowWritten': 6 });
    expect(taps['do.rowWritten']).toBeGreaterThan(3);
    expect(taps['worker.request']).toBeUndefined();
    expect(meters['worker.request']).toBeGreaterThan(5);
    expect(virtualUsd).toBe(usdFromPico(picoFromUsd(tapsUsd) * 100_000n + picoFromUsd(exposureUsd)));
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('every figure of money that a frame shows', () => {
  it('stands in the log, also through resets and the end of the show', async () => {
    const show = await TestShow.open({ capacity: 20 }, 'both', { VIRTUAL_COST_THRESHOLD: '3' });
    const phone = await show.phone();
    await show.rush(30);
    await phone.buy();
    await show.reset();
    await phone.until(() => phone.epoch === 2);
    await phone.buy();
    await show.room.close('presenter');
    await show.stage.until(() => show.stage.closed !== null);

    const { events } = await exportLog(show.site, show.presenter.token);
    const sums = ({ virtualUsd, platformUsd, exposureUsd, realUsd }: EventOf<'cost'>['body']) =>
      `${virtualUsd} ${platformUsd} ${exposureUsd} ${realUsd}`;
    const inLog = new Set(events.flatMap(({ kind, body }) => (kind === 'cost' ? [sums(body)] : [])));
    // Before the first cost of an epoch nothing is told, and nothing shown.
    inLog.add('0 0 0 0');
    const shown = show.stage.messages.flatMap((message) =>
      message.t === 'frame' || message.t === 'welcome' ? [sums(message.state.ledger)] : [],
    );
    expect(shown.filter((figures) => !inLog.has(figures))).toEqual([]);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe('closed');
    expect(kinds.lastIndexOf('cost')).toBeGreaterThan(kinds.lastIndexOf('allocated'));
    const last = events.findLast((event): event is EventOf<'latency'> => event.kind === 'latency');
    expect(last?.body.phones).toBe(1);
    expect(await show.failedChecks()).toEqual([]);
  });
});
