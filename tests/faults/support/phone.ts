/**
 * A phone (or a stage) without a screen, as careful as a real one: it keeps what it has sent until it is answered, comes
 * back with what it has seen, and asks again about the same ops.
 */
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { parseDown } from '#lib/protocol/down.ts';
import type { Role } from '#lib/protocol/http.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import type { Up } from '#lib/protocol/up.ts';
import { Recorder } from '../checker/recorder.ts';
import { Buyer } from './buyer.ts';
import type { Receipt, Tap } from './buyer.ts';
import { StreamWatch } from './stream.ts';
import { until } from './until.ts';

/** Where a phone connects, and as whom. */
export interface PhoneOptions {
  /** `http://host:port` of the server, or of a proxy in front of it. */
  url: string;
  token: string;
  show: string;
  skuId: string;
  role: Role;
  label: string;
}

const WELCOME_WITHIN_MS = 30_000;
/** Pause between two attempts to come back. */
const RETRY_MS = 100;

/** Connects, sends, resumes and records; {@link Buyer} keeps what was bought. */
export class Phone extends Buyer {
  readonly options: PhoneOptions;
  readonly stream: StreamWatch;
  /** Every word, for the checker. */
  readonly history: Recorder;
  welcome: DownOf<'welcome'> | null = null;
  closed: { code: number; atMs: number } | null = null;
  pongs = 0;
  /** Answers to taps, repeated ones too, since it connected. */
  answers = 0;
  onClose: () => void = () => undefined;
  #socket: WebSocket | null = null;
  #seenTimer: NodeJS.Timeout | null = null;

  constructor(options: PhoneOptions) {
    super();
    this.options = options;
    this.stream = new StreamWatch(options.role, this.broken);
    this.history = new Recorder(options.label, options.role);
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && this.welcome !== null;
  }

  /** Connects once, from where it stands; resolves with the welcome. */
  async connect(): Promise<DownOf<'welcome'>> {
    const { url, show, skuId, token } = this.options;
    const { epoch, seq } = this.stream;
    const asked = seq > 0 ? { epoch, since: seq } : null;
    const query = asked ? `?epoch=${asked.epoch}&since=${asked.since}` : '';
    this.#forget();
    this.history.connecting(asked);
    const socket = new WebSocket(`${url.replace('http', 'ws')}${roomPath(show, skuId)}${query}`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: WELCOME_WITHIN_MS,
    });
    this.#socket = socket;
    const welcome = await new Promise<DownOf<'welcome'>>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The room did not greet.')), WELCOME_WITHIN_MS);
      socket.on('message', (data: Buffer) => {
        if (this.#socket !== socket) return;
        const message = this.#take(data.toString(), asked);
        if (message?.t === 'welcome') resolve(message);
      });
      socket.on('error', reject);
      socket.on('close', (code) => {
        clearTimeout(timer);
        reject(new Error(`The socket was closed with ${code}.`));
        if (this.#socket !== socket) return;
        this.closed = { code, atMs: performance.now() };
        this.onClose();
      });
      socket.on('message', () => clearTimeout(timer));
    });
    for (const tap of this.outbox.values()) {
      this.resent += 1;
      this.#sendTap(tap);
    }
    return welcome;
  }

  /** Tries to connect until it is welcomed; resolves with the milliseconds from the first attempt on. */
  async comeBack(withinMs = 60_000): Promise<number> {
    const began = performance.now();
    for (;;) {
      try {
        await this.connect();
        return performance.now() - began;
      } catch (error) {
        if (performance.now() - began > withinMs) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  /** Taps once. */
  tap(units = 1): Tap {
    const tap = this.intend(this.stream.epoch, units);
    this.#sendTap(tap);
    return tap;
  }

  /** Asks again about an op that has no answer. */
  again(tap: Tap): void {
    this.outbox.set(tap.op, tap);
    this.#sendTap(tap);
  }

  /** Asks about an op that was granted long ago, as if it had never been answered. */
  askAnew({ op, epoch, units }: Tap): void {
    this.say({ t: 'allocate', op, epoch, ...(units === 1 ? {} : { units }) });
  }

  /** Taps and waits for the final answer. */
  async buy(withinMs = 10_000): Promise<Receipt> {
    const { op } = this.tap();
    await until(
      () => this.receipts.has(op),
      withinMs,
      () => `no answer to ${op}`,
    );
    return this.receipts.get(op)!;
  }

  say(message: Up): void {
    this.raw(JSON.stringify(message));
  }

  /** Sends anything; bytes go as a binary frame unless `asText`. Nothing when the socket is not open. */
  raw(data: string | Buffer, asText = typeof data === 'string'): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (typeof data === 'string') this.history.said(data);
    this.#socket.send(data, { binary: !asText });
  }

  /** Asks for a sign of life; false when there is none in time. */
  async alive(withinMs: number): Promise<boolean> {
    const before = this.pongs;
    this.raw('ping');
    return until(
      () => this.pongs > before,
      withinMs,
      () => 'no pong',
    ).then(
      () => true,
      () => false,
    );
  }

  /** Reports how far it has applied, every two seconds, as the pages do. */
  reportSeen(): void {
    this.#seenTimer ??= setInterval(() => this.say({ t: 'seen', seq: this.stream.seq }), 2_000);
  }

  /** Leaves, politely. */
  close(): void {
    if (this.#seenTimer) clearInterval(this.#seenTimer);
    this.#seenTimer = null;
    this.#forget((socket) => socket.close(1000));
  }

  #forget(leave = (socket: WebSocket) => socket.terminate()): void {
    const socket = this.#socket;
    this.#socket = null;
    this.welcome = null;
    this.closed = null;
    this.answers = 0;
    if (socket) leave(socket);
  }

  #sendTap(tap: Tap): void {
    tap.sends += 1;
    this.say({
      t: 'allocate',
      op: tap.op,
      epoch: tap.epoch,
      ...(tap.units === 1 ? {} : { units: tap.units }),
    });
  }

  #take(text: string, asked: { epoch: number; since: number } | null): Down | null {
    this.history.heard(text);
    if (text === 'pong') {
      this.pongs += 1;
      return null;
    }
    const message = parseDown(text);
    if (message?.t === 'ack' || message?.t === 'nack') this.answers += 1;
    if (!message) this.broken.push(`nobody understands ${text.slice(0, 200)}`);
    else if (message.t === 'welcome') this.#greeted(message, asked);
    else if (!this.welcome) this.broken.push(`a ${message.t} before the welcome`);
    else if (message.t === 'frame') this.stream.frame(message);
    else if (message.t === 'ack') this.acknowledged(message);
    else if (message.t === 'nack') this.refused(message);
    return message;
  }

  #greeted(message: DownOf<'welcome'>, asked: { epoch: number; since: number } | null): void {
    this.welcome = message;
    this.stream.welcome(message, asked);
    this.compareHoldings(message.epoch, message.you.holdings);
  }
}
