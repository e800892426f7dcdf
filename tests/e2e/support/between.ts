/**
 * What stands between phones and the server: an HTTP proxy that does what the networks of venues do. Each phone has its own way
 * through it, found by its user agent.
 */
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const LOOPBACK = '127.0.0.1';
const HEAD_ENDS = '\r\n\r\n';

/** An answer that the network gives in the show's place. */
export interface OwnAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** One phone's way through. What is changed holds from the next request on. */
export class WayThrough {
  /**
   * What an upgrade gets: a socket; no answer at all; a socket whose messages never come; or an answer of this status, as where
   * `Upgrade` was taken out of the request.
   */
  upgrades: 'pass' | 'held' | 'buffered' | number = 'pass';
  /** False: the browser gets none. */
  cookies = true;
  /** Answers in the show's place, by address; null: lets through. */
  answers: (path: string) => OwnAnswer | null = () => null;
  /** How long each answer is held back, milliseconds, by address. */
  heldMs: (path: string) => number = () => 0;
  /** True where an answer breaks off in its middle, by address. */
  breaksOff: (path: string) => boolean = () => false;
  /** Sockets on which nothing was said for so long, either way, are cut; milliseconds. */
  idleMs = Infinity;
  /** Sockets that went through, and those of them that were cut for their silence. */
  opened = 0;
  idled = 0;
  /** The `Idempotency-Key` of each order that came by, in their order. */
  readonly orders: string[] = [];
  readonly #sockets = new Set<Duplex>();

  /** Cuts the sockets that are open now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  carry(near: Duplex, far: Socket): void {
    this.opened += 1;
    this.#sockets.add(near);
    let silence: NodeJS.Timeout | null = null;
    const heard = () => {
      if (silence) clearTimeout(silence);
      if (this.idleMs === Infinity) return;
      silence = setTimeout(() => {
        this.idled += 1;
        near.destroy();
      }, this.idleMs);
    };
    let head = '';
    far.on('data', (bytes) => {
      heard();
      if (this.upgrades !== 'buffered') return void near.write(bytes);
      // The head alone comes through; what the room says behind it does not.
      if (head.endsWith(HEAD_ENDS)) return;
      head = (head + bytes.toString('latin1')).replace(/(?<=\r\n\r\n)[^]*$/, '');
      if (head.endsWith(HEAD_ENDS)) near.write(head, 'latin1');
    });
    near.on('data', (bytes) => {
      heard();
      far.write(bytes as Buffer);
    });
    for (const side of [near, far]) {
      side.on('error', () => near.destroy());
      side.on('close', () => {
        if (silence) clearTimeout(silence);
        this.#sockets.delete(near);
        near.destroy();
        far.destroy();
      });
    }
  }
}

/** The proxy: `everybody` is the common way through it, and a phone may be given one of its own. */
export class Between {
  /** The way of whoever has none of their own. */
  readonly everybody = new WayThrough();
  readonly #ways = new Map<string | undefined, WayThrough>();
  readonly #server = createServer((near, answer) => this.#pass(near, answer));
  readonly #target: number;

  private constructor(target: number) {
    this.#target = target;
    this.#server.on('upgrade', (asked: IncomingMessage, near: Duplex) => this.#upgrade(asked, near));
  }

  /** Stands in front of a port of this machine. */
  static async open(target: number): Promise<Between> {
    const between = new Between(target);
    await new Promise<void>((resolve) => between.#server.listen(0, LOOPBACK, resolve));
    return between;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The way of a phone with this user agent, which it keeps. */
  way(userAgent: string, change: Partial<WayThrough> = {}): WayThrough {
    const way = this.#ways.get(userAgent) ?? new WayThrough();
    this.#ways.set(userAgent, way);
    return Object.assign(way, change);
  }

  close(): void {
    for (const way of [this.everybody, ...this.#ways.values()]) way.cut();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #wayOf({ headers }: IncomingMessage): WayThrough {
    return this.#ways.get(headers['user-agent']) ?? this.everybody;
  }

  #pass(near: IncomingMessage, answer: ServerResponse): void {
    const way = this.#wayOf(near);
    const { method, url: path = '/', headers } = near;
    const key = headers['idempotency-key'];
    if (typeof key === 'string') way.orders.push(key);
    const own = way.answers(path);
    if (own) {
      answer.writeHead(own.status, { 'content-type': 'text/html', ...own.headers });
      return void answer.end(own.body ?? '');
    }
    const far = request({ host: LOOPBACK, port: this.#target, method, path, headers }, (got) => {
      const { 'set-cookie': cookies, ...others } = got.headers;
      const kept = way.cookies || !cookies ? got.headers : others;
      setTimeout(() => {
        answer.writeHead(got.statusCode ?? 502, kept);
        if (way.breaksOff(path)) breakOff(got, answer);
        else got.pipe(answer);
      }, way.heldMs(path));
    });
    far.on('error', () => answer.destroy());
    near.pipe(far);
  }

  #upgrade(asked: IncomingMessage, near: Duplex): void {
    const way = this.#wayOf(asked);
    near.on('error', () => near.destroy());
    if (way.upgrades === 'held') return;
    if (typeof way.upgrades === 'number') {
      return void near.end(`HTTP/1.1 ${way.upgrades} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    }
    const { method, url, rawHeaders } = asked;
    const far = connect(this.#target, LOOPBACK);
    const lines = rawHeaders.map((text, at) => text + (at % 2 === 0 ? ': ' : '\r\n'));
    far.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    way.carry(near, far);
  }
}

/** Lets half of a body through, then the connection ends. */
function breakOff(got: IncomingMessage, answer: ServerResponse): void {
  got.once('data', (bytes: Buffer) => {
    answer.write(bytes.subarray(0, bytes.length / 2), () => answer.destroy());
    got.destroy();
  });
}
