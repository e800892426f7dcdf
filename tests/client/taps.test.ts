import { describe, expect, test } from 'vitest';
import { offline } from '#lib/client/api.ts';
import type { Api } from '#lib/client/api.ts';
import { conclude, isWhole } from '#lib/client/ended.ts';
import type { RoomView, Told } from '#lib/client/room-view.ts';
import { ticketRows } from '#lib/client/ticket-words.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { LaneResults } from '#lib/domain/lane.ts';
import {
  ack,
  allocated,
  connectedSession,
  event,
  frame,
  held,
  laneState,
  nack,
  roomState,
  startSession,
  welcome,
} from './support/fake-room.ts';

/** So soon is drawn what became of a unit, milliseconds. */
const A_GLANCE_MS = 50;

const kinds = (session: ReturnType<typeof connectedSession>['session']) =>
  session.view.tickets.map(({ status }) => status.kind);

describe('a tap', () => {
  test('without a connection buys nothing, and is not sent when the connection comes', () => {
    const { session, transport } = startSession();
    expect(session.tap()).toBe('offline');
    transport.become({ kind: 'open' });
    transport.say(welcome());
    expect(transport.sent).toEqual([]);
    transport.become({ kind: 'waiting', retryInMs: 300 });
    expect(session.tap()).toBe('offline');
    transport.become({ kind: 'open' });
    expect(session.tap()).toBe('offline');
    transport.say(welcome());
    expect(transport.sent).toEqual([]);
    expect(session.view.tickets).toEqual([]);
  });

  test('that finds the socket just closed buys nothing', () => {
    const { session, transport, store } = connectedSession();
    transport.isOpen = false;
    expect(session.tap()).toBe('offline');
    expect(session.view.tickets).toEqual([]);
    expect(connectedSession({ store }).transport.taps).toEqual([]);
  });

  test('names the epoch and the mode that its button showed', () => {
    const { session, transport } = connectedSession({}, { epoch: 3, mode: 'both' });
    expect(session.tap(2)).toBe('sent');
    expect(transport.taps[0]).toMatchObject({ epoch: 3, mode: 'both', units: 2 });
    expect(session.view.tickets.map(({ lane }) => lane).sort()).toEqual(['eventual', 'safe']);
  });

  test('in a contest waits for every lane of the show, also after a reload', () => {
    const { session, store } = connectedSession({}, { mode: 'contest' });
    const lanes = ({ view }: typeof session) => view.tickets.map(({ lane }) => lane).sort();
    expect(session.tap()).toBe('sent');
    expect(lanes(session)).toEqual(['eventual', 'safe']);
    const { session: reloaded, transport } = connectedSession({ store }, { mode: 'contest' });
    expect(transport.taps[0]).toMatchObject({ mode: 'contest' });
    expect(lanes(reloaded)).toEqual(['eventual', 'safe']);
  });

  test('twice is two ops, each with its own id and its own answer', () => {
    const { session, transport } = connectedSession();
    session.tap();
    session.tap();
    const [first, second] = transport.taps;
    expect(first!.op).not.toBe(second!.op);
    transport.say(ack(second!.op, { safe: { status: 'refused', code: 'OUT_OF_STOCK', units: 1 } }));
    transport.say(ack(first!.op, allocated()));
    expect(kinds(session)).toEqual(['soldOut', 'confirmed']);
  });

  test('faster than the room lets anybody send is refused here, before it gets the phone cut off', () => {
    const { session, transport, time } = connectedSession();
    const results = Array.from({ length: 30 }, () => session.tap());
    expect(results.filter((result) => result === 'tooFast')).not.toEqual([]);
    expect(transport.taps.length).toBeLessThan(20);
    time.pass(1_000);
    expect(session.tap()).toBe('sent');
  });

  test('reports the round trip of the one before it, once', () => {
    const { session, transport, time } = connectedSession();
    session.tap();
    time.pass(18);
    transport.say(ack(transport.taps[0]!.op, allocated()));
    expect(session.view.tickets[0]!.rttMs).toBe(18);
    session.tap();
    session.tap();
    const report = { op: transport.taps[0]!.op, lanes: { safe: 18 } };
    expect(transport.taps.map(({ rtt }) => rtt)).toEqual([undefined, report, undefined]);
  });

  test('reports the round trips of the last one of all, once, although no further tap follows', () => {
    const { session, transport, time } = connectedSession();
    session.tap();
    time.pass(18);
    transport.say(ack(transport.taps[0]!.op, allocated()));
    time.pass(60_000);
    const seen = transport.sent.filter(({ t }) => t === 'seen');
    expect(seen).toMatchObject([{ rtt: { op: transport.taps[0]!.op, lanes: { safe: 18 } } }]);
    session.tap();
    expect(transport.taps[1]!.rtt).toBeUndefined();
  });

  test('in both lanes shows and reports the time of each by itself, however often the room repeats an answer', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'both' });
    const times = () => Object.fromEntries(session.view.tickets.map(({ lane, rttMs }) => [lane, rttMs]));
    session.tap();
    const { op } = transport.taps[0]!;
    time.pass(8);
    const first = { ...allocated('safe'), eventual: { status: 'pending' as const, units: 1 } };
    transport.say(ack(op, first));
    expect(times()).toEqual({ safe: 8, eventual: null });
    // The safe lane's answer is there, the other is merely on its way.
    expect(session.view.tickets.map(({ lane, status }) => [lane, status.kind]).sort()).toEqual([
      ['eventual', 'waiting'],
      ['safe', 'confirmed'],
    ]);
    time.pass(92);
    transport.say(ack(op, first));
    time.pass(110);
    transport.say(ack(op, { ...allocated('safe'), ...allocated('eventual', 12) }));
    expect(times()).toEqual({ safe: 8, eventual: 210 });
    session.tap();
    expect(transport.taps.at(-1)!.rtt).toEqual({ op, lanes: { safe: 8, eventual: 210 } });
  });

  test('in a contest reports each lane’s own time once all have answered, one by one', () => {
    const lanes = ['safe', 'postgres-conditional', 'postgres-for-update', 'redis-script'] as const;
    const { session, transport, time } = connectedSession({}, { mode: 'contest', lanes });
    session.tap();
    const { op } = transport.taps[0]!;
    const known: LaneResults = {};
    for (const lane of lanes) {
      time.pass(100);
      Object.assign(known, allocated(lane));
      const pending = lanes.filter((other) => !(other in known));
      const others = pending.map((other) => [other, { status: 'pending', units: 1 }] as const);
      transport.say(ack(op, { ...Object.fromEntries(others), ...known }));
    }
    time.pass(60_000);
    const reports = transport.sent.flatMap((message) =>
      message.t === 'seen' && message.rtt ? [message.rtt] : [],
    );
    expect(reports).toEqual([
      {
        op,
        lanes: {
          safe: 100,
          'postgres-conditional': 200,
          'postgres-for-update': 300,
          'redis-script': 400,
        },
      },
    ]);
  });

  test('reports only the lanes that allocated it', () => {
    const { session, transport } = connectedSession({}, { mode: 'both' });
    session.tap();
    const soldOut = { status: 'refused' as const, code: 'OUT_OF_STOCK' as const, units: 1 };
    transport.say(ack(transport.taps[0]!.op, { safe: soldOut, ...allocated('eventual') }));
    session.tap();
    expect(Object.keys(transport.taps[1]!.rtt!.lanes)).toEqual(['eventual']);
  });
});

