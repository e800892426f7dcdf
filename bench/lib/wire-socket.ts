/**
 * A WebSocket for load generators that costs less than the server it measures: a plain TCP socket; all sockets share one
 * read buffer, and messages sent while one read is handled are written together.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { FrameReader, OPCODE, clientFrame } from './wire.ts';

/** How long a connection's end is waited for after its close frame, milliseconds, as in Chromium (docs/performance.md). */
const CLOSED_WITHIN_MS = 2_000;
/** Close codes (RFC 6455, section 7.4.1): a normal close by this side; an end without a close frame. */
const NORMAL = 1000;
const ABNORMAL = 1006;
const END_OF_HEAD = '\r\n\r\n';
/** Shared by all sockets: each read is handled completely before the next one. */
const READ_BUFFER = Buffer.alloc(256 * 1024);

/** Callbacks of a socket. Bytes are valid during the call only. */
export interface WireEvents {
  opened(): void;
  text(bytes: Buffer, start: number, end: number): void;
  /** Called once when this side did not close the socket, also when it never opened. `why` is the reason, if known. */
  closed(code: number, why: string): void;
}

/** One WebSocket. It connects when it is made; its events say when it is open and why it closed. */
export class WireSocket {
  readonly #socket: Socket;
  readonly #events: WireEvents;
  readonly #frames = new FrameReader();
  #head = '';
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #isReading = false;
  #out = '';
  /** Bytes received since the handshake. */
  bytes = 0;

  /** @param token sent as the Authorization header */
  constructor(url: URL, token: string | undefined, events: WireEvents) {
    this.#events = events;
    this.#socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (length, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.#socket.on('error', ({ message }) => this.#close(ABNORMAL, message));
    this.#socket.on('close', () => this.#close(ABNORMAL, 'the connection ended'));
    this.#socket.write(upgradeRequest(url, token), 'latin1');
  }

  /** True from the end of the handshake until the close. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Sends one text frame with the other sends of this turn. @param text ASCII */
  send(text: string): void {
    if (this.#state === 'open') this.#write(clientFrame(OPCODE.text, text));
  }

  /** Sends a close frame and does not wait for the answer. */
  close(): void {
    if (this.#state === 'open') this.#write(clientFrame(OPCODE.close, closePayload(NORMAL)));
    this.#state = 'closed';
    this.#end();
  }

  #write(frame: string): void {
    if (this.#isReading) this.#out += frame;
    else this.#socket.write(frame, 'latin1');
  }

  #read(chunk: Buffer): void {
    this.#isReading = true;
    try {
      if (this.#state === 'connecting') this.#readHead(chunk);
      else this.#readFrames(chunk);
    } finally {
      this.#isReading = false;
    }
    if (this.#out === '') return;
    this.#socket.write(this.#out, 'latin1');
    this.#out = '';
  }

  #readHead(chunk: Buffer): void {
    const before = this.#head.length;
    this.#head += chunk.toString('latin1', 0, chunk.length);
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return;
    if (!this.#head.startsWith('HTTP/1.1 101')) {
      return this.#close(ABNORMAL, this.#head.split('\r\n', 1)[0] ?? '');
    }
    this.#state = 'open';
    this.#events.opened();
    this.#readFrames(chunk.subarray(end + END_OF_HEAD.length - before));
  }

  #readFrames(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#frames.read(chunk, (opcode, bytes, start, end) => {
      if (opcode === OPCODE.text) this.#events.text(bytes, start, end);
      else if (opcode === OPCODE.ping) {
        this.#write(clientFrame(OPCODE.pong, bytes.toString('latin1', start, end)));
      } else if (opcode === OPCODE.close) {
        this.#write(clientFrame(OPCODE.close, bytes.toString('latin1', start, end)));
        const code = end - start >= 2 ? bytes.readUInt16BE(start) : ABNORMAL;
        this.#close(code, bytes.toString('utf8', Math.min(start + 2, end), end));
      }
    });
  }

  #close(code: number, why: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#end();
    this.#events.closed(code, why);
  }

  #end(): void {
    // After what is still to be written in this turn.
    setImmediate(() => this.#socket.end());
    const late = setTimeout(() => this.#socket.destroy(), CLOSED_WITHIN_MS);
    this.#socket.once('close', () => clearTimeout(late));
  }
}

function upgradeRequest({ host, pathname, search }: URL, token: string | undefined): string {
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    END_OF_HEAD.slice(2),
  ].join('\r\n');
}

function closePayload(code: number): string {
  return String.fromCharCode(code >> 8, code & 0xff);
}
