/** The client of the benchmark and the crowd: it reads what a server sends as it was sent, and says what a server understands. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { frameRange, tapAnswer, welcomeOf } from '../../scripts/crowd/messages.ts';
import { Phone, tapOnce } from '../../scripts/crowd/phone.ts';
import { clientFrame, FrameReader, OPCODE } from '../../scripts/crowd/wire.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';

const OP = '0b7e6f2c-51a3-4c0e-9d8f-6a2b3c4d5e6f';
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];

/** A frame as a server sends it: no mask. */
function serverFrame(payload: string, first = 0x81): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([first, length])
      : length < 65_536
        ? Buffer.from([first, 126, length >> 8, length & 0xff])
        : Buffer.from([first, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]);
  return Buffer.concat([head, Buffer.from(payload, 'latin1')]);
}

function readAll(chunks: readonly Buffer[]): string[] {
  const reader = new FrameReader();
  const texts: string[] = [];
  for (const chunk of chunks) {
    reader.read(chunk, (_, bytes, start, end) => texts.push(bytes.toString('latin1', start, end)));
  }
  return texts;
}

describe('reading frames', () => {
  it('gives every payload back, of every length, however the stream is cut', () => {
    const payloads = LENGTHS.map((length, index) => String(index).repeat(length));
    const stream = Buffer.concat(payloads.map((payload) => serverFrame(payload)));
    expect(readAll([stream])).toEqual(payloads);
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = randomFrom(seed);
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length;) {
        const size = 1 + Math.floor(random() ** 8 * 60_000);
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(readAll(chunks), `seed ${seed}`).toEqual(payloads);
    }
  });

  it('keeps nothing of a buffer that is used again for the next read', () => {
    const frame = serverFrame('{"t":"frame"}');
    const shared = Buffer.alloc(64);
    const reader = new FrameReader();
    const texts: string[] = [];
    for (const half of [frame.subarray(0, 7), frame.subarray(7)]) {
      shared.fill(0x58);
      half.copy(shared);
      reader.read(shared.subarray(0, half.length), (_, bytes, start, end) =>
        texts.push(bytes.toString('latin1', start, end)),
      );
    }
    expect(texts).toEqual(['{"t":"frame"}']);
  });

  it.each([
    ['a fragment', serverFrame('part', 0x01)],
    ['a compressed frame', serverFrame('deflated', 0xc1)],
    ['a masked frame', Buffer.from([0x81, 0x80, 0, 0, 0, 0])],
  ])('refuses %s rather than misread it', (_, frame) => {
    expect(() => readAll([frame])).toThrow();
  });
});

describe('reading messages', () => {
  it('finds the range of a frame in its head, and in any other order of its fields', () => {
    const whole = () => '{"t":"frame","seq":9,"from":7,"epoch":2,"state":{}}';
    const range = { epoch: 2, from: 7, seq: 9 };
    expect(frameRange('{"t":"frame","epoch":2,"from":7,"seq":9,"events":[', whole)).toEqual(range);
    expect(frameRange(whole().slice(0, 20), whole)).toMatchObject(range);
  });

  it.each([
    [
      `{"t":"ack","op":"${OP}","epoch":1,"lanes":{"safe":{"status":"allocated","units":1,"seq":41}}}`,
      ['allocated', 41, 0, { safe: 'allocated' }],
    ],
    [
      `{"t":"ack","op":"${OP}","epoch":1,"lanes":{"redis-script":{"status":"allocated","units":1,"seq":41}}}`,
      ['allocated', 41, 0, { 'redis-script': 'allocated' }],
    ],
    [
      `{"t":"ack","op":"${OP}","epoch":1,"lanes":{"safe":{"status":"allocated","units":1,"seq":6},"eventual":{"status":"pending","units":1}}}`,
      ['pending', 6, 0, { safe: 'allocated', eventual: 'pending' }],
    ],
    [
      `{"t":"ack","op":"${OP}","epoch":1,"lanes":{"safe":{"status":"refused","units":1,"code":"OUT_OF_STOCK"}}}`,
      ['OUT_OF_STOCK', 0, 0, { safe: 'OUT_OF_STOCK' }],
    ],
    [
      `{"t":"ack","op":"${OP}","epoch":1,"lanes":{"eventual":{"status":"pending","units":1}}}`,
      ['pending', 0, 0, { eventual: 'pending' }],
    ],
    [
      `{"t":"ack","op":"${OP}","epoch":1,"lanes":{"safe":{"status":"refused","code":"OUT_OF_STOCK","units":1},"eventual":{"status":"allocated","units":1,"seq":7}}}`,
      ['allocated', 7, 0, { safe: 'OUT_OF_STOCK', eventual: 'allocated' }],
    ],
    [
      `{"t":"nack","op":"${OP}","code":"BUSY","message":"Nothing was bought.","retryAfterMs":120}`,
      ['BUSY', 0, 120, {}],
    ],
    [
      `{"t":"nack","code":"RATE_LIMITED","op":"${OP}","message":"\\"no\\"","retryAfterMs":5}`,
      ['RATE_LIMITED', 0, 5, {}],
    ],
    [`{"t":"allocate","op":"${OP}","units":1,"epoch":0,"mode":"safe"}`, ['echo', 0, 0, {}]],
  ])('reads %s', (text, [outcome, seq, retryAfterMs, said]) => {
    expect(tapAnswer(text)).toEqual({ op: OP, outcome, seq, retryAfterMs, said });
  });

  it('says of other messages that they are about no tap', () => {
    expect(tapAnswer('pong')).toBeNull();
    expect(tapAnswer(`{"t":"fate","op":"${OP}","lane":"eventual","fate":"lost","units":1}`)).toBeNull();
  });

  it('takes nothing for a welcome that is none', () => {
    expect(() => welcomeOf('{"t":"welcome","epoch":1}')).toThrow();
  });
});

