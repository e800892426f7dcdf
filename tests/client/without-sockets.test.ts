/** A phone whose network lets no socket pass: it buys by calls, says nothing that is not so, and goes back to a socket by itself. */
import { describe, expect, test } from 'vitest';
import { CallTransport } from '#lib/client/call-transport.ts';
import { eitherTransport } from '#lib/client/either-transport.ts';
import { roomCalls } from '#lib/client/fallback.ts';
import { blockedAfterMs, networkBy } from '#lib/client/network.ts';
import { notUnderstood, offline } from '#lib/client/api.ts';
import { calledWorld, failed, stateAnswer } from './support/called.ts';
import { ack, allocated, startSession, welcome } from './support/fake-room.ts';
import { FakeTime } from './support/fake-time.ts';
import { fakeFetch, meta } from './support/mock-meta.ts';

describe('what stands between a phone and its show', () => {
  test.each([
    ['blocked', { ok: true as const, data: null, meta: meta() }, { is: 'blocked' }],
    ['blocked', failed('EXPIRED_SESSION', 401), { is: 'blocked' }],
    ['nothing that can be named', offline(), null],
    ['a portal', notUnderstood(200), { is: 'portal' }],
    ['a portal that sends elsewhere', notUnderstood(0), { is: 'portal' }],
    ['a proxy that wants a sign-in', notUnderstood(407), { is: 'between', status: 407 }],
    ['a proxy that does not reach it', notUnderstood(502), { is: 'between', status: 502 }],
    ['the room itself', failed('STORAGE_UNAVAILABLE', 503), { is: 'room' }],
  ])('is %s by its answer', (_what, answer, found) => {
    expect(networkBy(answer)).toEqual(found);
  });

  test('is no block where the link is only slow: a socket has four of its round trips, and four seconds', () => {
    expect(blockedAfterMs(100)).toBe(4_000);
    expect(blockedAfterMs(3_000)).toBe(12_000);
  });
});

