/** Sockets as a test opens them: what came, and how it ended. */
import type { Overrides } from './site.ts';
import { SITE, TestSite } from './site.ts';

/** What a socket is opened with. */
export interface Opened {
  token?: string;
  headers?: Record<string, string>;
  overrides?: Overrides;
  site?: string;
}

/** The answer to an upgrade. */
export async function upgrade(path: string, opened: Opened = {}): Promise<Response> {
  const headers = new Headers({ upgrade: 'websocket', ...opened.headers });
  if (opened.token !== undefined) headers.set('authorization', `Bearer ${opened.token}`);
  const site = new TestSite(opened.overrides);
  return site.send(new Request(`${opened.site ?? SITE}${path}`, { headers }));
}

/** What a socket met first: the code it was closed with, or the first message of the room. */
export async function firstOf(path: string, opened: Opened = {}): Promise<number | Record<string, unknown>> {
  const { status, webSocket } = await upgrade(path, opened);
  if (!webSocket) throw new Error(`The upgrade was answered with ${status}.`);
  const first = new Promise<number | Record<string, unknown>>((resolve) => {
    webSocket.addEventListener('close', ({ code }) => resolve(code));
    webSocket.addEventListener('message', ({ data }) =>
      resolve(JSON.parse(String(data)) as Record<string, unknown>),
    );
  });
  webSocket.accept();
  const met = await first;
  if (typeof met !== 'number') webSocket.close(1000, 'seen enough');
  return met;
}
