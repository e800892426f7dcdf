/** The runtime's sockets (`cloudflare:sockets`) over Node's, as far as an engine's client uses them: plain TCP, streams, an end. */
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';

/** Opens a connection. */
export function connect({ hostname, port }: { hostname: string; port: number }) {
  const socket = connectTcp({ host: hostname, port, noDelay: true });
  const { readable, writable } = Duplex.toWeb(socket);
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  return {
    readable,
    writable,
    closed,
    opened: new Promise<void>((resolve) => socket.on('connect', () => resolve())),
    startTls: () => {
      throw new Error('The bench speaks no TLS.');
    },
    close: async () => void socket.destroy(),
  };
}
