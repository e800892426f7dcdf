/** Attacks on answers of every kind: what they let others do with them, where they send people, what they give away. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { pagesOf, raw } from './support/raw.ts';

/** A code like any other; no show has it. */
const CODE = 'ZZZABC';

describe('an answer', () => {
  it('of any kind says the same of itself, files that the platform serves included', async () => {
    const file = readFileSync(join(ROOT, '_headers'), 'utf8');
    const everywhere = /^\/\*\n((?: {2}.+\n)+)/m.exec(file)?.[1] ?? '';
    const promised = everywhere
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(': ') as [string, string])
      .filter(([name]) => name !== 'Content-Security-Policy');
    expect(promised.length).toBeGreaterThan(4);
    const assets = readdirSync(join(ROOT, '.svelte-kit/cloudflare/_app/immutable/assets'));
    const paths = [
      ...pagesOf(CODE),
      `/j/${CODE}/`,
      `/j/${CODE.toLowerCase()}`,
      '/%E0',
      '/favicon.svg',
      '/_app/version.json',
      `/_app/immutable/assets/${assets[0]}`,
      '/_app/immutable/none.js',
      '/api/health',
      '/api/none',
      '/api/auth/me',
      '/parties/limiter/x',
      `/parties/room/${CODE}.seat`,
    ];
    for (const path of paths) {
      const { headers } = await raw(path);
      for (const [name, value] of promised) {
        expect([path, name, headers[name.toLowerCase()]]).toEqual([path, name, value]);
      }
      expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
      expect(headers['strict-transport-security'], `${path}, by plain http`).toBeUndefined();
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  it('of a file says on an address that is always https that it is to stay so', async () => {
    const { headers } = await raw('/favicon.svg', { host: 'show.somebody.workers.dev' });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it.each([
    '//evil.example',
    '//evil.example/',
    '//evil.example/%2e%2e',
    '///evil.example/',
    '/\\evil.example/',
    '/%5cevil.example/',
    '/%2f%2fevil.example/',
    '/j//evil.example/',
    '/j/%2f%2fevil.example/',
    '/j/https:%2f%2fevil.example',
    '/j/abcdef/..%2f..%2f%2fevil.example/',
    '/j/abc-def?next=https://evil.example',
    '/?next=//evil.example&redirect=//evil.example&url=//evil.example',
    '/j/abcdef%0d%0aLocation:%20https://evil.example',
    '/stage/%0d%0aSet-Cookie:%20x=y',
    '/index.html//evil.example',
    '/favicon.svg//evil.example/',
    '/_app//evil.example/',
  ])('sends nobody to another site: %s', async (path) => {
    for (const headers of [{}, { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }]) {
      const { status, headers: said } = await raw(path, headers);
      expect(status).toBeLessThan(500);
      expect(said['set-cookie']).toBeUndefined();
      if (said.location === undefined) continue;
      const to = new URL(said.location, inject('host').url);
      expect(`${to.protocol}//${to.host}`).toBe(inject('host').url);
    }
  });

  it.each([
    '/cdn-cgi/local/explorer',
    '/cdn-cgi/local/explorer/api',
    '/cdn-cgi/explorer',
    '/cdn-cgi/local/r2/public',
    '/_worker.js',
    '/_headers',
    '/.assetsignore',
    '/wrangler.toml',
    '/.dev.vars',
    '/..%2f.dev.vars',
    '/..%2f..%2f.dev.vars',
    '/_app/..%2f..%2f..%2f.dev.vars',
    '/.git/config',
    '/package.json',
    '/src/server/config.ts',
  ])('never holds what is not for the room: %s', async (path) => {
    const { status, body } = await raw(path);
    expect(status).toBe(404);
    expect(body).not.toMatch(/SESSION_SECRET|DEBUG_TOKEN|TURNSTILE_SECRET_KEY|createWorker/);
  });
});

describe('the local runtime', () => {
  it('gives its bindings to nobody who does not know the secret of its own process', async () => {
    const path = '/cdn-cgi/local/platform-proxy';
    for (const secret of [null, '', '00', '00'.repeat(16), '00'.repeat(32)]) {
      const asked = { 'mf-op': 'GET', 'mf-op-target': '["env",0]', 'mf-op-key': 'DEBUG_TOKEN' };
      const { status, body } = await raw(path, secret === null ? {} : { ...asked, 'mf-op-secret': secret });
      expect([400, 401, 404]).toContain(status);
      expect(body).not.toContain(inject('host').debugToken);
    }
  });
});
