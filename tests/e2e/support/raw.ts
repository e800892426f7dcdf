/** Requests as an attacker writes them, past what browsers and fetch tidy up. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { inject } from 'vitest';

/** An answer as it came. */
export interface RawAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Asks the server for a path exactly as it is written, with any headers, Host among them. */
export async function raw(path: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const asked = request({ host: '127.0.0.1', port: inject('host').port, path, headers }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of answer) body += String(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

/** One page of each kind. */
export const pagesOf = (code: string) => [
  '/',
  `/j/${code}`,
  `/stage/${code}`,
  `/control/${code}`,
  '/guide',
  '/no/such/page',
];
