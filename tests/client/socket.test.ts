import { afterEach, describe, expect, test } from 'vitest';
import type { AddressInfo } from 'node:net';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { Heartbeat } from '#lib/client/heartbeat.ts';
import { retryPauseMs } from '#lib/client/retry.ts';
import { socketTransport, socketUrl } from '#lib/client/socket.ts';
import type { ResumePoint, Transport, TransportStatus } from '#lib/client/transport.ts';
import type { Down } from '#lib/protocol/down.ts';
import { FakeTime } from './support/fake-time.ts';

/** A real server and a real client on loopback; `resume` may be changed at any time. */
async function startLink(change: { resume?: ResumePoint | null } = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const link = {
    resume: change.resume ?? null,
    urls: [] as string[],
    heard: [] as string[],
    messages: [] as Down[],
    statuses: [] as TransportStatus[],
    sockets: [] as ServerSocket[],
    wake: () => {},
    isVisible: true,
    answersPing: true,
    transport: undefined as unknown as Transport,
    close: () => {},
  };
  server.on('connection', (socket, request) => {
    link.urls.push(request.url ?? '');
    link.sockets.push(socket);
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      link.heard.push(text);
      if (text === 'ping' && link.answersPing) socket.send('pong');
    });
  });
  link.transport = socketTransport({
    path: '/parties/room/K7QM2P.ticket',
    role: 'participant',
    base: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    random: () => 0,
    page: {
      isVisible: () => link.isVisible,
      onWake: (wake) => {
        link.wake = wake;
        return () => {};
      },
    },
  })(() => link.resume);
  link.transport.onStatus((status) => link.statuses.push(status));
  link.transport.onMessage((message) => link.messages.push(message));
  link.close = () => {
    link.transport.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
  opened.push(link.close);
  return link;
}

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const kinds = (statuses: TransportStatus[]) => statuses.map(({ kind }) => kind);

describe('a socket', () => {
  test('takes nothing after it was closed, and says so', async () => {
    const link = await startLink();
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    link.transport.close();
    expect(link.transport.send({ t: 'seen', seq: 1 })).toBe(false);
  });

  test('says who it speaks for and from where to resume, anew at every attempt', async () => {
    const link = await startLink();
    await expect.poll(() => link.urls).toEqual(['/parties/room/K7QM2P.ticket?as=participant']);
    link.resume = { epoch: 3, since: 41 };
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    link.sockets[0]!.terminate();
    await expect.poll(() => link.urls[1]).toBe('/parties/room/K7QM2P.ticket?as=participant&epoch=3&since=41');
    await expect.poll(() => kinds(link.statuses)).toEqual(['connecting', 'open', 'waiting', 'open']);
    expect(link.statuses[2]).toEqual({ kind: 'waiting', retryInMs: 20 });
  });

  test('never queues: what is said without a connection is gone', async () => {
    const link = await startLink();
    expect(link.transport.send({ t: 'seen', seq: 1 })).toBe(false);
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    expect(link.transport.send({ t: 'seen', seq: 2 })).toBe(true);
    await expect.poll(() => link.heard.filter((text) => text !== 'ping')).toEqual(['{"t":"seen","seq":2}']);
  });

  test('says when its page goes out of sight and when it is seen again, on every connection', async () => {
    const link = await startLink();
    const said = () => link.heard.filter((text) => text !== 'ping');
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    link.isVisible = false;
    link.wake();
    await expect.poll(said).toEqual(['hidden']);
    link.sockets[0]!.terminate();
    await expect.poll(said).toEqual(['hidden', 'hidden']);
    link.isVisible = true;
    link.wake();
    await expect.poll(said).toEqual(['hidden', 'hidden', 'visible']);
  });

  test.each([4401, 4403, 4404, 4410])('stops for good after %i, and says it', async (code) => {
    const link = await startLink();
    await expect.poll(() => link.sockets.length).toBe(1);
    link.sockets[0]!.close(code, 'because');
    await expect.poll(() => link.statuses.at(-1)).toEqual({ kind: 'closed', code, reason: 'because' });
    link.wake();
    expect(link.statuses.at(-1)!.kind).toBe('closed');
  });

  test.each([1006, 1012, 4408, 4429])('comes back after %i', async (code) => {
    const link = await startLink();
    await expect.poll(() => link.sockets.length).toBe(1);
    if (code === 1006) link.sockets[0]!.terminate();
    else link.sockets[0]!.close(code);
    await expect.poll(() => link.sockets.length).toBe(2);
    await expect.poll(() => link.statuses.at(-1)!.kind).toBe('open');
  });

  test('hands on what it understands and nothing else', async () => {
    const link = await startLink();
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    for (const text of ['pong', '{', '{"t":"unheard-of"}', '{"t":"ack","op":"a","epoch":1,"lanes":{}}']) {
      link.sockets[0]!.send(text);
    }
    await expect.poll(() => link.messages).toEqual([{ t: 'ack', op: 'a', epoch: 1, lanes: {} }]);
  });

  test('that is closed does not come back', async () => {
    const link = await startLink();
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    link.transport.close();
    await expect.poll(() => link.sockets[0]!.readyState).toBe(link.sockets[0]!.CLOSED);
    expect(link.sockets).toHaveLength(1);
    expect(link.statuses.at(-1)!.kind).toBe('open');
  });
});