describe('calls', () => {
  function start() {
    const { world, needs, time, host } = calledWorld();
    const started = startSession({
      connect: (resume) => new CallTransport(needs, resume),
      clock: time.clock,
      later: time.later,
    });
    return { ...started, world, time, host };
  }
  const kind = ({ session }: ReturnType<typeof start>) => session.view.connection;

  test('make a connection that says what it is, and ask for the state every two seconds', async () => {
    const phone = start();
    await phone.world.pass(0);
    expect(kind(phone)).toEqual({ kind: 'connected', byCalls: true });
    await phone.world.pass(10_000);
    expect(phone.host.looks).toBe(6);
    expect(phone.session.view.clockOffsetMs).toBeGreaterThanOrEqual(FakeTime.WALL - 10_000);
  });

  test('ask for nothing while nobody sees the page, and at once when somebody does', async () => {
    const phone = start();
    await phone.world.pass(1_000);
    phone.world.isVisible = false;
    phone.world.wake();
    await phone.world.pass(60_000);
    expect(phone.host.looks).toBe(1);
    phone.world.isVisible = true;
    phone.world.wake();
    await phone.world.pass(0);
    expect(phone.host.looks).toBe(2);
  });

  test('buy a tap once, under its op id, in the epoch of its button', async () => {
    const phone = start();
    await phone.world.pass(0);
    expect(phone.session.tap()).toBe('sent');
    await phone.world.pass(6_000);
    expect(phone.host.orders).toMatchObject([{ epoch: 1, units: 1, mode: 'safe' }]);
    expect(phone.session.view.tickets).toMatchObject([{ status: { kind: 'confirmed' } }]);
  });

  test('tell as bought what the room sold although its answer was lost', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.host.orderFailure = offline();
    phone.session.tap();
    expect(phone.session.view.tickets).toMatchObject([{ status: { kind: 'waiting' } }]);
    await phone.world.pass(500);
    expect(phone.session.view.tickets).toMatchObject([{ status: { kind: 'confirmed' } }]);
    await phone.world.pass(20_000);
    expect(phone.host.orders).toHaveLength(1);
    expect(phone.host.sold.size).toBe(1);
  });

  test('tell nothing as bought that never came through, and ask again by the same id once they can', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.host.failure = notUnderstood(200);
    expect(phone.session.tap()).toBe('sent');
    await phone.world.pass(5_000);
    expect(phone.session.view.tickets).toMatchObject([{ status: { kind: 'waiting' } }]);
    expect(phone.host.sold.size).toBe(0);
    phone.host.failure = null;
    await phone.world.pass(5_000);
    expect(phone.session.view.tickets).toMatchObject([{ status: { kind: 'confirmed' } }]);
    expect(phone.host.sold.size).toBe(1);
    expect(new Set(phone.host.orders.map(({ op }) => op)).size).toBe(1);
  });

  test('without an answer are no connection: taps are not taken, and it says since when', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.host.goAway();
    await phone.world.pass(3_000);
    expect(kind(phone)).toMatchObject({ kind: 'reconnecting' });
    expect(phone.session.tap()).toBe('offline');
    phone.host.failure = null;
    await phone.world.pass(3_000);
    expect(kind(phone)).toEqual({ kind: 'connected', byCalls: true });
  });

  test('send one order at a time of each op, however long a proxy holds its answer back', async () => {
    const phone = start();
    await phone.world.pass(0);
    let asked = 0;
    phone.host.order = () => {
      asked += 1;
      return new Promise(() => {});
    };
    phone.session.tap();
    await phone.world.pass(20_000);
    expect(asked).toBe(1);
  });

  test('take the tickets of a reset away', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.session.tap();
    await phone.world.pass(2_000);
    phone.host.reset();
    await phone.world.pass(2_000);
    expect(phone.session.view).toMatchObject({ tickets: [], resetSeen: true, state: { epoch: 2 } });
  });

  test('end with the show, and with the session', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.host.ended = true;
    await phone.world.pass(2_000);
    expect(kind(phone)).toEqual({ kind: 'ended' });
    const looks = phone.host.looks;
    await phone.world.pass(10_000);
    expect(phone.host.looks, 'nobody asks a show that is over').toBe(looks);
    const other = start();
    await other.world.pass(0);
    other.host.failure = failed('EXPIRED_SESSION', 401);
    await other.world.pass(2_000);
    expect(kind(other)).toMatchObject({ kind: 'refused', code: 4401 });
    other.host.failure = null;
    other.session.retry();
    await other.world.pass(0);
    expect(kind(other)).toMatchObject({ kind: 'connected' });
  });

  test('wait as long as they are told to, and are a connection all the while', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.host.failure = failed('RATE_LIMITED', 429, 5_000);
    await phone.world.pass(2_000);
    const { looks } = phone.host;
    await phone.world.pass(4_500);
    expect(phone.host.looks).toBe(looks);
    expect(kind(phone).kind).toBe('connected');
  });

  test('cannot say what is no order: it is not sent, and that is said', async () => {
    const phone = start();
    await phone.world.pass(0);
    expect(phone.session.practise(3)).toBe(false);
    expect(phone.session.reportRecovery({ waitedMs: 1, ms: 1, missing: 0 })).toBe(false);
  });
});

