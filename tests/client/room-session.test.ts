import { describe, expect, test } from 'vitest';
import type { EventRange } from '#lib/client/room-view.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import {
  ack,
  allocated,
  connectedSession,
  event,
  frame,
  startSession,
  welcome,
} from './support/fake-room.ts';
import { FakeTime } from './support/fake-time.ts';

describe('the stream', () => {
  test('events are told once each, in order, with the range they stand for', () => {
    const { session, transport } = startSession();
    const told: [number[], EventRange][] = [];
    session.onEvents((events, range) => told.push([events.map(({ seq }) => seq), range]));
    transport.become({ kind: 'open' });
    transport.say(welcome({ seq: 10 }));
    transport.say(frame(11, 13));
    transport.say(frame(11, 13));
    transport.say(frame(14, 13));
    transport.say(frame(14, 20, { events: [event(14)], omitted: 6 }));
    expect(told).toEqual([
      [[], { from: 11, seq: 10, omitted: 0, recovered: false }],
      [[11, 12, 13], { from: 11, seq: 13, omitted: 0, recovered: true }],
      [[], { from: 14, seq: 13, omitted: 0, recovered: true }],
      [[14], { from: 14, seq: 20, omitted: 6, recovered: true }],
    ]);
    expect(session.view.state?.seq).toBe(20);
    expect(transport.reconnects).toBe(0);
  });

  test('a missing event makes the client resume from the last one that it applied, and nothing of the gap is shown', () => {
    const { session, transport } = connectedSession();
    transport.say(frame(11, 12));
    transport.say(frame(15, 16));
    expect(transport.reconnects).toBe(1);
    expect(session.view.state?.seq).toBe(12);
    expect(transport.resume()).toEqual({ epoch: 1, since: 12 });
  });

  test('what was missed comes with the resume and is told as one range', () => {
    const { session, transport } = connectedSession();
    const ranges: EventRange[] = [];
    session.onEvents((_, range) => ranges.push(range));
    transport.become({ kind: 'waiting', retryInMs: 300 });
    transport.become({ kind: 'open' });
    transport.say(welcome({ seq: 13, recovered: true, events: [event(11), event(12), event(13)] }));
    expect(ranges).toEqual([{ from: 11, seq: 13, omitted: 0, recovered: true }]);
    expect(session.view.head).toBe('hash-13');
  });

  test('what a drill cost this client is measured by itself and told once: its wait, its way back, what is missing', () => {
    const { transport, time } = connectedSession();
    const told = () => transport.sent.filter(({ t }) => t === 'recovered');
    const lostAtMs = time.clock.monotonic();
    transport.become({ kind: 'waiting', retryInMs: 300 });
    time.pass(340);
    transport.become({ kind: 'open', after: { code: 1012, lostAtMs, triedAtMs: lostAtMs + 300 } });
    const body = { kind: 'drop', by: 'Host', sockets: 2, wakes: 1 } as const;
    const drill = { ...event(11), kind: 'drill', body } as RoomEvent;
    transport.say(welcome({ seq: 13, recovered: true, events: [drill, event(12)] }));
    expect(told()).toEqual([{ t: 'recovered', drill: 11, waitedMs: 300, ms: 40, missing: 1 }]);
    transport.become({ kind: 'waiting', retryInMs: 300 });
    transport.become({ kind: 'open', after: { code: 1006, lostAtMs, triedAtMs: lostAtMs } });
    transport.say(welcome({ seq: 13, recovered: true }));
    expect(told()).toHaveLength(1);
  });

  test('a client that knows nothing asks for a snapshot', () => {
    expect(startSession().transport.resume()).toBeNull();
  });

  test('the room hears how far this client is at most every four seconds, and only when that moved', () => {
    const { transport, time } = connectedSession();
    const seen = () => transport.sent.filter(({ t }) => t === 'seen');
    transport.say(frame(11, 12));
    time.pass(500);
    transport.say(frame(13, 20));
    time.pass(3_499);
    expect(seen()).toEqual([]);
    time.pass(1);
    expect(seen()).toEqual([{ t: 'seen', seq: 20 }]);
    transport.say(frame(21, 20));
    time.pass(10_000);
    expect(seen()).toHaveLength(1);
    expect(time.isBusy).toBe(false);
  });

  test('a room of a newer version is not listened to: the page says that it is old', () => {
    const { session, transport } = connectedSession({}, { v: PROTOCOL_VERSION + 1 });
    expect(session.view.connection).toMatchObject({ kind: 'refused', code: 0 });
    expect(transport.isClosed).toBe(true);
  });

  test.each([1, PROTOCOL_VERSION])('a room of version %d is', (v) => {
    expect(connectedSession({}, { v }).session.view.connection.kind).toBe('connected');
  });
});