describe('an op without an answer', () => {
  test('is asked again after a reconnect, with the same id and the same payload', () => {
    const { session, transport } = connectedSession();
    session.tap();
    transport.become({ kind: 'waiting', retryInMs: 300 });
    transport.become({ kind: 'open' });
    transport.say(welcome({ recovered: true }));
    const [first, again] = transport.taps;
    expect(again).toEqual(first);
    transport.say(ack(first!.op, allocated()));
    expect(kinds(session)).toEqual(['confirmed']);
  });

  test('outlives a reload of the page', () => {
    const { session, transport, store } = connectedSession();
    session.tap();
    const reloaded = connectedSession({ store });
    expect(reloaded.transport.taps).toEqual(transport.taps);
    expect(kinds(reloaded.session)).toEqual(['waiting']);
    reloaded.transport.say(ack(transport.taps[0]!.op, allocated()));
    expect(kinds(reloaded.session)).toEqual(['confirmed']);
    expect(connectedSession({ store }).transport.taps).toEqual([]);
  });

  test('is not asked again by somebody else on the same device', () => {
    const { session, store } = connectedSession();
    session.tap();
    expect(connectedSession({ store }, { you: 'somebody-else' }).transport.taps).toEqual([]);
  });

  test('makes the client look whether the link is alive, and ask again, with growing pauses', () => {
    const { session, transport, time } = connectedSession();
    session.tap();
    time.pass(2_999);
    expect(transport.checks).toBe(0);
    time.pass(1);
    expect(transport.checks).toBe(1);
    expect(transport.taps).toHaveLength(2);
    expect(transport.taps[1]).toEqual(transport.taps[0]);
    time.pass(5_999);
    expect(transport.taps).toHaveLength(2);
    time.pass(1);
    expect(transport.taps).toHaveLength(3);
  });

  test('that the room itself is not sure of is asked again until it is', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    const { op } = transport.taps[0]!;
    transport.say(ack(op, { eventual: { status: 'pending', units: 1 } }));
    expect(kinds(session)).toEqual(['pending']);
    time.pass(3_000);
    expect(transport.taps).toHaveLength(2);
    transport.say(ack(op, allocated('eventual')));
    expect(kinds(session)).toEqual(['confirmed']);
    time.pass(60_000);
    expect(transport.taps).toHaveLength(2);
  });

  test('stays open until every lane that it went to has answered', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'both' });
    session.tap();
    const { op } = transport.taps[0]!;
    transport.say(ack(op, allocated('safe')));
    time.pass(3_000);
    expect(transport.taps).toHaveLength(2);
    transport.say(ack(op, allocated('eventual', 12)));
    time.pass(60_000);
    expect(transport.taps).toHaveLength(2);
    expect(kinds(session)).toEqual(['confirmed', 'confirmed']);
  });

  test('many of them do not come back in one burst', () => {
    const { session, transport, time } = connectedSession();
    for (let round = 0; round < 3; round += 1) {
      for (let tap = 0; tap < 10; tap += 1) session.tap();
      time.pass(999);
    }
    const before = transport.taps.length;
    transport.become({ kind: 'waiting', retryInMs: 300 });
    transport.become({ kind: 'open' });
    transport.say(welcome({ recovered: true }));
    time.pass(1_000);
    expect(transport.taps.length - before).toBeLessThan(15);
    time.pass(3_000);
    expect(new Set(transport.taps.slice(before).map(({ op }) => op)).size).toBe(before);
  });
});