describe('a phone with both ways', () => {
  function start() {
    const { world, needs, time, host } = calledWorld();
    const started = startSession({ clock: time.clock, later: time.later });
    started.session.carryBy(eitherTransport(needs));
    return { ...started, world, time, host };
  }
  const comes = ({ world }: ReturnType<typeof start>, hello: Parameters<typeof welcome>[0] = {}) => {
    const socket = world.sockets.at(-1)!;
    socket.become({ kind: 'open' });
    socket.say(welcome(hello));
    return socket;
  };

  test('tries a socket at once and then now and then, and lets go of each that does not come', async () => {
    const phone = start();
    expect(phone.transport.isClosed, 'the socket that could not be had').toBe(true);
    await phone.world.pass(0);
    expect(phone.world.sockets).toHaveLength(1);
    phone.world.sockets[0]!.become({ kind: 'waiting', retryInMs: 20 });
    expect(phone.world.sockets[0]!.isClosed).toBe(true);
    await phone.world.pass(29_000);
    expect(phone.world.sockets).toHaveLength(1);
    await phone.world.pass(2_000);
    expect(phone.world.sockets).toHaveLength(2);
    // This one is let in and then never hears a word, as behind a proxy that buffers.
    phone.world.sockets[1]!.become({ kind: 'open' });
    await phone.world.pass(14_000);
    expect(phone.session.view.connection).toEqual({ kind: 'connected', byCalls: true });
    await phone.world.pass(2_000);
    expect(phone.world.sockets[1]!.isClosed).toBe(true);
  });

  test('changes back by itself as soon as a socket is greeted, from where it is, and asks for nothing more by calls', async () => {
    const phone = start();
    await phone.world.pass(4_000);
    const socket = comes(phone);
    expect(socket.resume()).toEqual({ epoch: 1, since: 10 });
    expect(phone.session.view.connection).toEqual({ kind: 'connected' });
    const { looks } = phone.host;
    await phone.world.pass(10_000);
    expect(phone.host.looks).toBe(looks);
    expect(phone.world.sockets).toHaveLength(1);
  });

  test('asks about what is open by the new way under the same op id, so that it is done once', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.host.order = () => new Promise(() => {});
    phone.session.tap();
    const [{ op } = { op: '' }] = phone.session.view.tickets;
    const socket = comes(phone);
    expect(socket.taps.map((tap) => tap.op)).toEqual([op]);
    socket.say(ack(op, allocated()));
    expect(phone.session.view.tickets).toMatchObject([{ op, status: { kind: 'confirmed' } }]);
  });

  test('goes by calls again when its socket stays away, and takes what was open along', async () => {
    const phone = start();
    await phone.world.pass(0);
    const socket = comes(phone);
    phone.session.tap();
    const op = socket.taps[0]!.op;
    socket.become({ kind: 'waiting', retryInMs: 500 });
    await phone.world.pass(3_500);
    expect(phone.session.view.connection.kind).toBe('reconnecting');
    await phone.world.pass(1_000);
    expect(phone.session.view.connection).toEqual({ kind: 'connected', byCalls: true });
    expect(socket.isClosed).toBe(true);
    expect([...phone.host.sold.keys()]).toEqual([op]);
    expect(phone.session.view.tickets).toMatchObject([{ op, status: { kind: 'confirmed' } }]);
  });

  test('keeps a socket that is back in time, and one that the room has closed for good', async () => {
    const phone = start();
    await phone.world.pass(0);
    const socket = comes(phone);
    const { looks } = phone.host;
    socket.become({ kind: 'waiting', retryInMs: 500 });
    await phone.world.pass(3_000);
    socket.become({ kind: 'open' });
    socket.say(welcome());
    await phone.world.pass(10_000);
    socket.become({ kind: 'waiting', retryInMs: 500 });
    socket.become({ kind: 'closed', code: 4410, reason: '' });
    await phone.world.pass(10_000);
    expect(phone.session.view.connection).toEqual({ kind: 'ended' });
    expect(phone.host.looks).toBe(looks);
  });

  test('tries a socket at once when the page wakes or the network comes back', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.world.sockets[0]!.become({ kind: 'waiting', retryInMs: 20 });
    phone.world.wake();
    expect(phone.world.sockets).toHaveLength(2);
    phone.world.sockets[1]!.become({ kind: 'waiting', retryInMs: 20 });
    phone.host.goAway();
    await phone.world.pass(2_000);
    phone.host.failure = null;
    await phone.world.pass(2_000);
    expect(phone.world.sockets).toHaveLength(3);
  });

  test('keeps its own guess, of which calls do not tell', async () => {
    const phone = start();
    await phone.world.pass(0);
    const socket = comes(phone);
    socket.say({ t: 'guessed', asked: 9, value: 42 });
    socket.become({ kind: 'waiting', retryInMs: 500 });
    await phone.world.pass(5_000);
    expect(phone.session.view).toMatchObject({
      connection: { byCalls: true },
      guessed: { asked: 9, value: 42 },
    });
  });

  test('leaves nothing behind when it is closed', async () => {
    const phone = start();
    await phone.world.pass(0);
    phone.session.close();
    await phone.world.pass(0);
    expect(phone.world.sockets.every(({ isClosed }) => isClosed)).toBe(true);
    expect(phone.world.wakes.size).toBe(0);
    const { looks } = phone.host;
    await phone.world.pass(60_000);
    expect(phone.host.looks).toBe(looks);
    expect(phone.world.sockets).toHaveLength(1);
  });
});

test('an order by a call is what the contract says: its key, its epoch, its mode', async () => {
  const answer = { success: true, data: stateAnswer(), meta: meta() };
  const { fetcher, asked } = fakeFetch([answer, answer]);
  const calls = roomCalls('ticket', fetcher);
  await calls.state();
  await calls.order({ t: 'allocate', op: '00000000-0000-4000-8000-000000000001', epoch: 3, mode: 'both' });
  expect(asked.map(({ url, init }) => [init.method ?? 'GET', url])).toEqual([
    ['GET', '/api/demo/state?skuId=ticket'],
    ['POST', '/api/demo/allocate'],
  ]);
  expect(asked[1]?.init).toMatchObject({
    body: '{"skuId":"ticket","units":1,"mode":"both"}',
    headers: {
      'idempotency-key': '00000000-0000-4000-8000-000000000001',
      'x-epoch': '3',
      'x-session-role': 'participant',
    },
  });
});
