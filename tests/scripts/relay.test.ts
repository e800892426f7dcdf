/** Distance on the wire: what a relay promises of the bytes and of their time. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRelay } from '../../scripts/engines/relay.mjs';

const ROUND_TRIP_MS = 60;

let server: Server;
let arrived: Socket[] = [];
let clients: Socket[] = [];
beforeEach(async () => {
  arrived = [];
  clients = [];
  // Says back what it hears, and ends when it is told to.
  server = createServer((socket) => {
    arrived.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of [...clients, ...arrived]) socket.destroy();
  server.close();
});

async function far(roundTripMs = ROUND_TRIP_MS): Promise<Socket> {
  const client = connect({ host: '127.0.0.1', port: await startRelay(portOf(server), roundTripMs) });
  clients.push(client);
  client.on('error', () => undefined);
  await once(client, 'connect');
  return client;
}

function portOf(of: Server): number {
  const address = of.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

/** Milliseconds until what was said comes back whole. */
async function answered(client: Socket, words: string): Promise<number> {
  const began = performance.now();
  client.write(words);
  let heard = '';
  while (heard.length < words.length) heard += String((await once(client, 'data'))[0]);
  expect(heard).toBe(words);
  return performance.now() - began;
}

describe('a relay', () => {
  it('lets every question wait for a round trip, and connecting for one more', async () => {
    const client = await far();
    expect(await answered(client, 'first')).toBeGreaterThanOrEqual(2 * ROUND_TRIP_MS);
    const second = await answered(client, 'second');
    expect(second).toBeGreaterThanOrEqual(ROUND_TRIP_MS);
    expect(await answered(client, 'third')).toBeGreaterThanOrEqual(ROUND_TRIP_MS);
  });

  it('carries what is said at once together: a line is far, not narrow', async () => {
    const client = await far();
    await answered(client, 'connected');
    const words = Array.from({ length: 20 }, (_, turn) => `word ${turn};`);
    for (const word of words.slice(1)) client.write(word);
    let heard = '';
    const began = performance.now();
    while (!heard.includes('word 19;')) heard += String((await once(client, 'data'))[0]);
    expect(heard).toBe(words.slice(1).join(''));
    // One after the other they would take 20 round trips.
    expect(performance.now() - began).toBeLessThan(10 * ROUND_TRIP_MS);
  });

  it('loses and mixes nothing of megabytes, in either direction', async () => {
    const client = await far(10);
    const sent = Buffer.alloc(5_000_000, 'every byte in its place; ');
    const chunks: Buffer[] = [];
    client.on('data', (chunk: Buffer) => chunks.push(chunk));
    client.end(sent);
    await once(client, 'end');
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it('is as closed as the engine is: its client is cut off when nobody listens, and when the engine dies', async () => {
    const client = await far();
    await answered(client, 'connected');
    const cut = once(client, 'close');
    arrived[0]?.resetAndDestroy();
    await cut;
    await new Promise((resolve) => server.close(resolve));
    const port = await startRelay(1, 10);
    const refused = connect({ host: '127.0.0.1', port });
    refused.on('error', () => undefined);
    await once(refused, 'close');
  });

  it('tells the engine when its client is gone', async () => {
    const client = await far();
    await answered(client, 'connected');
    const [socket] = arrived;
    if (!socket) throw new Error('nobody came');
    client.resetAndDestroy();
    await once(socket, 'close');
  });
});