describe('a busy room', () => {
  test('is asked again with the same id after the pause it named, at most five times, then the owner is told', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    const { op } = transport.taps[0]!;
    for (let tries = 1; tries <= 5; tries += 1) {
      transport.say(nack(op, 'BUSY', 200));
      time.pass(199);
      expect(transport.taps).toHaveLength(tries);
      time.pass(1);
      expect(transport.taps).toHaveLength(tries + 1);
    }
    expect(new Set(transport.taps.map((tap) => tap.op)).size).toBe(1);
    expect(kinds(session)).toEqual(['waiting']);
    transport.say(nack(op, 'BUSY', 200));
    expect(session.view.tickets[0]!.status).toMatchObject({
      kind: 'refused',
      code: 'BUSY',
      retryAfterMs: 200,
    });
    time.pass(60_000);
    expect(transport.taps).toHaveLength(6);
  });

  test('is not asked by a client that lost it meanwhile, but after its welcome', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    transport.say(nack(transport.taps[0]!.op, 'BUSY', 200));
    transport.become({ kind: 'waiting', retryInMs: 300 });
    time.pass(5_000);
    expect(transport.taps).toHaveLength(1);
    transport.become({ kind: 'open' });
    transport.say(welcome({ recovered: true, mode: 'eventual' }));
    expect(transport.taps).toHaveLength(2);
  });

  test('does not bring everybody back in the same instant', () => {
    const { session, transport, time } = connectedSession({ random: () => 0.9 });
    session.tap();
    transport.say(nack(transport.taps[0]!.op, 'BUSY', 200));
    time.pass(289);
    expect(transport.taps).toHaveLength(1);
    time.pass(1);
    expect(transport.taps).toHaveLength(2);
  });
});

