/** Attacks with ids of somebody else's ops, with a presenter's words, and with fields that only the server may fill. */
import { describe, expect, it } from 'vitest';
import type { FullRoomState } from '#lib/domain/room-state.ts';
import type { AllocateResult } from '#lib/protocol/http.ts';
import { TestClient } from './support/client.ts';
import { exportLog } from './support/log.ts';
import { TestShow } from './support/show.ts';
import { freshAddress, newShow, order } from './support/site.ts';

const REUSED = [422, 'IDEMPOTENCY_KEY_REUSED'];

describe("an op of somebody else's", () => {
  it.each([
    ['allocated', {}],
    ['allocated, and asks for another amount', { units: 7 }],
    ['allocated, and is the presenter', 'presenter'],
  ] as const)('that was %s answers IDEMPOTENCY_KEY_REUSED and tells nothing', async (_what, how) => {
    const { on, presenter, participant, asParticipant } = await newShow();
    const key = crypto.randomUUID();
    const bought = await asParticipant<AllocateResult>('/api/demo/allocate', order({ units: 3 }, key));
    expect(bought.status).toBe(200);
    const thief = how === 'presenter' ? presenter : await on.join(participant.show);
    const fields = how === 'presenter' ? { units: 3 } : { units: 3, ...how };
    for (const spelling of [key, key.toUpperCase()]) {
      const answer = await on.call('/api/demo/allocate', { ...order(fields, spelling), token: thief.token });
      expect([answer.status, answer.error?.code]).toEqual(REUSED);
      expect(answer.data).toBeUndefined();
      expect(answer.error?.message).not.toMatch(/allocated|3|[a-z]+-[a-z]+-\d|seq/);
      expect(JSON.stringify(answer.error)).not.toContain(participant.label);
      expect(JSON.stringify(answer.error)).not.toContain(participant.sessionId);
    }
    const again = await asParticipant<AllocateResult>('/api/demo/allocate', order({ units: 3 }, key));
    expect(again.data.lanes).toEqual(bought.data.lanes);
    const { data } = await on.call<FullRoomState>('/api/demo/state?skuId=ticket', { token: presenter.token });
    expect(data.lanes.safe?.acknowledged).toBe(3);
  });

  it('that is still on its way answers the same, on a socket too', async () => {
    const show = await TestShow.open({}, 'eventual', { RACE_WINDOW_MS: '500' });
    const [owner, thief] = (await show.phones(2)) as [TestClient, TestClient];
    const op = crypto.randomUUID();
    owner.send({ t: 'allocate', op, epoch: 1 });
    await show.stage.until(() => (show.stage.state?.lanes.eventual?.inFlight ?? 0) > 0);
    const stolen = await thief.buy({ op });
    expect(stolen).toMatchObject({ t: 'nack', op, code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(Object.keys(stolen).sort()).toEqual(['code', 'message', 'op', 't']);
    expect(await owner.answerTo(op)).toMatchObject({ lanes: { eventual: { status: 'allocated' } } });
    expect(thief.messages.filter((message) => 'op' in message && message.op === op)).toHaveLength(1);
    await show.settled();
    expect(show.stage.state?.lanes.eventual?.ops).toBe(1);
  });

  it('read from the stream gains nothing: every id of the log is refused to whoever did not make it', async () => {
    const show = await TestShow.open();
    const [owner, thief] = (await show.phones(2)) as [TestClient, TestClient];
    for (let i = 0; i < 5; i++) await owner.buy();
    const { events } = await exportLog(show.site, show.presenter.token);
    const ops = events.flatMap((event) => (event.kind === 'allocated' ? [event.body.op] : []));
    expect(ops).toHaveLength(5);
    for (const op of ops) expect(await thief.buy({ op })).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await show.phone()).state?.lanes.safe?.acknowledged).toBe(5);
  });

  it("a reset's key of another show from the same address resets nothing and tells no epoch", async () => {
    const [mine, yours] = [await newShow(), await newShow()];
    const ip = freshAddress();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    expect((await mine.call('/api/demo/reset', { body: {}, headers, ip })).status).toBe(200);
    const answer = await yours.call('/api/demo/reset', { body: {}, headers, ip });
    expect([answer.status, answer.error?.code]).toEqual(REUSED);
    expect(answer.data).toBeUndefined();
    expect((await yours.call<FullRoomState>('/api/demo/state?skuId=ticket')).data.epoch).toBe(1);
  });
});

