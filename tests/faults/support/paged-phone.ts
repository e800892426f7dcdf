/**
 * A phone on the pages' own transport: when it notices that its link is gone, when it tries again and how often is the
 * product's own doing. A browser's cookie is an Authorization header here; the device's part (`online`, a page that is
 * looked at) is the test's to play.
 */
import WebSocket from 'ws';
import { socketTransport } from '#lib/client/socket.ts';
import type { Transport, TransportStatus } from '#lib/client/transport.ts';
import type { Down, DownOf } from '#lib/protocol/down.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { Recorder } from '../checker/recorder.ts';
import { Buyer } from './buyer.ts';
import type { Receipt } from './buyer.ts';
import type { PhoneOptions } from './phone.ts';
import { StreamWatch } from './stream.ts';
import { until } from './until.ts';

/** Phones by the name that stands before the host in their addresses. */
const phones = new Map<string, PagedPhone>();

/** The browser's class of sockets, with what a browser would add and a test wants to see. */
class Socket extends WebSocket {
  constructor(address: string) {
    const url = new URL(address);
    const phone = phones.get(url.username);
    url.username = '';
    super(url, {
      headers: { authorization: `Bearer ${phone?.options.token}` },
      perMessageDeflate: false,
    });
    phone?.attempting(this, url);
    this.on('message', (data: Buffer) => phone?.heard(this, data.toString()));
  }
}
// Node's own would do, but takes no headers.
globalThis.WebSocket = Socket as unknown as typeof globalThis.WebSocket;

/** A client of a fault test whose connections are the pages' own. */
export class PagedPhone extends Buyer {
  readonly options: PhoneOptions;
  readonly stream: StreamWatch;
  readonly history: Recorder;
  /** When its transport changed what it says of itself, monotonic milliseconds. */
  readonly statuses: { kind: TransportStatus['kind']; atMs: number }[] = [];
  /** When it tried to connect, and when it was welcomed. */
  readonly attemptsAtMs: number[] = [];
  readonly welcomedAtMs: number[] = [];
  pongs = 0;
  welcome: DownOf<'welcome'> | null = null;
  #asked: { epoch: number; since: number } | null = null;
  #transport: Transport | null = null;
  #wake: () => void = () => undefined;
  #socket: WebSocket | null = null;

  constructor(options: PhoneOptions) {
    super();
    this.options = options;
    this.stream = new StreamWatch(options.role, this.broken);
    this.history = new Recorder(options.label, options.role);
    phones.set(options.label, this);
  }

  get open(): boolean {
    return this.#transport !== null && this.statuses.at(-1)?.kind === 'open' && this.welcome !== null;
  }

  /** Opens the page; resolves when the room has greeted it. `random` decides its pause before a retry. */
  async visit(random: () => number, withinMs = 30_000): Promise<void> {
    const { url, show, skuId, role, label } = this.options;
    const base = new URL(url.replace('http', 'ws'));
    base.username = label;
    const connect = socketTransport({
      path: roomPath(show, skuId),
      role,
      random,
      base: () => base.href.replace(/\/$/, ''),
      page: { isVisible: () => true, onWake: (wake) => ((this.#wake = wake), () => undefined) },
      clock: { monotonic: () => performance.now(), wall: () => Date.now() },
      later: (run, afterMs) => {
        const timer = setTimeout(run, afterMs);
        return () => clearTimeout(timer);
      },
    });
    this.#transport = connect(() =>
      this.stream.seq > 0 ? { epoch: this.stream.epoch, since: this.stream.seq } : null,
    );
    this.#transport.onStatus(({ kind }) => this.#changed(kind));
    this.#transport.onMessage((message) => this.#take(message));
    await until(
      () => this.open,
      withinMs,
      () => `${label} was not greeted`,
    );
  }

  /** The device says that its network is back. */
  online(): void {
    this.#wake();
  }

  /** Taps and waits for the final answer. */
  async buy(withinMs = 10_000): Promise<Receipt> {
    const tap = this.intend(this.stream.epoch, 1);
    this.#send(tap.op, tap.epoch);
    await until(
      () => this.receipts.has(tap.op),
      withinMs,
      () => `no answer to ${tap.op}`,
    );
    return this.receipts.get(tap.op)!;
  }

  close(): void {
    this.#transport?.close();
    this.#transport = null;
    phones.delete(this.options.label);
  }

  /** Its transport opens a connection. */
  attempting(socket: WebSocket, url: URL): void {
    this.#socket = socket;
    this.attemptsAtMs.push(performance.now());
    const [epoch, since] = ['epoch', 'since'].map((name) => url.searchParams.get(name));
    this.#asked = epoch && since ? { epoch: Number(epoch), since: Number(since) } : null;
    this.history.connecting(this.#asked);
  }

  /** A text came in on a socket of its; one that its transport has let go is not listened to. */
  heard(socket: WebSocket, text: string): void {
    if (socket !== this.#socket || this.statuses.at(-1)?.kind !== 'open') return;
    if (text === 'pong') this.pongs += 1;
    this.history.heard(text);
  }

  #send(op: string, epoch: number): void {
    const message = { t: 'allocate', op, epoch } as const;
    this.history.said(JSON.stringify(message));
    this.#transport?.send(message);
  }

  #changed(kind: TransportStatus['kind']): void {
    this.statuses.push({ kind, atMs: performance.now() });
    if (kind !== 'open') this.welcome = null;
  }

  #take(message: Down): void {
    if (message.t === 'welcome') {
      this.welcome = message;
      this.welcomedAtMs.push(performance.now());
      this.stream.welcome(message, this.#asked);
      this.compareHoldings(message.epoch, message.you.holdings);
      for (const { op, epoch } of this.outbox.values()) this.#send(op, epoch);
    } else if (message.t === 'frame') this.stream.frame(message);
    else if (message.t === 'ack') this.acknowledged(message);
    else if (message.t === 'nack') this.refused(message);
  }
}