describe('the connection', () => {
  test('an open socket is not a connection until the room has welcomed this client', () => {
    const { session, transport } = startSession();
    transport.become({ kind: 'open' });
    expect(session.view.connection.kind).toBe('connecting');
    expect(session.tap()).toBe('offline');
    transport.say(welcome());
    expect(session.view.connection.kind).toBe('connected');
  });

  test('a lost connection says since when, however often it is retried', () => {
    const { session, transport, time } = connectedSession();
    transport.become({ kind: 'waiting', retryInMs: 300 });
    const since = session.view.connection;
    time.pass(5_000);
    transport.become({ kind: 'connecting' });
    transport.become({ kind: 'waiting', retryInMs: 800 });
    expect(session.view.connection).toEqual(since);
    expect(since).toEqual({ kind: 'reconnecting', sinceMs: time.clock.monotonic() - 5_000 });
  });

  test('a device without a network says so, and since when it is away', () => {
    let online = true;
    const { session, transport, time } = connectedSession({ online: () => online });
    transport.become({ kind: 'waiting', retryInMs: 300 });
    const sinceMs = time.clock.monotonic();
    online = false;
    time.pass(1_000);
    transport.become({ kind: 'waiting', retryInMs: 300 });
    expect(session.view.connection).toEqual({ kind: 'offline', sinceMs });
  });

  test('an ended show and a refusal are told apart', () => {
    const ended = connectedSession();
    ended.transport.become({ kind: 'closed', code: 4410, reason: '' });
    expect(ended.session.view.connection).toEqual({ kind: 'ended' });
    const refused = connectedSession();
    refused.transport.become({ kind: 'closed', code: 4401, reason: 'expired' });
    expect(refused.session.view.connection).toEqual({ kind: 'refused', code: 4401, reason: 'expired' });
  });
});

describe('a reset', () => {
  test('takes the tickets away, says so, and says it until the next tap', () => {
    const { session, transport } = connectedSession();
    session.tap();
    transport.say(ack(transport.taps[0]!.op, allocated()));
    transport.say(frame(11, 12, { epoch: 2 }));
    expect(session.view.tickets).toEqual([]);
    expect(session.view.resetSeen).toBe(true);
    session.tap();
    expect(session.view.resetSeen).toBe(false);
    expect(transport.taps.at(-1)).toMatchObject({ epoch: 2 });
  });

  test('says nothing to somebody who had no tickets', () => {
    const { session, transport } = connectedSession();
    transport.say(frame(11, 12, { epoch: 2 }));
    expect(session.view.resetSeen).toBe(false);
  });

  test('an answer from before it changes nothing any more', () => {
    const { session, transport, time } = connectedSession();
    session.tap();
    transport.say(frame(11, 12, { epoch: 2 }));
    transport.say(ack(transport.taps[0]!.op, allocated(), 1));
    expect(session.view.tickets).toEqual([]);
    time.pass(60_000);
    expect(transport.taps).toHaveLength(1);
  });

  test('what was not answered before it is never sent again', () => {
    const { session, transport, store } = connectedSession();
    session.tap();
    transport.become({ kind: 'waiting', retryInMs: 300 });
    transport.become({ kind: 'open' });
    transport.say(welcome({ epoch: 2 }));
    expect(transport.taps).toHaveLength(1);
    expect(session.view.resetSeen).toBe(true);

    const again = connectedSession({ store }, { epoch: 2 });
    expect(again.transport.taps).toEqual([]);
  });

  test('while the page was reloaded drops what was open, and shows no ticket that waits for ever', () => {
    const before = connectedSession();
    before.session.tap();
    const after = connectedSession({ store: before.store }, { epoch: 2 });
    expect(after.transport.taps).toEqual([]);
    expect(after.session.view.tickets).toEqual([]);
  });
});