describe('what becomes of a ticket', () => {
  test('a refusal says why and when it may work, and is not asked again', () => {
    const { session, transport, time } = connectedSession();
    session.tap();
    transport.say(nack(transport.taps[0]!.op, 'RATE_LIMITED', 300));
    expect(session.view.tickets[0]!.status).toEqual({
      kind: 'refused',
      code: 'RATE_LIMITED',
      message: 'No.',
      retryAfterMs: 300,
    });
    time.pass(60_000);
    expect(transport.taps).toHaveLength(1);
  });

  test('sold out is sold out, whether the answer or the refusal says it', () => {
    const { session, transport } = connectedSession();
    session.tap();
    transport.say(nack(transport.taps[0]!.op, 'OUT_OF_STOCK'));
    expect(kinds(session)).toEqual(['soldOut']);
  });

  test('lost names who overwrote it; restored says that it came back; a repeated answer changes neither', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    const { op } = transport.taps[0]!;
    transport.say(ack(op, allocated('eventual')));
    transport.say({ t: 'fate', op, lane: 'eventual', fate: 'lost', by: 'blue-heron', units: 1 });
    time.pass(A_GLANCE_MS);
    expect(session.view.tickets[0]!.status).toEqual({ kind: 'lost', by: 'blue-heron' });
    transport.say(ack(op, allocated('eventual')));
    expect(session.view.tickets[0]!.status).toEqual({ kind: 'lost', by: 'blue-heron' });
    transport.say({ t: 'fate', op, lane: 'eventual', fate: 'restored', units: 1 });
    time.pass(A_GLANCE_MS);
    expect(kinds(session)).toEqual(['restored']);
  });

  test('what becomes of units a hundred times a second is drawn a few times, and the last word stands', () => {
    const views: RoomView[] = [];
    const { session, transport, time } = connectedSession(
      { onChange: (view) => views.push(view) },
      { mode: 'eventual' },
    );
    session.tap();
    const { op } = transport.taps[0]!;
    transport.say(ack(op, allocated('eventual')));
    const drawn = views.length;
    for (let turn = 0; turn < 100; turn += 1) {
      const fate = turn % 2 === 0 ? 'lost' : 'restored';
      transport.say({ t: 'fate', op, lane: 'eventual', fate, by: 'blue-heron', units: 1 });
    }
    expect(views).toHaveLength(drawn);
    time.pass(A_GLANCE_MS);
    expect(views).toHaveLength(drawn + 1);
    expect(kinds(session)).toEqual(['restored']);
  });

  test('a fate that overtakes its answer is not forgotten', () => {
    const { session, transport } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    const { op } = transport.taps[0]!;
    transport.say({ t: 'fate', op, lane: 'eventual', fate: 'lost', by: 'blue-heron', units: 1 });
    expect(kinds(session)).toEqual(['waiting']);
    transport.say(ack(op, allocated('eventual')));
    expect(kinds(session)).toEqual(['lost']);
  });

  test('a unit sold to others says to how many', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    const { op } = transport.taps[0]!;
    transport.say(ack(op, allocated('eventual')));
    transport.say({ t: 'claim', op, lane: 'eventual', holders: 3 });
    time.pass(A_GLANCE_MS);
    expect(session.view.tickets[0]).toMatchObject({ holders: 3, status: { kind: 'confirmed' } });
  });

  test('after a reload the room says what one holds, and its word wins', () => {
    const { session } = connectedSession(
      {},
      { holdings: [held('b', { seq: 12, fate: 'lost', by: 'blue-heron' }), held('a', { holders: 2 })] },
    );
    expect(session.view.tickets).toMatchObject([
      { op: 'b', status: { kind: 'lost', by: 'blue-heron' } },
      { op: 'a', status: { kind: 'confirmed' }, holders: 2 },
    ]);
  });

  test('a ticket lost before the phone slept and kept after it has come back', () => {
    const { session, transport } = connectedSession({}, { holdings: [held('a', { fate: 'lost' })] });
    transport.become({ kind: 'waiting', retryInMs: 300 });
    transport.become({ kind: 'open' });
    transport.say(welcome({ recovered: true, holdings: [held('a')] }));
    expect(kinds(session)).toEqual(['restored']);
  });
});

