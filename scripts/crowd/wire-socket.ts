/**
 * A WebSocket for load generators that costs less than the server it measures: a plain TCP socket; all sockets share one
 * read buffer, and messages sent while one read is handled are written together.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { FrameReader, OPCODE, clientFrame } from './wire.ts';

/** How long a connection's end is waited for after its close frame, milliseconds, as in Chromium (docs/performance.md). */
export const CLOSED_WITHIN_MS = 2_000;
/** Close codes (RFC 6455, section 7.4.1): 1000, a normal close by this side, as it is sent; an end without a close frame. */
const NORMAL_CLOSE = '\u0003\u00E8';
const ABNORMAL = 1006;
const END_OF_HEAD = '\r\n\r\n';
/** Shared by all sockets: each read is handled completely before the next one. */
const READ_BUFFER = Buffer.alloc(256 * 1024);

/** Callbacks of a socket. Bytes are valid during the call only. */
export interface SocketEvents {
  opened(): void;
  text(bytes: Buffer, start: number, end: number): void;
  /** Called when the other side closed the socket, also when it never opened. `why` is the reason, if known. */
  closed(code: number, why: string): void;
}

/** What a phone needs of its socket. */
export interface PhoneSocket {
  isOpen(): boolean;
  /** Bytes received since the handshake. */
  bytes(): number;
  /** Sends one text frame; nothing while it is not open. @param text ASCII */
  send(text: string): void;
  close(): void;
}

/** Opens a socket. @param token sent as the Authorization header */
export type ConnectSocket = (url: URL, token: string | undefined, events: SocketEvents) => PhoneSocket;

/** Opens a socket without TLS, to a local server. */
export const wireSocket: ConnectSocket = (url, token, events) => {
  const frames = new FrameReader();
  let state: 'connecting' | 'open' | 'closed' = 'connecting';
  let head = '';
  let bytes = 0;
  let isReading = false;
  let out = '';

  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (length, buffer) => {
        read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    },
  });
  socket.on('error', ({ message }) => closed(ABNORMAL, message));
  socket.on('close', () => closed(ABNORMAL, 'the connection ended'));
  socket.write(upgradeRequest(url, token), 'latin1');

  function write(frame: string): void {
    if (isReading) out += frame;
    else socket.write(frame, 'latin1');
  }

  function read(chunk: Buffer): void {
    isReading = true;
    try {
      if (state === 'connecting') readHead(chunk);
      else readFrames(chunk);
    } finally {
      isReading = false;
    }
    if (out === '') return;
    socket.write(out, 'latin1');
    out = '';
  }

  function readHead(chunk: Buffer): void {
    const before = head.length;
    head += chunk.toString('latin1', 0, chunk.length);
    const end = head.indexOf(END_OF_HEAD);
    if (end < 0) return;
    if (!head.startsWith('HTTP/1.1 101')) return closed(ABNORMAL, head.split('\r\n', 1)[0] ?? '');
    state = 'open';
    events.opened();
    readFrames(chunk.subarray(end + END_OF_HEAD.length - before));
  }

  function readFrames(chunk: Buffer): void {
    bytes += chunk.length;
    frames.read(chunk, (opcode, bytes, start, end) => {
      if (opcode === OPCODE.text) return events.text(bytes, start, end);
      const payload = bytes.toString('latin1', start, end);
      if (opcode === OPCODE.ping) write(clientFrame(OPCODE.pong, payload));
      if (opcode !== OPCODE.close) return;
      write(clientFrame(OPCODE.close, payload));
      const code = end - start >= 2 ? bytes.readUInt16BE(start) : ABNORMAL;
      closed(code, bytes.toString('utf8', Math.min(start + 2, end), end));
    });
  }

  function closed(code: number, why: string): void {
    if (state === 'closed') return;
    end();
    events.closed(code, why);
  }

  function end(): void {
    state = 'closed';
    // After what is still to be written in this turn.
    setImmediate(() => socket.end());
    const late = setTimeout(() => socket.destroy(), CLOSED_WITHIN_MS);
    socket.once('close', () => clearTimeout(late));
  }

  return {
    isOpen: () => state === 'open',
    bytes: () => bytes,
    send: (text) => void (state === 'open' && write(clientFrame(OPCODE.text, text))),
    close() {
      if (state === 'open') write(clientFrame(OPCODE.close, NORMAL_CLOSE));
      end();
    },
  };
};

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
