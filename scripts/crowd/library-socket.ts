/** A phone's socket by the library `ws`, which also takes TLS and fragments, as a site on another machine may send them. */
import WebSocket from 'ws';
import type { ConnectSocket } from './wire-socket.ts';
import { CLOSED_WITHIN_MS } from './wire-socket.ts';

const OPENED_WITHIN_MS = 20_000;

/** Opens a socket; its bytes are those of the messages alone. */
export const librarySocket: ConnectSocket = (url, token, events) => {
  const options = {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: OPENED_WITHIN_MS,
    closeTimeout: CLOSED_WITHIN_MS,
    headers: { authorization: `Bearer ${token}` },
  };
  const socket = new WebSocket(url.href.replace('http', 'ws'), options);
  let bytes = 0;
  let failure = '';
  socket.on('open', () => events.opened());
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
    events.text(data, 0, data.length);
  });
  socket.on('error', ({ message }) => (failure = message));
  socket.on('close', (code, reason) => events.closed(code, failure || reason.toString()));
  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    bytes: () => bytes,
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
  };
};