describe('a device that comes back', () => {
  test('asks its link, and keeps it when it answers', async () => {
    const link = await startLink();
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    link.wake();
    await expect.poll(() => link.heard).toEqual(['ping']);
    expect(link.sockets).toHaveLength(1);
  });

  test('replaces a link that gives no answer in two seconds', { timeout: 20_000 }, async () => {
    const link = await startLink();
    await expect.poll(() => kinds(link.statuses)).toContain('open');
    link.answersPing = false;
    const askedAt = performance.now();
    link.wake();
    await expect.poll(() => link.sockets.length, { timeout: 15_000 }).toBe(2);
    expect(performance.now() - askedAt).toBeGreaterThan(1_900);
  });
});

describe('when a client tries again', () => {
  const first = (clients: number | null, random: number) =>
    retryPauseMs({ clients, isFirst: true, awayMs: 0, bounces: 0 }, random);

  test('the first retry comes at once in a small room, within two thirds of a second in one of 300, and spread in a full house', () => {
    const latest = (clients: number | null) => first(clients, 0.999);
    expect(latest(4)).toBeLessThan(50);
    expect(latest(300)).toBeLessThan(650);
    expect(latest(1_000)).toBeGreaterThan(1_900);
    expect(latest(5_000)).toBeLessThanOrEqual(10_000);
    expect(latest(null), 'a room that never said its size').toBe(latest(1_000));
    expect(first(300, 0), 'each its own').toBeLessThan(first(300, 0.5));
  });

  test('a room of 300 that does not answer is asked again within 0.7 s for half a minute, then less and less', () => {
    const again = (awayMs: number) =>
      retryPauseMs({ clients: 300, isFirst: false, awayMs, bounces: 0 }, 0.999);
    expect(again(0)).toBeLessThanOrEqual(700);
    expect(again(28_000)).toBeLessThanOrEqual(700);
    expect(again(200_000)).toBeGreaterThan(4_900);
    expect(again(3_600_000)).toBe(10_000);
  });

  test('a door that shuts at once is knocked at ever less often', () => {
    const pauses = [0, 1, 2, 10].map((bounces) =>
      retryPauseMs({ clients: 300, isFirst: true, awayMs: 0, bounces }, 0.5),
    );
    expect(pauses[1]).toBe(pauses[0]);
    expect(pauses[2]).toBeGreaterThan(pauses[1]!);
    expect(pauses[3]).toBe(10_000);
  });
});

test('an address carries no secret and escapes nothing by accident', () => {
  expect(socketUrl('wss://show.example', '/parties/room/K7QM2P.ticket', 'presenter', null)).toBe(
    'wss://show.example/parties/room/K7QM2P.ticket?as=presenter',
  );
});

describe('a heartbeat', () => {
  function start(isVisible = true, openedInMs = 0) {
    const time = new FakeTime();
    const beats = { pings: 0, silences: 0 };
    const heartbeat = new Heartbeat({
      clock: time.clock,
      later: time.later,
      isVisible: () => isVisible,
      ping: () => (beats.pings += 1),
      onSilence: () => (beats.silences += 1),
    });
    heartbeat.start(openedInMs);
    return { time, beats, heartbeat };
  }

  test('finds a dead link within eight seconds', () => {
    const { time, beats } = start();
    time.pass(8_000);
    expect(beats).toEqual({ pings: 2, silences: 1 });
  });

  test('takes anything heard as a sign of life', () => {
    const { time, beats, heartbeat } = start();
    time.pass(5_500);
    heartbeat.heard();
    time.pass(4_000);
    expect(beats).toEqual({ pings: 2, silences: 0 });
  });

  test('says that it is there while nobody looks and judges nothing then; leaves nothing running when stopped', () => {
    const { time, beats, heartbeat } = start(false);
    time.pass(12_000);
    expect(beats).toEqual({ pings: 3, silences: 0 });
    heartbeat.stop();
    expect(time.isBusy).toBe(false);
  });

  test('never leaves a quiet link silent for 30 s, after which some networks cut it, whether it is seen or not', () => {
    for (const isVisible of [true, false]) {
      const { time, beats, heartbeat } = start(isVisible);
      for (let second = 0; second < 30; second += 1) {
        heartbeat.heard();
        time.pass(1_000);
      }
      expect(beats).toEqual({ pings: 7, silences: 0 });
    }
  });

  /** A link whose every answer takes as long, for a while. Returns how often it was given up. */
  function quietFor(ms: number, rttMs: number) {
    const time = new FakeTime();
    let silences = 0;
    const heartbeat: Heartbeat = new Heartbeat({
      clock: time.clock,
      later: time.later,
      isVisible: () => true,
      ping: () =>
        time.later(() => {
          heartbeat.heard();
          heartbeat.pong();
        }, rttMs),
      onSilence: () => (silences += 1),
    });
    // A handshake of TCP and one of HTTP come before.
    heartbeat.start(2 * rttMs);
    time.pass(ms);
    return silences;
  }

  test.each([50, 1_900, 2_600, 4_900])(
    'waits as long as the link takes: a round trip of %i ms is no silence',
    (rttMs) => {
      expect(quietFor(120_000, rttMs)).toBe(0);
    },
  );

  test('of a slow link still finds out that it died, within 25 s', () => {
    const { time, beats } = start(true, 60_000);
    time.pass(25_000);
    expect(beats.silences).toBe(1);
  });

  test('says of a question whether it arrived: by its own answer, and by no other', () => {
    const { heartbeat } = start();
    const heard: boolean[] = [];
    heartbeat.probe((isAlive) => heard.push(isAlive));
    heartbeat.pong();
    expect(heard, 'the answer to the question before').toEqual([]);
    heartbeat.pong();
    expect(heard).toEqual([true]);
    heartbeat.probe((isAlive) => heard.push(isAlive));
    heartbeat.stop();
    expect(heard).toEqual([true, false]);
  });
});
