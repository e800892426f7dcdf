/** What keeps other sites out of every answer of the Worker: pages, API, redirects, errors, and a site that cannot work. */
import { describe, expect, it } from 'vitest';
import type { Pages } from '#server/app.ts';
import { createWorker } from '#server/app.ts';
import { withSecurityHeaders } from '#server/api/security-headers.ts';
import type { Overrides } from './support/site.ts';
import { TestSite } from './support/site.ts';

const PATHS = ['/', '/nothing', '/api/health', '/api/nothing', '/api/auth/me', '/parties/limiter/x'];
const NEVER_FRAMED = /frame-ancestors 'none'/;

function expectShielded({ headers }: Response): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('permissions-policy')).toMatch(/camera=\(\).*geolocation=\(\).*microphone=\(\)/);
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.get('content-security-policy')).toMatch(NEVER_FRAMED);
}

describe('every answer says that it is nobody else’s', () => {
  it.each(PATHS)('%s', async (path) => {
    for (const site of ['http://demo.test', 'https://demo.test']) {
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
        expectShielded(await new TestSite().send(new Request(`${site}${path}`, { method })));
      }
    }
  });

  it.each<[string, Overrides]>([
    ['a site that cannot work', { DEMO_COST_LIMIT: 'none' }],
    ['a database that fails', { DB: {} as unknown as D1Database }],
  ])('also %s', async (_what, overrides) => {
    const site = new TestSite(overrides);
    const body = JSON.stringify({ role: 'participant', show: 'ABCDEF' });
    const headers = { 'content-type': 'application/json' };
    const request = new Request('https://demo.test/api/auth/login', { method: 'POST', headers, body });
    const response = await site.send(request);
    expect(response.status).toBeGreaterThanOrEqual(500);
    expectShielded(response);
  });

  it("leaves a page's own policy as it is, and keeps errors out of caches", async () => {
    const policy = "script-src 'nonce-x'; frame-ancestors 'none'";
    const page = new Response('x', { headers: { 'content-security-policy': policy, etag: '"1"' } });
    const secured = withSecurityHeaders(new URL('http://demo.test/'), page);
    expect(secured.headers.get('content-security-policy')).toBe(policy);
    expect(secured.headers.get('etag')).toBe('"1"');
    const missing = new Response('', { status: 404, headers: { 'cache-control': 'public, immutable' } });
    const kept = withSecurityHeaders(new URL('http://demo.test/_app/immutable/x.js'), missing);
    expect(kept.headers.get('cache-control')).toBe('no-store');
  });

  it('also a redirect of the pages, whose headers cannot be written', async () => {
    const pages: Pages = {
      fetch: () => Promise.resolve(Response.redirect('http://demo.test/j/ABCDEF', 307)),
    };
    const { env } = new TestSite();
    const request = new Request<unknown, IncomingRequestCfProperties>('http://demo.test/j/abcdef');
    const ctx = { waitUntil: () => undefined } as unknown as ExecutionContext;
    const response = await createWorker(pages).fetch?.(request, env, ctx);
    expect(response?.status).toBe(307);
    expect(response?.headers.get('location')).toBe('http://demo.test/j/ABCDEF');
    if (response) expectShielded(response);
  });
});

describe('Strict-Transport-Security', () => {
  it.each([
    ['https://demo.test', 'max-age=31536000'],
    ['https://show.example:8443', 'max-age=31536000'],
    ['http://demo.test', null],
    ['http://192.168.1.20:8787', null],
    ['https://localhost:8787', null],
    ['https://127.0.0.1:8787', null],
  ])('on %s is %s', async (address, value) => {
    for (const path of PATHS) {
      const response = await new TestSite().send(new Request(`${address}${path}`));
      expect([path, response.headers.get('strict-transport-security')]).toEqual([path, value]);
    }
  });
});

describe('pages that are made for frames', () => {
  const policy = "script-src 'self'; frame-ancestors http: https: file:";

  it('are the only ones that are not denied to others, and say by their own policy to whom', () => {
    const framed = (path: string) => {
      const page = new Response('x', { headers: { 'content-security-policy': policy } });
      return withSecurityHeaders(new URL(path, 'https://demo.test'), page).headers;
    };
    const embed = framed('/embed/ABCDEF/chart?theme=dark');
    expect(embed.get('x-frame-options')).toBeNull();
    expect(embed.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(embed.get('referrer-policy')).toBe('no-referrer');
    for (const path of ['/embed', '/embedded/x', '/stage/ABCDEF', '/embed/../control/ABCDEF', '/api/embed/x'])
      expect([path, framed(path).get('x-frame-options')]).toEqual([path, 'DENY']);
  });

  it('and what is no page there stands in no frame', async () => {
    const { headers } = await new TestSite().send(new Request('https://demo.test/embed/ABCDEF/chart'));
    // The pages are not built here: it is an answer without a policy of its own.
    expect(headers.get('content-security-policy')).toMatch(NEVER_FRAMED);
  });
});
