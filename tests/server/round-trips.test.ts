/** Round trips: each lane answers when it knows, and only what an allocated op can have taken counts, once. */
import { describe, expect, it } from 'vitest';
import type { DownOf } from '#lib/protocol/down.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

const acksOf = (phone: TestClient, op: string) =>
  phone.messages.filter((message): message is DownOf<'ack'> => message.t === 'ack' && message.op === op);
const statuses = (ack: DownOf<'ack'> | undefined) =>
  Object.fromEntries(Object.entries(ack?.lanes ?? {}).map(([lane, { status }]) => [lane, status]));

/** Buys, and says which op it was and how long the last lane took. */
async function timed(phone: TestClient): Promise<{ op: string; ms: number }> {
  const op = crypto.randomUUID();
  const tappedAtMs = performance.now();
  await phone.buy({ op });
  return { op, ms: performance.now() - tappedAtMs };
}

/** Waits for a frame from after everything that this phone has said. */
async function heard({ stage }: TestShow): Promise<void> {
  const step = 1 + ((stage.state?.step ?? 1) % 6);
  stage.send({ t: 'control', step });
  await stage.until(() => stage.state?.step === step);
}

describe('a tap on both lanes', () => {
  it('hears from the safe lane when it is known, and of both when the other is', async () => {
    const show = await TestShow.open({}, 'both', { RACE_WINDOW_MS: '400' });
    const phone = await show.phone();
    const { op } = await timed(phone);
    const [first, complete, ...more] = acksOf(phone, op);
    expect(statuses(first)).toEqual({ safe: 'allocated', eventual: 'pending' });
    expect(statuses(complete)).toEqual({ safe: 'allocated', eventual: 'allocated' });
    expect(complete?.lanes.safe).toEqual(first?.lanes.safe);
    expect(more).toEqual([]);
  });

  it('hears a safe refusal at once, too', async () => {
    const show = await TestShow.open({ capacity: 1 }, 'safe');
    const phone = await show.phone();
    await phone.buy();
    await show.setMode('both');
    await phone.until(() => phone.state?.mode === 'both');
    const { op } = await timed(phone);
    expect(acksOf(phone, op).map(statuses)).toEqual([
      { safe: 'refused', eventual: 'pending' },
      { safe: 'refused', eventual: 'allocated' },
    ]);
  });

  it('that is asked about again while it is under way hears the same, also after the room was killed', async () => {
    const show = await TestShow.open({}, 'both', { RACE_WINDOW_MS: '1500' });
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    phone.send({ t: 'allocate', op, epoch: 1, mode: 'both' });
    await phone.until(() => acksOf(phone, op).length > 0);
    const { safe } = acksOf(phone, op)[0]!.lanes;
    await show.die();
    await phone.until(() => phone.closed !== null);
    const back = await TestClient.connect(show.site, session);
    const complete = await back.buy({ op, mode: 'both' });
    expect(complete).toMatchObject({ t: 'ack', lanes: { safe, eventual: { status: 'allocated' } } });
    expect(await show.failedChecks()).toEqual([]);
  });
});

describe('a reported round trip', () => {
  it('counts in the histogram of its own lane, although no further tap follows', async () => {
    const show = await TestShow.open({}, 'both');
    const phone = await show.phone();
    const { op, ms } = await timed(phone);
    phone.send({ t: 'seen', seq: phone.seq, rtt: { op, lanes: { safe: 1, eventual: ms } } });
    await show.stage.until(() => show.stage.state?.lanes.eventual?.latency.n === 1);
    const { safe, eventual } = show.stage.state!.lanes;
    expect([safe?.latency.n, eventual?.latency.n]).toEqual([1, 1]);
    expect(safe?.latency.p50).toBeLessThan(eventual?.latency.p50 ?? 0);
    await show.stage.until(() => show.stage.events.some(({ kind }) => kind === 'latency'));
  });

  it('that the room’s own times contradict is left out, and counted as left out', async () => {
    const show = await TestShow.open({}, 'eventual');
    const phone = await show.phone();
    const tooLong = await timed(phone);
    const tooShort = await timed(phone);
    const report = (op: string, eventual: number) =>
      phone.send({ t: 'seen', seq: phone.seq, rtt: { op, lanes: { eventual } } });
    report(tooLong.op, 594_000);
    // The race window alone is longer.
    report(tooShort.op, 5);
    await timed(phone);
    await heard(show);
    expect(show.stage.state?.lanes.eventual?.latency).toMatchObject({ n: 0, left: 2 });
  });

  it('of an older client is that of the op before, on the lane that answered last', async () => {
    const show = await TestShow.open({}, 'both');
    const phone = await show.phone();
    await phone.buy({ rttMs: 300 });
    const { ms } = await timed(phone);
    await phone.buy({ rttMs: ms });
    await heard(show);
    const { safe, eventual } = show.stage.state!.lanes;
    expect([safe?.latency.n, eventual?.latency.n]).toEqual([0, 1]);
  });
});
