/** Readers of a log that stand still: they cost the room some memory for some seconds, and nobody else anything. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import {
  LOG_READ_WITHIN_MS,
  MAX_LOG_READERS,
  MAX_LOG_READERS_PER_ADDRESS,
  MAX_LOG_READERS_PER_SESSION,
} from '#lib/protocol/limits.ts';
import { Refused } from '../../scripts/crowd/site.ts';
import { openShow } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { runtimeMemoryMb } from './support/memory.ts';
import { atMost, figures, LONG } from './support/run.ts';
import { until } from './support/until.ts';

const SKU = 'library';
/** A log that a kernel does not take off the server's hands: its buffers hold some five megabytes of one connection. */
const SALES = LONG ? 60_000 : 40_000;
const RUSH = 500;
const READERS = 250;
const ANSWERED_WITHIN_MS = 1_000;
/** What {@link MAX_LOG_READERS} may cost, MB: far less than as many logs. */
const MEMORY_MB = 100;

let show: Show;
let bytes = 0;
const standing: Socket[] = [];

beforeAll(async () => {
  show = await openShow(inject('host'), [SKU]);
  for (let left = SALES; left > 0; left -= RUSH) {
    await sell(Math.min(left, RUSH));
  }
  bytes = await read({ token: show.token });
});

afterAll(() => {
  for (const socket of standing) socket.destroy();
});

it(`are ${READERS}, and the room goes on in bounded memory; those who read take their places`, async () => {
  const sessions = await show.site.joinAll(show.code, READERS);
  const before = runtimeMemoryMb(inject('host').group);
  const own = sessions[0]!.token;
  const greedy = Array.from({ length: READERS }, () => stand({ token: own }));
  const statuses = await answered(greedy, READERS - 2 * MAX_LOG_READERS_PER_SESSION);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  for (const { token } of sessions.slice(1)) stand({ token });
  let most = 0;
  const stateMs: number[] = [];
  const look = setInterval(() => {
    most = Math.max(most, runtimeMemoryMb(inject('host').group) - before);
    const began = performance.now();
    void show.site.call(`/demo/state?skuId=${SKU}`, { token: show.token }).then(() => {
      stateMs.push(performance.now() - began);
    });
  }, 250);
  // The presenter needs no place; everybody else gets one once readers that take nothing have been let go.
  const presenterMs = await timed(() => read({ token: show.token }));
  await until(
    () => standing.filter((socket) => statusOf(socket) === 200).length > MAX_LOG_READERS,
    3 * LOG_READ_WITHIN_MS,
    () => 'nobody was let go',
  );
  clearInterval(look);
  for (const socket of standing.splice(0)) socket.destroy();
  const othersMs = await timed(() => read({ token: sessions[1]!.token }));
  figures('standing readers', {
    readers: 2 * READERS - 1,
    'log, MB': bytes / 1e6,
    'of one session refused': statuses.filter((status) => status === 429).length,
    'more memory, MB': most,
    'slowest state meanwhile, ms': Math.max(...stateMs),
    'the presenter reads it, ms': presenterMs,
    'a phone reads it afterwards, ms': othersMs,
  });
  expect(most).toBeLessThan(MEMORY_MB);
  expect(Math.max(...stateMs)).toBeLessThan(atMost(ANSWERED_WITHIN_MS));
});

it('keep nobody out of the log of an ended show', async () => {
  await show.site.call('/auth/end', { token: show.token, body: {} });
  const own = Array.from({ length: MAX_LOG_READERS_PER_ADDRESS }, () => stand({ ended: true }));
  expect(await answered(own, own.length)).toEqual(own.map(() => 200));
  const presenterMs = await timed(() => read({ ended: true, token: show.token }));
  const strangerMs = await timed(() => read({ ended: true, address: '198.51.100.77' }));
  // At the same address one waits until those who stand have been let go.
  const neighbourMs = await timed(() => read({ ended: true }));
  figures('standing readers of an ended show', {
    readers: own.length,
    'the presenter reads it, ms': presenterMs,
    'another address, ms': strangerMs,
    'the same address, ms': neighbourMs,
  });
});

/** Sells to simulated shoppers, as often as one session may. */
async function sell(count: number): Promise<void> {
  for (;;) {
    try {
      await show.site.call('/demo/rush', { token: show.token, body: { skuId: SKU, count, mode: 'safe' } });
      return;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'RATE_LIMITED') throw error;
      await pause(error.retryAfterMs);
    }
  }
}

interface Asked {
  token?: string;
  address?: string;
  ended?: boolean;
}

function headersOf({ token, address }: Asked): Record<string, string> {
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(address !== undefined && { 'cf-connecting-ip': address }),
  };
}

function pathOf({ ended }: Asked): string {
  return `/api/demo/log?skuId=${SKU}${ended ? `&show=${show.code}` : ''}`;
}

/** Reads the whole log; its size. */
async function read(asked: Asked): Promise<number> {
  const answer = await fetch(`${show.site.url}${pathOf(asked)}`, { headers: headersOf(asked) });
  const text = await answer.text();
  expect([answer.status, text.slice(0, 300)]).toEqual([200, expect.stringContaining('revenue-guard-log')]);
  expect(text.trimEnd().split('\n').at(-1)).toContain('"head"');
  return text.length;
}

/** Asks for the log and takes no more than the first bytes of the answer. */
function stand(asked: Asked): Socket {
  const { hostname, port } = new URL(show.site.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const headers = Object.entries({ host: `${hostname}:${port}`, ...headersOf(asked) });
  socket.write(
    `GET ${pathOf(asked)} HTTP/1.1\r\n${headers.map((pair) => pair.join(': ')).join('\r\n')}\r\n\r\n`,
  );
  // What has come lies in the socket's own buffer: it is looked at, and never taken.
  void once(socket, 'readable').then(() => {
    const first = socket.read() as Buffer | null;
    statuses.set(socket, Number(first?.toString('latin1', 9, 12)));
  });
  standing.push(socket);
  return socket;
}

const statuses = new WeakMap<Socket, number>();
const statusOf = (socket: Socket) => statuses.get(socket);

/** Status codes once so many of them have one. */
async function answered(sockets: readonly Socket[], count: number): Promise<number[]> {
  const known = () => sockets.flatMap((socket) => statusOf(socket) ?? []);
  await until(
    () => known().length >= count,
    10_000,
    () => `${known().length} of ${count} were answered`,
  );
  return known();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
