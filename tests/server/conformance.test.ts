/** What every lane promises, whatever it is made of; and what the eventual lane does not promise, and breaks. */
import { describe, expect, it } from 'vitest';
import type { LaneResult } from '#lib/domain/lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import type { DownOf } from '#lib/protocol/down.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

describe.each(LANE_IDS)('the %s lane', (lane) => {
  const resultOf = (answer: DownOf<'ack'> | DownOf<'nack'>): Partial<LaneResult> =>
    answer.t === 'ack' ? (answer.lanes[lane] ?? {}) : { code: answer.code };
  const open = (capacity = 100) => TestShow.open({ capacity }, lane);
  const stateOf = ({ stage }: TestShow) => stage.state?.lanes[lane];

  it('does an op once, however often it comes at the same moment, on the socket and over HTTP', async () => {
    const show = await open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    const call = (key: string) =>
      show.site.call<AllocateResult>('/api/demo/allocate', {
        token: session.token,
        body: { skuId: 'ticket', units: 2 },
        headers: { 'idempotency-key': key },
      });
    const [tapped, ...called] = await Promise.all([
      phone.buy({ op, units: 2 }),
      call(op),
      call(op.toUpperCase()),
      call(op),
    ]);
    expect(tapped.t).toBe('ack');
    for (const { status } of called) expect([200, 202]).toContain(status);
    expect(called.map(({ data }) => data.opId)).toEqual([op, op.toUpperCase(), op]);
    await phone.until(() => phone.state?.lanes[lane]?.ops === 1);
    const acks = phone.messages.filter((message) => message.t === 'ack');
    expect(resultOf(acks.at(-1) as DownOf<'ack'>)).toMatchObject({ status: 'allocated', units: 2 });
    const final = await call(op);
    expect(final.data.lanes[lane]).toEqual(acks.at(-1)?.lanes[lane]);
    expect(stateOf(show)).toMatchObject({ ops: 1, acknowledged: 2, stored: 2 });
  });

  it('remembers an op through sleep and death', async () => {
    const show = await open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    const first = await phone.buy({ op });
    await show.sleep();
    expect(await phone.buy({ op })).toEqual(first);
    await show.die();
    const back = await TestClient.connect(show.site, session);
    expect(await back.buy({ op })).toEqual(first);
    expect(back.state?.lanes[lane]?.ops).toBe(1);
  });

  it('gives nobody an op of somebody else, and no other payload to the same id', async () => {
    const show = await open();
    const [phone, other] = await show.phones(2);
    const op = crypto.randomUUID();
    await phone?.buy({ op });
    expect(await phone?.buy({ op, units: 3 })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await other?.buy({ op })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    await show.settled(() => stateOf(show)?.ops === 1);
    expect(stateOf(show)?.acknowledged).toBe(1);
  });

  it('gives an op all of its units or none, and sells the rest to whom it fits', async () => {
    const show = await open(60);
    const phone = await show.phone();
    const statuses = [];
    for (const units of [50, 11, 10, 1]) statuses.push(resultOf(await phone.buy({ units })).status);
    expect(statuses).toEqual(['allocated', 'refused', 'allocated', 'refused']);
    await show.settled(() => stateOf(show)?.refused.OUT_OF_STOCK === 2);
    expect(stateOf(show)).toMatchObject({ acknowledged: 60, stored: 60, ops: 2 });
  });

  it('keeps nothing of a refusal: the op is decided anew when it comes again', async () => {
    const show = await open(1);
    const [phone, other] = await show.phones(2);
    await other?.buy();
    const op = crypto.randomUUID();
    expect(resultOf((await phone?.buy({ op })) as DownOf<'ack'>)).toMatchObject({ code: 'OUT_OF_STOCK' });
    await show.reset();
    await phone?.until(() => phone.epoch === 2);
    expect(resultOf((await phone?.buy({ op })) as DownOf<'ack'>)).toMatchObject({ status: 'allocated' });
  });

  it('has one unit for the first, and none for the second', async () => {
    const show = await open(1);
    const phone = await show.phone();
    expect(resultOf(await phone.buy())).toMatchObject({ status: 'allocated' });
    expect(resultOf(await phone.buy())).toMatchObject({ status: 'refused', code: 'OUT_OF_STOCK' });
    expect(resultOf(await phone.buy({ units: 50 }))).toMatchObject({ status: 'refused' });
    await show.settled(() => stateOf(show)?.refused.OUT_OF_STOCK === 2);
    expect(stateOf(show)).toMatchObject({ acknowledged: 1, oversellDelta: 0 });
  });

  it('shows a phone that comes back what it holds, also of a tap that was answered while it was gone', async () => {
    const show = await open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    phone.send({ t: 'allocate', op, units: 3, epoch: 1 });
    phone.close();
    await show.settled(() => stateOf(show)?.ops === 1);
    const back = await TestClient.connect(show.site, session);
    const held = { op, lane, units: 3, seq: expect.any(Number) as number, fate: 'kept', holders: 1 };
    expect(back.welcome.you.holdings).toEqual([held]);
    expect(resultOf(await back.buy({ op, units: 3 }))).toMatchObject({ status: 'allocated', seq: held.seq });
  });

  it('answers every socket of a person', async () => {
    const show = await open();
    const session = await show.site.join(show.presenter.show);
    const [phone, tablet] = await Promise.all([1, 2].map(() => TestClient.connect(show.site, session)));
    const op = crypto.randomUUID();
    phone?.send({ t: 'allocate', op, epoch: 1 });
    expect(await tablet?.answerTo(op)).toEqual(await phone?.answerTo(op));
  });

  it('counts what it did, so that the audit finds every figure again', async () => {
    const show = await open(40);
    const { allocated, refused, byCode } = await show.rush(60);
    expect(allocated + refused).toBe(60);
    await show.settled(() => stateOf(show)?.ops === allocated);
    const counters = stateOf(show);
    expect(counters?.acknowledged).toBe(allocated);
    expect(counters?.refused.OUT_OF_STOCK ?? 0).toBe(byCode.OUT_OF_STOCK ?? 0);
    expect(counters?.lostUnits).toBe((counters?.acknowledged ?? 0) - (counters?.stored ?? 0));
    expect(counters?.oversellDelta).toBe(Math.max(0, allocated - 40));
    expect(await show.failedChecks()).toEqual([]);
  });

  it('starts again at nothing after a reset, and sells all of its stock once more', async () => {
    const show = await open(2);
    const phone = await show.phone();
    for (let epoch = 1; epoch <= 2; epoch++) {
      const statuses = [];
      for (let tap = 0; tap < 3; tap++) statuses.push(resultOf(await phone.buy()).status);
      expect(statuses).toEqual(['allocated', 'allocated', 'refused']);
      if (epoch === 1) await show.reset();
      await phone.until(() => phone.epoch === 2);
    }
    expect(await show.failedChecks()).toEqual([]);
  });

  it('does not touch the other lane', async () => {
    const show = await open(5);
    await show.rush(5);
    await show.settled(() => (stateOf(show)?.ops ?? 0) > 0);
    const other = LANE_IDS.find((id) => id !== lane) ?? lane;
    expect(show.stage.state?.lanes[other]).toMatchObject({ ops: 0, acknowledged: 0, stored: 0, refused: {} });
  });
});

describe('what only the safe lane promises', () => {
  it('the safe lane holds its stock against a crowd; the eventual lane sells it several times and loses count', async () => {
    const show = await TestShow.open({ capacity: 20 }, 'both');
    await show.rush(60);
    await show.settled(() => show.stage.state?.lanes.safe?.refused.OUT_OF_STOCK === 40);
    const { safe, eventual } = show.stage.state?.lanes ?? {};
    expect(safe).toMatchObject({
      acknowledged: 20,
      stored: 20,
      oversellDelta: 0,
      lostUnits: 0,
      conflicts: 0,
    });
    expect(eventual?.oversellDelta).toBeGreaterThan(0);
    expect(eventual?.lostUnits).toBeGreaterThan(0);
  });
});

describe('an op in mode both', () => {
  it('is allocated when one lane has it, and each lane speaks for itself', async () => {
    const show = await TestShow.open({ capacity: 3 });
    const phone = await show.phone();
    await phone.buy({ units: 3 });
    await show.setMode('both');
    await phone.until(() => phone.state?.mode === 'both');
    const op = crypto.randomUUID();
    const answer = await phone.buy({ op });
    expect(answer).toMatchObject({
      lanes: { safe: { status: 'refused', code: 'OUT_OF_STOCK' }, eventual: { status: 'allocated' } },
    });
    expect(await phone.buy({ op })).toEqual(answer);
    await show.settled(() => show.stage.state?.lanes.eventual?.ops === 1);
    expect(show.stage.state?.lanes.safe).toMatchObject({ ops: 1, acknowledged: 3 });
    expect(await show.failedChecks()).toEqual([]);
  });
});
