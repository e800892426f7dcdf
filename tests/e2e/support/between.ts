/** What may stand between a phone and the server: it lets pages through, and something else not. */
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** See the module's header. */
export interface Between {
  port: number;
  close(): void;
}

/** Stands in front of a port of this machine; `withholds` is what no phone gets. */
export async function standBetween(port: number, withholds: 'sockets' | 'cookies'): Promise<Between> {
  const server = createServer((near, answer) => {
    const { method, url: path, headers } = near;
    const far = request({ host: LOOPBACK, port, method, path, headers }, (got) => {
      const { 'set-cookie': cookies, ...others } = got.headers;
      const kept = withholds === 'cookies' || !cookies ? others : got.headers;
      answer.writeHead(got.statusCode ?? 502, kept);
      got.pipe(answer);
    });
    near.pipe(far);
  });
  server.on('upgrade', ({ method, url, rawHeaders }, near) => {
    if (withholds === 'sockets') return void near.end('HTTP/1.1 426 Upgrade Required\r\n\r\n');
    const far = connect(port, LOOPBACK);
    const lines = rawHeaders.map((text, at) => text + (at % 2 === 0 ? ': ' : '\r\n'));
    far.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    far.pipe(near).pipe(far);
    for (const side of [near, far]) side.on('error', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
