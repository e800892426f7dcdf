/** The room: admission, exactly once, the stream, sleep. */
import { describe, expect, it } from 'vitest';
import type { DownOf } from '#lib/protocol/down.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

const statusOn = (lane: 'safe' | 'eventual') => (answer: DownOf<'ack'> | DownOf<'nack'>) =>
  answer.t === 'ack' ? answer.lanes[lane]?.status : answer.code;

describe('the safe lane', () => {
  it('sells exactly 100 to 500 clients who all come at once, and every one of them knows its own answer', async () => {
    const show = await TestShow.open({ capacity: 100 });
    const phones = await show.phones(500);
    const answers = await Promise.all(phones.map((phone) => phone.buy()));
    const statuses = answers.map(statusOn('safe'));
    expect(statuses.filter((status) => status === 'allocated')).toHaveLength(100);
    expect(statuses.filter((status) => status === 'refused')).toHaveLength(400);
    await show.stage.until(() => show.stage.state?.lanes.safe?.refused.OUT_OF_STOCK === 400);
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('an op', () => {
  it('is done once, however often it comes, and through sleep', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    const op = crypto.randomUUID();
    const first = await phone.buy({ op });
    await show.sleep();
    expect(await phone.buy({ op })).toEqual(first);
    expect(phone.state?.lanes.safe?.acknowledged).toBe(1);
  });

  it('cannot be taken over: another payload or another person is refused', async () => {
    const show = await TestShow.open();
    const [phone, other] = await show.phones(2);
    const op = crypto.randomUUID();
    await phone?.buy({ op });
    await show.sleep();
    expect(await phone?.buy({ op, units: 2 })).toMatchObject({ t: 'nack', code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await other?.buy({ op })).toMatchObject({ t: 'nack', code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('costs a token: the 201st within a moment is told when to come again, also after sleep', async () => {
    const show = await TestShow.open({ capacity: 1_000 });
    const { token } = await show.site.join(show.presenter.show);
    const body = { skuId: 'ticket' };
    const startedAt = Date.now();
    const buys = Array.from({ length: 200 }, () => show.site.call('/api/demo/allocate', { token, body }));
    expect((await Promise.all(buys)).every(({ status }) => status === 200)).toBe(true);
    await show.sleep();
    // One token flows back every 300 ms: what was given since the first buy is all that can be bought again.
    let bought = 0;
    for (;;) {
      const { status, error } = await show.site.call('/api/demo/allocate', { token, body });
      if (status === 200) bought += 1;
      else {
        expect({ status, code: error?.code }).toEqual({ status: 429, code: 'RATE_LIMITED' });
        expect(error?.retryAfterMs).toBeGreaterThan(0);
        expect(error?.retryAfterMs).toBeLessThanOrEqual(300);
        break;
      }
    }
    expect(bought).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 300));
  });
});

describe('the stream', () => {
  it('goes on without a gap through sleep after every step', async () => {
    const show = await TestShow.open({ capacity: 50 });
    const phone = await show.phone();
    for (let step = 0; step < 10; step++) {
      await phone.buy();
      await show.sleep();
    }
    await phone.until(() => phone.state?.lanes.safe?.acknowledged === 10);
    await show.stage.until(() => show.stage.state?.lanes.safe?.acknowledged === 10);
    const seqs = show.stage.events.map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from(seqs, (_, index) => (seqs[0] ?? 0) + index));
  });

  it('knows what everybody holds after a sleep, in the order in which they got it', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const other = await show.phone();
    for (const units of [2, 1]) {
      await phone.buy({ units });
      await other.buy();
    }
    const { holdings } = (await TestClient.connect(show.site, session)).welcome.you;
    expect(holdings.map(({ units }) => units)).toEqual([2, 1]);
    await show.sleep();
    expect((await TestClient.connect(show.site, session)).welcome.you.holdings).toEqual(holdings);
  });

  it('counts people, not sockets', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const first = await TestClient.connect(show.site, session);
    await TestClient.connect(show.site, session);
    await show.phone();
    await show.stage.until(() => show.stage.state?.people.phones === 2);
    expect(show.stage.state?.people).toEqual({ phones: 2, stages: 1 });
    first.close();
    await show.phone();
    await show.stage.until(() => show.stage.state?.people.phones === 3);
  });

  it('publishes round trips that phones measured, and nothing before there is one', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    expect(phone.state?.lanes.safe?.latency).toEqual({ n: 0, p50: null, p95: null, p99: null });
    const op = crypto.randomUUID();
    const tappedAtMs = performance.now();
    await phone.buy({ op });
    const safe = performance.now() - tappedAtMs;
    await phone.buy({ rtt: { op, lanes: { safe } } });
    await show.stage.until(() => show.stage.state?.lanes.safe?.latency.n === 1);
    expect(Math.abs((show.stage.state?.lanes.safe?.latency.p50 ?? 0) - safe)).toBeLessThanOrEqual(
      0.05 * safe,
    );
  });
});

it('a binary frame on the socket is told that it is wrong, and changes nothing', async () => {
  const show = await TestShow.open();
  const phone = await show.phone();
  phone.sendRaw(new Uint8Array([1, 2, 3]).buffer);
  await phone.until(() => phone.messages.at(-1)?.t === 'nack');
  expect(phone.messages.at(-1)).toMatchObject({ t: 'nack', code: 'INVALID_REQUEST' });
  expect(statusOn('safe')(await phone.buy())).toBe('allocated');
});
