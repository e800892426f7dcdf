/** A simulated audience holds the room to its promises, says in its exit code whether it kept them, and never runs wild. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { AnswerBook } from '../../scripts/crowd/answers.ts';
import { CROWD_HELP, parseCrowdOptions } from '../../scripts/crowd/options.ts';

const CROWD = fileURLToPath(new URL('../../scripts/crowd.mjs', import.meta.url));

/** What a room does with the `count`th tap of a socket. */
type Room = (socket: WebSocket, op: string, count: number) => void;

const say = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));
const ack = (socket: WebSocket, op: string, seq = 1) =>
  say(socket, { t: 'ack', op, epoch: 1, lanes: { safe: { status: 'allocated', units: 1, seq } } });
const welcome = { t: 'welcome', epoch: 1, seq: 1, recovered: false, events: [], wakes: 1, state: {} };
const frame = (from: number) => ({
  t: 'frame',
  epoch: 1,
  from,
  seq: from,
  events: [],
  omitted: 1,
  state: {},
});

/** What a phone says, as far as it matters here. */
interface Said {
  t: string;
  op: string;
  rtt?: { op: string; lanes: Record<string, number> };
}
/** Every report of round trips that the newest site was told. */
let reports: NonNullable<Said['rtt']>[] = [];

let close: () => void = () => undefined;
afterEach(() => close());