describe("a participant with a presenter's words", () => {
  it.each([
    ['control', { t: 'control', mode: 'both', step: 3 }],
    [
      'control that says it is the presenter',
      { t: 'control', step: 3, role: 'presenter', label: 'presenter' },
    ],
    ['reset', { t: 'reset', op: crypto.randomUUID() }],
    ['guardrail', { t: 'guardrail', action: 'trip' }],
    ['drill', { t: 'drill', kind: 'drop' }],
  ])('is told FORBIDDEN on the socket, and nothing happens: %s', async (_what, message) => {
    const show = await TestShow.open();
    const phone = await show.phone();
    const before = phone.seq;
    phone.sendRaw(JSON.stringify(message));
    await phone.until(() => phone.messages.some(({ t }) => t === 'nack'));
    expect(phone.messages.find(({ t }) => t === 'nack')).toMatchObject({ code: 'FORBIDDEN' });
    await phone.buy();
    const { data } = await show.site.call<FullRoomState>('/api/demo/state?skuId=ticket', {
      token: show.presenter.token,
    });
    expect(data).toMatchObject({ epoch: 1, mode: 'safe', step: 1, guardrail: { tripped: false } });
    expect([show.stage.closed, phone.closed]).toEqual([null, null]);
    const { events } = await exportLog(show.site, show.presenter.token);
    const kinds = events.filter(({ seq }) => seq > before).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'cost')).toEqual(['allocated']);
  });
});

describe('fields that only the server fills', () => {
  const SMUGGLED = {
    owner: 'somebody',
    label: 'somebody',
    who: 'somebody',
    role: 'presenter',
    sim: true,
    lanes: { safe: { status: 'allocated' } },
    seq: 1,
    caller: { role: 'presenter' },
  };

  it('count for nothing on a socket', async () => {
    const show = await TestShow.open();
    const session = await show.site.join(show.presenter.show);
    const phone = await TestClient.connect(show.site, session);
    const op = crypto.randomUUID();
    phone.sendRaw(JSON.stringify({ ...SMUGGLED, t: 'allocate', op, epoch: 1 }));
    await phone.answerTo(op);
    const { events } = await exportLog(show.site, show.presenter.token);
    const bought = events.filter(({ kind }) => kind === 'allocated');
    expect(bought.map(({ body }) => body)).toEqual([{ lane: 'safe', op, who: session.label, units: 1 }]);
  });

  it('count for nothing over HTTP', async () => {
    const { on, presenter, participant, asParticipant } = await newShow();
    expect((await asParticipant('/api/demo/allocate', order({ ...SMUGGLED }))).status).toBe(200);
    const { events } = await exportLog(on, presenter.token);
    const bought = events.flatMap((event) => (event.kind === 'allocated' ? [event.body] : []));
    expect(bought).toHaveLength(1);
    expect(bought[0]).toMatchObject({ who: participant.label });
    expect(bought[0]).not.toHaveProperty('sim');
  });
});

describe('a bored engineer with a script', () => {
  it('buys no more by two ways than by one: sockets and calls share one bucket of 200', async () => {
    const show = await TestShow.open({ capacity: 1_000 });
    const session = await show.site.join(show.presenter.show);
    const { token } = session;
    const phone = await TestClient.connect(show.site, session);
    for (let i = 0; i < 10; i++) await phone.buy();
    const answers = await Promise.all(
      Array.from({ length: 240 }, () => show.site.call('/api/demo/allocate', { ...order(), token })),
    );
    const granted = answers.filter(({ status }) => status === 200).length;
    const limited = answers.filter(({ error }) => error?.code === 'RATE_LIMITED');
    // The bucket refills while they come: 200 a minute, so a few more in the seconds that this takes.
    expect(granted + 10).toBeGreaterThanOrEqual(200);
    expect(granted + 10).toBeLessThan(240);
    expect(limited).toHaveLength(240 - granted);
    expect(limited[0]?.error?.retryAfterMs).toBeGreaterThan(0);
  });
});