describe('a show that ends before a tap is answered', () => {
  const END = { kind: 'closed', code: 4410, reason: '' } as const;
  /** A tap without an answer when everybody has left, and what a call is answered then. */
  async function concluded(told: Partial<Told> | null, started = connectedSession({}, { mode: 'eventual' })) {
    const { session, transport } = started;
    session.tap();
    transport.become(END);
    const asked: string[] = [];
    const state = (skuId: string) => {
      asked.push(skuId);
      const data = { ...roomState(), holdings: [], ...told };
      return Promise.resolve(told ? { ok: true as const, data, meta: {} } : offline());
    };
    await conclude(session, { api: { state } as unknown as Api, skuId: 'ticket', owner: 'me' });
    return { ...started, asked, op: transport.taps[0]!.op };
  }
  const inFlight = (n: number) => ({ safe: laneState(), eventual: laneState({ inFlight: n }) });

  test('asks once over HTTP, and the tap gets its last word', async () => {
    const started = connectedSession({}, { mode: 'eventual' });
    started.session.tap();
    const { op } = started.transport.taps[0]!;
    const holdings = [held(op, { lane: 'eventual', fate: 'lost', by: 'blue-yak' })];
    const { session, asked } = await concluded({ holdings }, started);
    expect(asked).toEqual(['ticket']);
    expect(kinds(session)).toEqual(['refused', 'lost']);
    expect(session.view.tickets[0]!.status).toMatchObject({ code: 'SHOW_ENDED' });
  });

  test('says that it was not answered as long as something is in flight, or nobody can be asked', async () => {
    expect(kinds((await concluded({ lanes: inFlight(1) })).session)).toEqual(['unanswered']);
    expect(kinds((await concluded(null)).session)).toEqual(['unanswered']);
    expect(ticketRows((await concluded(null)).session.view.tickets, 9).rows[0]!.note).toMatch(
      /before the end/,
    );
  });

  test('after a reload shows what the phone holds, and what it had asked', async () => {
    const first = await concluded(null);
    const again = startSession({ store: first.store });
    again.transport.become(END);
    const data = { ...roomState(), holdings: [held('other'), held(first.op, { lane: 'eventual' })] };
    const state = () => Promise.resolve({ ok: true, data });
    await conclude(again.session, { api: { state } as unknown as Api, skuId: 'ticket', owner: 'me' });
    expect(kinds(again.session).sort()).toEqual(['confirmed', 'confirmed']);
    expect(again.session.view.state).not.toBeNull();
  });

  test('asks nothing when it has heard everything', async () => {
    const { session, transport } = connectedSession();
    const closed = { ...event(11), kind: 'closed', body: { by: 'presenter' } } as RoomEvent;
    transport.say(frame(11, 11, { events: [closed], state: roomState({ seq: 11, lanes: inFlight(1) }) }));
    expect(isWhole(session)).toBe(false);
    transport.say(frame(12, 12));
    expect(isWhole(session)).toBe(true);
    transport.become(END);
    const state = () => Promise.reject(new Error('asked'));
    await conclude(session, { api: { state }, skuId: 'ticket', owner: 'me' });
  });

  test('is not told that nothing was bought when it had asked before', () => {
    const { session, transport, time } = connectedSession({}, { mode: 'eventual' });
    session.tap();
    const { op } = transport.taps[0]!;
    time.pass(3_100);
    expect(transport.taps).toHaveLength(2);
    transport.say(nack(op, 'SHOW_ENDED'));
    expect(kinds(session)).toEqual(['waiting']);
    transport.say(ack(op, allocated('eventual')));
    expect(kinds(session)).toEqual(['confirmed']);
  });
});
