import { describe, expect, it } from 'vitest';
import { frontOf, visitorOf } from '../../scripts/host/front.mjs';

const PAGE = '<!doctype html>';

/** What was asked of whom. */
function scene(router: string | null = 'ROUTER') {
  const asked: string[] = [];
  const handler = (name: string, type: string) => ({
    fetch: async (request: Request) => {
      const address = request.headers.get('cf-connecting-ip');
      asked.push(`${name} ${request.method} ${new URL(request.url).pathname} for ${address}`);
      return new Response(request.method === 'HEAD' ? null : PAGE, { headers: { 'content-type': type } });
    },
  });
  const front = frontOf(handler('worker', 'text/plain'), { router, workerFirst: ['/api/', '/parties/'] });
  const env = { ROUTER: handler('router', 'text/html'), IMAGES: handler('router', 'image/png') };
  const ask = async (path: string, { headers = {}, method = 'GET', remote = '192.168.1.7:51000' } = {}) => {
    const request = new Request(`http://localhost:8787${path}`, { method, headers });
    return front.fetch(Object.assign(request, { cf: { clientIp: remote } }), env, {});
  };
  return { asked, ask, front };
}

describe('the front of the local server', () => {
  it('hands the paths of the Worker to it at once, and all others to the router', async () => {
    const { asked, ask } = scene();
    for (const path of ['/api/health', '/parties/room/ABC234.ticket', '/', '/apiary', '/_app/start.js']) {
      await ask(path);
    }
    expect(asked.map((line) => line.split(' ')[0])).toEqual([
      'worker',
      'worker',
      'router',
      'router',
      'router',
    ]);
  });

  it('hands everything to a Worker without static files', async () => {
    const { asked, ask } = scene(null);
    await ask('/anything');
    expect(asked).toEqual(['worker GET /anything for 192.168.1.7']);
  });

  it('hands a request that names nothing to be asked for to the Worker, without what its sender says of itself', async () => {
    const { front, asked } = scene();
    const headers = new Headers({ 'cf-connecting-ip': '203.0.113.9' });
    for (const url of ['http://a b/', 'http://localhost:99999/', 'http://localhost*', 'http://[::1/']) {
      await front.fetch({ url, method: 'GET', headers } as Request, {}, {});
    }
    expect(asked).toEqual(Array(4).fill('worker GET / for null'));
  });

  it('compresses pages for who takes it, and nothing that is compressed already', async () => {
    const encoding = async (given: string, router = 'ROUTER') => {
      const answer = await scene(router).ask('/', { headers: { 'accept-encoding': given } });
      return answer.headers.get('content-encoding');
    };
    expect(await encoding('gzip, deflate, br')).toBe('gzip');
    expect(await encoding('identity')).toBeNull();
    expect(await encoding('gzip', 'IMAGES')).toBeNull();
  });

  it('names no encoding where there is no body', async () => {
    const answer = await scene().ask('/', { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBeNull();
  });
});

describe('the address that the Worker sees', () => {
  it('is that of the connection, whatever a phone says of itself', async () => {
    const { asked, ask } = scene();
    await ask('/api/health', { headers: { 'cf-connecting-ip': '203.0.113.9' } });
    expect(asked).toEqual(['worker GET /api/health for 192.168.1.7']);
  });

  it.each([
    ['192.168.1.7:51000', null, '192.168.1.7'],
    ['[fe80::1c2a:3]:51000', '203.0.113.9', 'fe80::1c2a:3'],
    ['[::ffff:192.168.1.7]:51000', null, '192.168.1.7'],
    ['127.0.0.1:51000', null, '127.0.0.1'],
    // On this machine it may be a proxy that tells for whom it asks.
    ['127.0.0.1:51000', '203.0.113.9', '203.0.113.9'],
    ['[::1]:51000', '203.0.113.9', '203.0.113.9'],
  ])('of %s saying %s is %s', (remote, said, address) => {
    const headers = new Headers(said === null ? {} : { 'cf-connecting-ip': said });
    expect(visitorOf(remote, headers)).toEqual({ address, isSecure: false });
  });
});

describe('a visitor whom a tunnel brings', () => {
  const https = { 'x-forwarded-proto': 'https' };

  it('is on https, at the address that the tunnel names, when the tunnel connects from this machine', () => {
    const headers = new Headers({ ...https, 'cf-connecting-ip': '203.0.113.9' });
    expect(visitorOf('127.0.0.1:51000', headers)).toEqual({ address: '203.0.113.9', isSecure: true });
    expect(visitorOf('[::1]:51000', headers)).toEqual({ address: '203.0.113.9', isSecure: true });
  });

  it('is believed nothing from another machine', () => {
    const headers = new Headers({ ...https, 'cf-connecting-ip': '203.0.113.9' });
    expect(visitorOf('192.168.1.7:51000', headers)).toEqual({ address: '192.168.1.7', isSecure: false });
  });

  it('is never taken for somebody at this machine, even without an address', () => {
    expect(visitorOf('127.0.0.1:51000', new Headers(https)).address).toBe('unknown');
  });

  it('reaches the Worker by the https address that the visitor opened', async () => {
    const urls: string[] = [];
    const worker = { fetch: async ({ url }: Request) => (urls.push(url), new Response()) };
    const front = frontOf(worker, { router: null, workerFirst: [] });
    for (const clientIp of ['127.0.0.1:51000', '192.168.1.7:51000']) {
      const request = new Request('http://calm-sea.trycloudflare.com/j/ABC234?a=b', { headers: https });
      await front.fetch(Object.assign(request, { cf: { clientIp } }), {}, {});
    }
    expect(urls).toEqual([
      'https://calm-sea.trycloudflare.com/j/ABC234?a=b',
      'http://calm-sea.trycloudflare.com/j/ABC234?a=b',
    ]);
  });
});