describe('a phone on a real server', () => {
  const ended: (() => void)[] = [];
  afterEach(() => {
    for (const end of ended.splice(0)) end();
  });

  /** Listens; answers what the phone says. */
  async function listen(answer: (text: string) => string[]): Promise<{ url: string; cut: () => void }> {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => answer(data.toString()).forEach((text) => socket.send(text)));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const cut = () => sockets.clients.forEach((socket) => socket.close(4408));
    ended.push(() => {
      sockets.clients.forEach((socket) => socket.terminate());
      http.close();
    });
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, cut };
  }

  it('is understood by another implementation, and hears its answers, frames and close', async () => {
    const said: string[] = [];
    const frame = (from: number, seq: number) =>
      `{"t":"frame","epoch":3,"from":${from},"seq":${seq},"state":"${'x'.repeat(70_000)}"}`;
    const { url, cut } = await listen((text) => {
      said.push(text);
      const { op } = JSON.parse(text);
      return [
        `{"t":"nack","op":"${op}","code":"BUSY","message":"","retryAfterMs":9}`,
        frame(1, 4),
        frame(6, 6),
      ];
    });
    const phone = new Phone({ url, mode: 'safe', greeted: false, keepsNewest: true });
    await phone.connect();
    expect(await tapOnce(phone)).toMatchObject({ outcome: 'BUSY', retryAfterMs: 9 });
    const closed = new Promise((resolve) => (phone.onClose = resolve));
    cut();
    expect(await closed).toBe(4408);
    expect(phone.open).toBe(false);
    expect(said).toHaveLength(1);
    expect(JSON.parse(said[0] ?? '')).toMatchObject({ t: 'allocate', units: 1, epoch: 0, mode: 'safe' });
    // The second frame did not follow the first.
    expect(phone).toMatchObject({ epoch: 3, seq: 6, frames: 2, gaps: 1, newest: frame(6, 6) });
    expect(phone.waiting.size).toBe(0);
  });

  it('writes what follows from one read together, and in order', async () => {
    const said: string[] = [];
    const { url } = await listen((text) => {
      said.push(text);
      return said.length === 1 ? ['{"t":"allocate","op":"a",}', '{"t":"allocate","op":"b",}'] : [];
    });
    const phone = new Phone({ url, greeted: false });
    await phone.connect();
    phone.waiting.set('a', 0).set('b', 0);
    let answers = 0;
    const both = new Promise<void>((resolve) => {
      phone.onAnswer = ({ op }) => {
        phone.tap(`after-${op}`);
        answers += 1;
        if (answers === 2) resolve();
      };
    });
    phone.tap('first');
    await both;
    await expect
      .poll(() => said.map((text) => String(JSON.parse(text).op)))
      .toEqual(['first', 'after-a', 'after-b']);
    phone.close();
  });

  it('fails to connect where no socket is opened', async () => {
    const http = createServer((_, response) => response.writeHead(426).end());
    http.on('upgrade', (_, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    ended.push(() => http.close());
    const { port } = http.address() as AddressInfo;
    await expect(new Phone({ url: `http://127.0.0.1:${port}` }).connect()).rejects.toThrow('1006');
  });
});

describe('writing frames', () => {
  it('refuses what is longer than its length can say', () => {
    expect(() => clientFrame(OPCODE.text, 'x'.repeat(65_536))).toThrow();
    expect(clientFrame(OPCODE.text, 'x'.repeat(65_535))).toHaveLength(65_535 + 8);
  });
});
