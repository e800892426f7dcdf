/** Pings are counted although the platform answers them, on a real room; and who pings as the pages do is let be. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connections } from '#lib/room/connections.ts';
import type { Connection, Subscriber } from '#lib/room/connections.ts';
import { PingCount } from '#server/room/pings.ts';
import type { Pings } from '#server/room/pings.ts';
import { TestShow } from './support/show.ts';

describe('who answers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A room whose sockets last pinged so long ago at any time, milliseconds. */
  function hall(agesMs: (() => number)[]) {
    const connections = new Connections();
    const ages = new Map<Connection['socket'], () => number>();
    for (const [index, age] of agesMs.entries()) {
      const socket = { send: () => undefined, close: () => undefined } as unknown as Subscriber;
      const caller = { sessionId: `${index}`, label: `${index}`, role: 'participant', expiresAt: 0 } as const;
      connections.add(socket, { ...caller, ipHash: '' }, 0, Date.now());
      ages.set(socket, age);
    }
    const answeredBy = vi.fn<Pings['answeredBy']>();
    const lastAtMs = (socket: Connection['socket']) => Date.now() - (ages.get(socket)?.() ?? 0);
    return { answeredBy, count: new PingCount(connections, { lastAtMs, answeredBy, now: () => Date.now() }) };
  }

  it('is the platform, when three hundred phones ping every five seconds', async () => {
    const began = Date.now();
    const phones = Array.from(
      { length: 300 },
      (_, index) => () => (Date.now() - began + index * 16.7) % 5_000,
    );
    const { answeredBy, count } = hall(phones);
    for (let look = 0; look < 100; look++) {
      count.look();
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(answeredBy).not.toHaveBeenCalled();
  });

  it('is the room for some seconds, when one has always just pinged', async () => {
    const { answeredBy, count } = hall([() => 4_000, () => 1]);
    count.look();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(answeredBy.mock.calls).toEqual([['room']]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(answeredBy.mock.calls).toEqual([['room'], ['platform']]);
  });
});

it('a socket that pings without end is closed, and a phone that pings meanwhile is answered', async () => {
  const show = await TestShow.open();
  const [phone, flooder] = await show.phones(2);
  const pings = setInterval(() => {
    if (flooder!.closed) return;
    for (let count = 0; count < 50; count++) flooder!.sendRaw('ping');
    phone!.sendRaw('ping');
  }, 100);
  const taps = setInterval(() => void phone!.buy(), 500);
  await flooder!.until(() => flooder!.closed !== null);
  clearInterval(pings);
  clearInterval(taps);
  expect(flooder!.closed?.code).toBe(4429);
  expect(phone!.closed).toBeNull();
  expect((await phone!.buy()).t).toBe('ack');
});