/** A site whose only room does as it is told; its address. */
async function site(room: Room): Promise<string> {
  const server = createServer((request, response) => {
    const isLogin = request.url === '/api/auth/login';
    const data = { token: 't', show: 'K7QM2P', label: 'amber-otter', skus: [{ id: 'ticket' }] };
    const error = { code: 'UNKNOWN_SHOW', message: 'No such show.' };
    request.resume();
    response.end(JSON.stringify(isLogin ? { success: true, data } : { success: false, error }));
  });
  const sockets = new WebSocketServer({ server });
  reports = [];
  sockets.on('connection', (socket) => {
    let count = 0;
    say(socket, welcome);
    socket.on('message', (data) => {
      const { t, op, rtt } = JSON.parse((data as Buffer).toString()) as Said;
      if (rtt) reports.push(rtt);
      if (t !== 'allocate') return;
      count += 1;
      room(socket, op, count);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function crowd(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [CROWD, ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

const run = (url: string) =>
  crowd('--url', url, '--show', 'K7QM2P', '--phones', '3', '--rate', '10', '--seconds', '1.5');

test('tells the room the round trips of every tap, each lane’s by itself and the last one’s too', async () => {
  const asked: string[] = [];
  const url = await site((socket, op) => {
    asked.push(op);
    const safe = { status: 'allocated', units: 1, seq: 1 };
    const lanes = (eventual: object) => ({ t: 'ack', op, epoch: 1, lanes: { safe, eventual } });
    say(socket, lanes({ status: 'pending', units: 1 }));
    setTimeout(() => say(socket, lanes({ status: 'allocated', units: 1, seq: 2 })), 30);
  });
  expect((await run(url)).code).toBe(0);
  expect(reports.map(({ op }) => op).sort()).toEqual(asked.sort());
  for (const { lanes } of reports) expect(lanes['eventual']).toBeGreaterThan(lanes['safe'] ?? Infinity);
});

test('names in its report each lane of a contest, with what it answered and when', async () => {
  const url = await site((socket, op) => {
    const told = {
      safe: { status: 'allocated', units: 1, seq: 1 },
      'redis-script': { status: 'pending', units: 1 },
    };
    const lanes = (more: object) => ({
      t: 'ack',
      op,
      epoch: 1,
      lanes: { ...told, 'postgres-blind': { status: 'pending' }, ...more },
    });
    say(socket, lanes({}));
    const refused = { status: 'refused', code: 'OUT_OF_STOCK', units: 1 };
    setTimeout(() => say(socket, lanes({ 'postgres-blind': refused })), 10);
    const later = { status: 'allocated', units: 1, seq: 2 };
    setTimeout(() => say(socket, lanes({ 'postgres-blind': refused, 'redis-script': later })), 40);
  });
  const { code, out } = await run(url);
  expect(code).toBe(0);
  const answers = Number(/(\d+) answers: /.exec(out)?.[1]);
  expect(answers).toBeGreaterThan(0);
  const lineOf = (lane: string) =>
    new RegExp(`^${lane} +(\\d+) +(\\d+) +(\\S+) +(\\S+)(?: +(.+))?$`, 'm').exec(out)?.slice(1) ?? [];
  const [safe, blind, script] = ['safe', 'postgres-blind', 'redis-script'].map(lineOf);
  expect(safe?.slice(0, 2)).toEqual([`${answers}`, '0']);
  expect(blind).toEqual(['0', `${answers}`, '–', '–', `${answers} × OUT_OF_STOCK`]);
  expect(script?.slice(0, 2)).toEqual([`${answers}`, '0']);
  expect(Number(script?.[2]), 'each in its own time').toBeGreaterThan(Number(safe?.[2]));
});

describe('a crowd', { timeout: 60_000 }, () => {
  test('of a room that keeps its promises ends with 0, a table and a whole report', async () => {
    const { code, out, err } = await run(
      await site((socket, op, count) => {
        if (count % 3 === 0) return say(socket, { t: 'nack', op, code: 'OUT_OF_STOCK', message: 'Gone.' });
        ack(socket, op);
        if (count === 2) say(socket, { t: 'fate', op, lane: 'eventual', fate: 'lost', units: 1 });
      }),
    );
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/3 phones are in show K7QM2P/);
    expect(out).toMatch(/s +phones +answers +allocated +refused +lost +gaps +reconn +p50 ms +p95 ms/);
    expect(out).toMatch(/\n +1 +3 +\d+ +\d+ +\d+ +3 +0 +0 /);
    expect(out).toMatch(
      /\d+ answers: \d+ allocated, \d+ × OUT_OF_STOCK; 0 answered twice; 0 taps without an answer/,
    );
    expect(out).toMatch(
      /3 ops that another write has erased; 0 gaps in 0 frames; 0 reconnects; 3 of 3 phones/,
    );
    expect(out).toMatch(/from tap to answer: p50 .* ms, p95 .* ms, p99 .* ms/);
    expect(out).toMatch(/≤ 5 ms/);
    expect(out).toContain('✓ No gap, no tap answered twice, none left without an answer.');
  });

  test.each<[string, RegExp, Room]>([
    [
      'skips an event',
      /✗ BROKEN: \d+ gaps in the streams\./,
      (socket, op, count) => {
        ack(socket, op);
        if (count === 1) say(socket, frame(3));
      },
    ],
    [
      'answers a tap twice',
      /✗ BROKEN: \d+ answers to taps that had theirs\./,
      (socket, op) => {
        ack(socket, op);
        ack(socket, op);
      },
    ],
    [
      'answers a tap that nobody made',
      /✗ BROKEN: \d+ answers to taps that had theirs\./,
      (socket, op, count) => {
        ack(socket, op);
        if (count === 1) ack(socket, 'nobody’s');
      },
    ],
    [
      'leaves a tap without an answer',
      /✗ BROKEN: 3 taps without an answer\./,
      (socket, op, count) => {
        if (count !== 2) ack(socket, op);
      },
    ],
  ])('of a room that %s ends with 1, and says which promise it was', async (_name, words, room) => {
    const { code, out } = await run(await site(room));
    expect(out).toMatch(words);
    expect(code).toBe(1);
  });

  test('comes back when it is cut off, asks again, and takes the same answer for the same', async () => {
    const cut = new Set<string>();
    const { code, out } = await run(
      await site((socket, op) => {
        if (cut.size < 3 && !cut.has(op)) {
          cut.add(op);
          return socket.terminate();
        }
        ack(socket, op);
      }),
    );
    expect(out).toMatch(/[1-3] reconnects/);
    expect(out).toContain('✓ No gap');
    expect(code).toBe(0);
  });

  test('does not hold the end of the show for a broken promise', async () => {
    const { code, out } = await run(
      await site((socket, op, count) =>
        count < 3 ? ack(socket, op) : socket.close(4410, 'the show has ended'),
      ),
    );
    expect(out).toMatch(/that the end of the show or of a session cut off/);
    expect(code).toBe(0);
  });

  test('that cannot run says why, and ends with 2', async () => {
    const url = await site(ack);
    close();
    const unreachable = await run(url);
    expect(unreachable.err).toContain('cannot be reached');
    expect(unreachable.code).toBe(2);
    const wrong = await crowd('--phones', '3');
    expect(wrong.err).toContain('--show takes the code');
    expect(wrong.code).toBe(2);
    const help = await crowd('--help');
    expect([help.code, help.out]).toEqual([0, `${CROWD_HELP}\n`]);
  });
});

describe('the options', () => {
  const parse = (...args: string[]) => parseCrowdOptions(['--show', 'K7QM2P', ...args]);

  test('have defaults, and take what the help says', () => {
    expect(parse()).toEqual({
      url: 'http://127.0.0.1:8787',
      show: 'K7QM2P',
      sku: undefined,
      phones: 300,
      rate: 3,
      seconds: 30,
      seed: 1,
    });
    expect(parse('--phones', '5000', '--rate', '0.2', '--seconds', '600')).toMatchObject({
      phones: 5_000,
      rate: 0.2,
    });
  });

  test.each([
    ['--phones', '0', '1 to 5000'],
    ['--phones', '5001', '1 to 5000'],
    ['--phones', '2.5', 'whole number'],
    ['--phones', 'many', 'whole number'],
    ['--rate', '0', 'at most 20'],
    ['--rate', '21', 'at most 20'],
    ['--rate', 'NaN', 'at most 20'],
    ['--seconds', '601', 'at most 600'],
    ['--seconds', 'Infinity', 'at most 600'],
    ['--seed', '0', 'whole number from 1'],
    ['--url', 'ftp://127.0.0.1/', '--url takes an address'],
    ['--url', 'somewhere', '--url takes an address'],
  ])('%s %s is refused, with what is allowed', (option, value, words) => {
    expect(() => parse(option, value)).toThrow(words);
  });

  test('of a run without bounds are refused', () => {
    expect(() => parse('--phones', '5000', '--rate', '20', '--seconds', '600')).toThrow('at most 1000000');
    expect(() => parse('--faster')).toThrow();
  });

  test('reach another machine only when somebody says that it is theirs', () => {
    for (const url of ['http://localhost:1', 'http://127.0.0.1:1', 'http://127.9.9.9', 'http://[::1]:8787']) {
      expect(parse('--url', url)).toMatchObject({ url });
    }
    for (const url of [
      'https://shop.example',
      'http://192.168.1.20:8787',
      'http://127.0.0.1.example',
      'http://localhost.example',
    ]) {
      expect(() => parse('--url', url), url).toThrow('--remote');
      expect(parse('--url', url, '--remote')).toMatchObject({ url });
    }
  });
});

describe('the book of answers', () => {
  test('takes as many answers as an op was asked, when they agree', () => {
    const book = new AnswerBook();
    book.ask('a');
    book.ask('a');
    book.settle('a', 'allocated', 7);
    book.again('a', 'allocated', 7);
    expect(book.doubles).toBe(0);
    book.again('a', 'allocated', 7);
    expect(book.doubles).toBe(1);
  });

  test('counts an op that got something twice, however often it was asked', () => {
    const book = new AnswerBook();
    for (let times = 0; times < 3; times += 1) book.ask('a');
    book.settle('a', 'allocated', 7);
    book.again('a', 'allocated', 8);
    book.again('a', 'OUT_OF_STOCK', 0);
    expect(book.doubles).toBe(2);
  });

  test('lets an op that was refused be decided anew', () => {
    const book = new AnswerBook();
    book.ask('a');
    book.ask('a');
    book.settle('a', 'BUSY', 0);
    book.again('a', 'allocated', 9);
    expect(book.doubles).toBe(0);
  });
});