describe("a presenter's acts", () => {
  test('go out as they are, and are refused where the presenter can read it', () => {
    const { session, acts, transport } = connectedSession();
    expect(acts.control({ mode: 'both' })).toBe(true);
    expect(transport.sent).toEqual([{ t: 'control', mode: 'both' }]);
    const refusal = { code: 'RATE_LIMITED', message: 'Too many acts.', retryAfterMs: 30_000 } as const;
    transport.say({ t: 'nack', ...refusal });
    expect(session.view.refusal).toEqual(refusal);
  });

  test('are not kept for later while there is no connection', () => {
    const { acts, transport } = startSession();
    expect(acts.guardrail('trip')).toBe(false);
    transport.become({ kind: 'open' });
    transport.say(welcome());
    expect(transport.sent).toEqual([]);
  });
});

describe('a key of the presenter', () => {
  test('that was pressed while the link was dead, and nobody knew, does nothing later, and the presenter is told', () => {
    const { session, acts, transport } = connectedSession();
    transport.dies();
    const said = [
      acts.control({ step: 5 }),
      acts.guardrail('trip'),
      acts.ask('close'),
      acts.drill('drop'),
      acts.stage({ blank: true }),
    ];
    expect(said, 'the page does not know yet').toEqual(said.map(() => true));
    transport.become({ kind: 'waiting', retryInMs: 300 });
    expect(session.view.refusal).toEqual({ code: 'OFFLINE' });
    transport.become({ kind: 'open' });
    transport.say(welcome());
    expect(transport.sent, 'nothing was handed to the dead link, nothing waited for the next').toEqual([]);
    expect(acts.control({ step: 2 })).toBe(true);
    expect(transport.sent).toEqual([{ t: 'control', step: 2 }]);
  });

  test('is done once the room has answered that it is there, and whoever follows is told that it went', () => {
    const { acts, transport } = connectedSession();
    const went: string[] = [];
    acts.control({ step: 2 }, () => went.push('sent'));
    expect([transport.sent, went]).toEqual([[{ t: 'control', step: 2 }], ['sent']]);
    transport.become({ kind: 'waiting', retryInMs: 300 });
    expect(acts.control({ step: 3 }, () => went.push('again'))).toBe(false);
    expect(went).toEqual(['sent']);
  });
});

describe('a screen that leaves', () => {
  test('is heard to the end: what was asked of it goes out before its connection does', async () => {
    const { session, acts, transport } = connectedSession();
    transport.dies();
    const went: string[] = [];
    acts.stage({ sku: 'back-row' });
    acts.control({ step: 3 }, () => went.push('sent'));
    session.close();
    await Promise.resolve();
    expect(transport.isClosed).toBe(false);
    transport.answers();
    await Promise.resolve();
    expect(transport.sent).toEqual([
      { t: 'stage', sku: 'back-row' },
      { t: 'control', step: 3 },
    ]);
    expect([went, transport.isClosed]).toEqual([['sent'], true]);
  });

  test('waits for nothing else, and not for a link that is gone', async () => {
    const idle = connectedSession();
    idle.session.close();
    expect(idle.transport.isClosed).toBe(true);
    const { session, acts, transport } = connectedSession();
    transport.dies();
    acts.stage({ blank: true });
    session.close();
    transport.become({ kind: 'waiting', retryInMs: 300 });
    await Promise.resolve();
    expect([transport.sent, transport.isClosed]).toEqual([[], true]);
  });
});

describe('the clock of the room', () => {
  const at = (now: number) => frame(11, 10, { now });

  test('is counted on from each welcome and each frame; the device’s own clock is never asked', () => {
    const { session, transport, time } = connectedSession();
    const told = () => session.view.clockOffsetMs! + time.clock.monotonic();
    expect(told()).toBe(FakeTime.WALL);
    time.stepWall(3_600_000);
    time.pass(1_000);
    expect(told(), 'a device whose clock was set').toBe(FakeTime.WALL + 1_000);
    transport.say(at(FakeTime.WALL + 900_000));
    expect(told(), 'a device that slept').toBe(FakeTime.WALL + 900_000);
    transport.say(at(FakeTime.WALL + 898_000));
    expect(told(), 'a frame that came late').toBe(FakeTime.WALL + 900_000);
    transport.say(at(FakeTime.WALL - 3_600_000));
    expect(told(), 'a room whose clock was set back').toBe(FakeTime.WALL - 3_600_000);
  });
});
