/**
 * A front of the server: every page that comes by keeps what it writes to its console from its first script on, and whatever it
 * throws. WebKitGTK's driver tells none of it, and could only ask a page that is there already.
 */
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** The first script of a page. */
const HEAR = `{
  const heard = (window.complaintsHeard = []);
  const told = (each) => each?.stack ? each + ' ' + each.stack : String(each);
  for (const level of ['error', 'warn']) {
    const write = console[level];
    console[level] = (...what) => { heard.push(what.map(told).join(' ')); write.apply(console, what); };
  }
  addEventListener('error', ({ message }) => message && heard.push(message));
  addEventListener('unhandledrejection', ({ reason }) => heard.push(told(reason)));
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    heard.push('content security policy: ' + violatedDirective + ' ' + blockedURI));
}`;

/** In a page: what it complained of since the last time it was asked. */
export const HEARD = '(window.complaintsHeard ?? []).splice(0)';

/** A front; its pages are those of the server behind it. */
export interface Ear {
  port: number;
  url: string;
  close: () => void;
}

/** Opens a front of a server of this machine. */
export async function earBefore(port: number): Promise<Ear> {
  const server = createServer((near, back) => {
    const { method, url: path } = near;
    const headers = { ...near.headers, 'accept-encoding': 'identity' };
    const far = request({ host: LOOPBACK, port, method, path, headers }, (answer) => pass(answer, back));
    far.on('error', () => back.destroy());
    near.pipe(far);
  });
  server.on('upgrade', ({ method, url, httpVersion, rawHeaders }, near, head) => {
    const far = connect(port, LOOPBACK);
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
    const lines = rawHeaders.flatMap((name, place) =>
      place % 2 === 0 ? [`${name}: ${rawHeaders[place + 1]}`] : [],
    );
    far.write([`${method} ${url} HTTP/${httpVersion}`, ...lines, '', ''].join('\r\n'));
    far.write(head);
  });
  await new Promise<void>((listens) => server.listen(0, LOOPBACK, listens));
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    url: `http://${LOOPBACK}:${own}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pass(answer: IncomingMessage, back: ServerResponse): void {
  answer.on('error', () => back.destroy());
  const policy = String(answer.headers['content-security-policy'] ?? '');
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  if (!nonce) {
    back.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(back);
    return;
  }
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('end', () => {
    const page = Buffer.concat(chunks)
      .toString()
      .replace('<head>', `<head><script nonce="${nonce}">${HEAR}</script>`);
    const headers = { ...answer.headers, 'content-length': String(Buffer.byteLength(page)) };
    delete headers['transfer-encoding'];
    back.writeHead(answer.statusCode!, headers);
    back.end(page);
  });
}
