/** The proxy does what it says, and nothing else: otherwise a green fault proves nothing. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { randomFrom } from '#lib/rehearsal/random.ts';
import { Mangler, Mischief } from './mangler.ts';
import { Proxy } from './proxy.ts';
import { SEED } from './run.ts';
import { until } from './until.ts';

const SOON_MS = 2_000;
/** Long enough for a message over loopback many times over. */
const SILENT_MS = 100;

let server: WebSocketServer;
let proxy: Proxy;
let heard: string[];

beforeEach(async () => {
  heard = [];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      heard.push(data.toString());
      socket.send(`echo ${data.toString()}`);
    });
    socket.on('error', () => undefined);
  });
  proxy = await Proxy.to((server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const socket of server.clients) socket.terminate();
  await proxy.close();
  server.close();
});

async function client() {
  const socket = new WebSocket(proxy.url.replace('http', 'ws'), { perMessageDeflate: false });
  const state = { socket, heard: [] as string[], closed: 0 };
  socket.on('message', (data: Buffer) => state.heard.push(data.toString()));
  socket.on('close', (code) => (state.closed = code));
  socket.on('error', () => undefined);
  await until(
    () => socket.readyState === WebSocket.OPEN,
    SOON_MS,
    () => 'no connection',
  );
  return state;
}

const arrives = (list: string[], length: number) =>
  until(
    () => list.length >= length,
    SOON_MS,
    () => `${list.length} of ${length} arrived`,
  );
const nothingFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('carries everything both ways, also what comes in pieces', async () => {
  proxy.mangle = () => null;
  const { socket, heard: back } = await client();
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000];
  for (const size of sizes) socket.send('x'.repeat(size));
  await arrives(back, sizes.length);
  expect(heard.map((text) => text.length)).toEqual(sizes);
  expect(back.map((text) => text.length - 'echo '.length)).toEqual(sizes);
});

it('resets: both sides lose the connection at once, and a new one goes through', async () => {
  const before = await client();
  proxy.reset();
  await until(
    () => before.closed !== 0 && server.clients.size === 0,
    SOON_MS,
    () => 'not reset',
  );
  expect([before.closed, proxy.cut, proxy.opened]).toEqual([1006, 1, 1]);
  const after = await client();
  after.socket.send('hello');
  await arrives(after.heard, 1);
});

it('stalls: nothing arrives and nobody is told, until it heals and everything comes', async () => {
  const { socket, heard: back } = await client();
  proxy.stall();
  socket.send('one');
  await nothingFor(SILENT_MS);
  expect([heard, socket.readyState]).toEqual([[], WebSocket.OPEN]);
  proxy.heal();
  await arrives(back, 1);
});

it('goes dark: new connections get no word either, until it heals', async () => {
  proxy.goDark();
  const opening = client();
  await nothingFor(SILENT_MS);
  expect([proxy.opened, server.clients.size]).toEqual([1, 0]);
  proxy.heal();
  await opening;
});

it('throttles: so many bytes a second', async () => {
  const { socket } = await client();
  proxy.throttle(2_000_000);
  const began = performance.now();
  for (let part = 0; part < 20; part += 1) socket.send('x'.repeat(50_000));
  await arrives(heard, 20);
  expect(performance.now() - began).toBeGreaterThan(200);
});

it('duplicates, reorders and replays messages as its seed says, and leaves none out', async () => {
  const mischief = new Mischief();
  const past: Buffer[] = [];
  let sent = 0;
  const random = randomFrom(SEED);
  proxy.mangle = () => new Mangler(random, past, mischief);
  for (let connection = 0; connection < 20; connection += 1) {
    const { socket } = await client();
    const first = heard.length;
    const before = mischief.extra;
    const own = Array.from({ length: 8 }, () => JSON.stringify({ n: (sent += 1) }));
    for (const text of own) socket.send(text);
    const expected = () => own.length + mischief.extra - before;
    await until(
      () => mischief.frames === sent && heard.length - first === expected(),
      SOON_MS,
      () => `${heard.length - first} of ${expected()} arrived`,
    );
    expect(new Set(heard.slice(first))).toEqual(new Set([...heard.slice(first), ...own]));
    socket.close();
  }
  expect(
    Object.values(mischief).every((count) => count > 0),
    JSON.stringify(mischief),
  ).toBe(true);
  expect(new Set(heard).size).toBe(sent);
  expect(heard).not.toEqual([...heard].sort());
});

it('does the same again for the same seed', () => {
  const run = () => {
    const mangler = new Mangler(randomFrom(7), [], new Mischief());
    const out: string[] = [];
    for (let n = 0; n < 50; n += 1) {
      const bytes = Buffer.from(`{${n}`);
      out.push(...mangler.take({ opcode: 1, bytes, payload: bytes }).map(String));
    }
    return [...out, ...mangler.rest().map(String)];
  };
  expect(run()).toEqual(run());
});
