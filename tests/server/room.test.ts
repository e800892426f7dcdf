/** The room: admission, exactly once, the stream, sleep. */
import { describe, expect, it } from 'vitest';
import type { DownOf } from '#lib/protocol/down.ts';
import { TestClient } from './support/client.ts';
import { TestShow } from './support/show.ts';

const statusOn = (lane: 'safe' | 'eventual') => (answer: DownOf<'ack'> | DownOf<'nack'>) =>
  answer.t === 'ack' ? answer.lanes[lane]?.status : answer.code;

describe('the safe lane', () => {
  it('sells what it has and not one more', async () => {
    const show = await TestShow.open({ capacity: 3 });
    const phone = await show.phone();
    const answers = [];
    for (let tap = 0; tap < 5; tap++) answers.push(await phone.buy());
    expect(answers.map(statusOn('safe'))).toEqual([
      'allocated',
      'allocated',
      'allocated',
      'refused',
      'refused',
    ]);
    const { stage } = show;
    await stage.until(() => stage.state?.lanes.safe?.refused.OUT_OF_STOCK === 2);
    const lane = { acknowledged: 3, stored: 3, lostUnits: 0, oversellDelta: 0, ops: 3 };
    expect(stage.state?.lanes.safe).toMatchObject(lane);
  });

  it('gives an op all of its units or none', async () => {
    const show = await TestShow.open({ capacity: 5 });
    const phone = await show.phone();
    expect(statusOn('safe')(await phone.buy({ units: 3 }))).toBe('allocated');
    expect(statusOn('safe')(await phone.buy({ units: 3 }))).toBe('refused');
    expect(statusOn('safe')(await phone.buy({ units: 2 }))).toBe('allocated');
  });

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

  it('that was refused is decided anew when it comes again', async () => {
    const show = await TestShow.open({ capacity: 1 });
    const phone = await show.phone();
    await phone.buy();
    const op = crypto.randomUUID();
    expect(statusOn('safe')(await phone.buy({ op }))).toBe('refused');
    expect(statusOn('safe')(await phone.buy({ op }))).toBe('refused');
  });

  it('is refused MODE_MISMATCH when the button said another mode', async () => {
    const show = await TestShow.open({}, 'eventual');
    const phone = await show.phone();
    expect(await phone.buy({ mode: 'safe' })).toMatchObject({ t: 'nack', code: 'MODE_MISMATCH' });
  });

  it('names its own epoch or is refused STALE_EPOCH', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    expect(await phone.buy({ epoch: 0 })).toMatchObject({ t: 'nack', code: 'STALE_EPOCH' });
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

  it('resumes with exactly what was missed', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    await phone.buy();
    await phone.until(() => phone.state?.lanes.safe?.acknowledged === 1);
    phone.close();
    await show.rush(20);
    const back = await TestClient.connect(show.site, session, { epoch: phone.epoch, since: phone.seq });
    expect(back.welcome.recovered).toBe(true);
    expect(back.welcome.events[0]?.seq).toBe(phone.seq + 1);
    expect(back.welcome.events.at(-1)?.seq).toBe(back.welcome.seq);
    expect(back.welcome.you.holdings).toHaveLength(1);
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

  it('says so when it cannot resume: unknown epoch, a future seq, or too far behind', async () => {
    const show = await TestShow.open({ capacity: 1_000 });
    const session = await show.site.join(show.presenter.show);
    await show.rush(310);
    for (const resume of [
      { epoch: 7, since: 3 },
      { epoch: 1, since: 999_999 },
      { epoch: 1, since: 1 },
    ]) {
      const client = await TestClient.connect(show.site, session, resume);
      expect(client.welcome).toMatchObject({ recovered: false, events: [] });
      expect(client.state?.lanes.safe?.acknowledged).toBe(310);
      client.close();
    }
  });

  it('shows phones at most 16 events a frame and counts the rest; the stage gets every one', async () => {
    const show = await TestShow.open({ capacity: 500 });
    const phone = await show.phone();
    await show.rush(200);
    await phone.until(() => phone.state?.lanes.safe?.acknowledged === 200);
    await show.stage.until(() => show.stage.state?.lanes.safe?.acknowledged === 200);
    const frames = phone.messages.filter((message) => message.t === 'frame');
    expect(Math.max(...frames.map(({ events }) => events.length))).toBeLessThanOrEqual(16);
    expect(frames.reduce((sum, { omitted }) => sum + omitted, 0)).toBeGreaterThan(100);
    expect(show.stage.events.filter(({ kind }) => kind === 'allocated')).toHaveLength(200);
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

describe('bad input on the socket', () => {
  const malformed: [string, string | ArrayBuffer, string][] = [
    ['no JSON', '{', 'INVALID_JSON'],
    ['not an object', '[1]', 'INVALID_REQUEST'],
    ['an unknown kind', '{"t":"nonsense"}', 'INVALID_REQUEST'],
    ['a prototype for a kind', '{"t":"__proto__"}', 'INVALID_REQUEST'],
    ['no UUID', '{"t":"allocate","op":"1","epoch":1}', 'INVALID_REQUEST'],
    ['half a unit', `{"t":"allocate","op":"${crypto.randomUUID()}","epoch":1,"units":0.5}`, 'INVALID_UNITS'],
    [
      'too many units',
      `{"t":"allocate","op":"${crypto.randomUUID()}","epoch":1,"units":51}`,
      'INVALID_UNITS',
    ],
    [
      'an unknown mode',
      `{"t":"allocate","op":"${crypto.randomUUID()}","epoch":1,"mode":"x"}`,
      'INVALID_MODE',
    ],
    ['a binary frame', new Uint8Array([1, 2, 3]).buffer, 'INVALID_REQUEST'],
  ];
  it.each(malformed)('is told what was wrong, and changes nothing: %s', async (_name, data, code) => {
    const show = await TestShow.open();
    const phone = await show.phone();
    phone.sendRaw(data);
    await phone.until(() => phone.messages.at(-1)?.t === 'nack');
    expect(phone.messages.at(-1)).toMatchObject({ t: 'nack', code });
    expect(statusOn('safe')(await phone.buy())).toBe('allocated');
  });

  it('closes a socket after ten malformed messages, and nobody else', async () => {
    const show = await TestShow.open();
    const [bad, good] = await show.phones(2);
    for (let count = 0; count < 10; count++) bad?.sendRaw('{');
    await bad?.until(() => bad.closed !== null);
    expect(bad?.closed?.code).toBe(4400);
    expect(statusOn('safe')((await good?.buy()) as DownOf<'ack'>)).toBe('allocated');
  });

  it('closes a socket that sends more than 4 kB', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    phone.sendRaw('ä'.repeat(2_100));
    await phone.until(() => phone.closed !== null);
    expect(phone.closed?.code).toBe(1009);
  });

  it('closes a socket that floods', async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    const flood = setInterval(() => {
      for (let count = 0; count < 10; count++) phone.send({ t: 'seen', seq: 1 });
    }, 50);
    await phone.until(() => phone.closed !== null).finally(() => clearInterval(flood));
    expect(phone.closed?.code).toBe(4429);
  });

  it("does not let a participant do a presenter's part", async () => {
    const show = await TestShow.open();
    const phone = await show.phone();
    const op = crypto.randomUUID();
    phone.send({ t: 'control', mode: 'eventual' });
    phone.send({ t: 'guardrail', action: 'trip' });
    phone.send({ t: 'drill', kind: 'drop' });
    phone.send({ t: 'reset', op });
    await phone.until(() => phone.messages.filter((message) => message.t === 'nack').length === 4);
    expect(phone.messages.every((message) => message.t !== 'nack' || message.code === 'FORBIDDEN')).toBe(
      true,
    );
    expect(show.stage.state).toMatchObject({ mode: 'safe', epoch: 1, guardrail: { tripped: false } });
  });
});
