/** Attacks on a site that was set up carelessly: it does not serve, or serves nobody that it should not. */
import { inject } from 'vitest';
import { describe, expect, it } from 'vitest';
import { configProblem, hostProblem, readConfig } from '#server/config.ts';
import type { Overrides } from './support/site.ts';
import { DEBUG_TOKEN, TestSite, freshAddress } from './support/site.ts';
import type {} from './support/siteverify.ts';

const PUBLIC = 'https://show.example';
const DUMMY = {
  TURNSTILE_SITE_KEY: '1x00000000000000000000AA',
  TURNSTILE_SECRET_KEY: '1x0000000000000000000000000000000AA',
};

describe('a deployed site without a good DEBUG_TOKEN does not serve', () => {
  it.each<[string, Overrides]>([
    ['absent', { DEBUG_TOKEN: undefined }],
    ['empty', { DEBUG_TOKEN: '' }],
    ['blank', { DEBUG_TOKEN: ' '.repeat(64) }],
    ['short', { DEBUG_TOKEN: 'x'.repeat(31) }],
    ['short and padded with blanks', { DEBUG_TOKEN: `${' '.repeat(20)}${'x'.repeat(20)}` }],
    ['short beside Turnstile', { DEBUG_TOKEN: 'short', TURNSTILE_SITE_KEY: 'a', TURNSTILE_SECRET_KEY: 'b' }],
  ])('%s', async (_what, overrides) => {
    const site = new TestSite(overrides);
    for (const path of ['/', '/j/ABCDEF', '/api/health', '/api/auth/login', '/parties/room/ABCDEF.ticket']) {
      const response = await site.send(new Request(`${PUBLIC}${path}`));
      expect(response.status).toBe(500);
      expect(await response.text()).toContain('DEBUG_TOKEN');
    }
    const body = JSON.stringify({ turnstileToken: overrides.DEBUG_TOKEN ?? '' });
    const headers = { 'content-type': 'application/json' };
    const login = await site.send(new Request(`${PUBLIC}/api/auth/login`, { method: 'POST', headers, body }));
    expect(login.status).toBe(500);
    expect(login.headers.get('set-cookie')).toBeNull();
  });

  it('tells the public which variable it is, and nothing of its value', () => {
    const secret = 'hunter2-hunter2';
    const good = { SESSION_SECRET: 'thirty-two bytes and a few more of them', DEBUG_TOKEN };
    for (const name of ['DEBUG_TOKEN', 'SESSION_SECRET'] as const) {
      const problem = configProblem({ ...good, [name]: secret });
      expect(problem).toContain(name);
      expect(problem).not.toContain('hunter2');
    }
    const half = configProblem({ ...good, TURNSTILE_SECRET_KEY: secret });
    expect(half).not.toContain('hunter2');
  });

  it('and where Turnstile is the only way in, no guess stands for the token that is not there', async () => {
    const site = new TestSite({
      DEBUG_TOKEN: undefined,
      TURNSTILE_SITE_KEY: 'site',
      TURNSTILE_SECRET_KEY: inject('turnstileSecret'),
      TURNSTILE_VERIFY_URL: inject('siteverify'),
    });
    for (const turnstileToken of ['null', 'undefined', 'true', '0', DEBUG_TOKEN]) {
      const answer = await site.call('/api/auth/login', { body: { turnstileToken }, ip: freshAddress() });
      expect([answer.status, answer.error?.code]).toEqual([403, 'INVALID_TOKEN']);
    }
  });
});

describe("Turnstile's public test secrets", () => {
  it.each([
    '1x0000000000000000000000000000000AA',
    '2x0000000000000000000000000000000AA',
    '3x0000000000000000000000000000000AA',
  ])('%s is known for what it is', (TURNSTILE_SECRET_KEY) => {
    const config = readConfig({
      SESSION_SECRET: 'thirty-two bytes and a few more of them',
      TURNSTILE_SITE_KEY: 'a',
      TURNSTILE_SECRET_KEY: ` ${TURNSTILE_SECRET_KEY} `,
    });
    expect(hostProblem(config, 'show.example')).toContain('TURNSTILE_SECRET_KEY');
  });

  it.each([
    'http://localhost.evil.example',
    'http://127.0.0.1.nip.io',
    'http://127.0.0.1.example',
    'http://localhost.',
    'http://0.0.0.0',
    'http://[::]',
    'http://[::ffff:192.168.1.20]',
    'http://localhost@evil.example',
    'http://evil.example#localhost',
    'http://evil.example?localhost',
    'http://192.168.1.20',
    'http://128.0.0.1',
    'http://notlocalhost',
  ])('do not serve %s', async (address) => {
    const site = new TestSite(DUMMY);
    const url = new URL('/api/health', address);
    const headers = {
      'x-forwarded-host': 'localhost',
      forwarded: 'host=localhost',
      'x-real-ip': '127.0.0.1',
    };
    const response = await site.send(new Request(url, { headers }));
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('TURNSTILE_SECRET_KEY');
  });

  it.each(['192.168.1.77', '203.0.113.9', '2001:db8::9', '::ffff:192.168.1.77', 'unknown', ''])(
    'let in nobody from %j who only writes "localhost" into the Host header',
    async (ip) => {
      const site = new TestSite({ ...DUMMY, TURNSTILE_VERIFY_URL: inject('siteverify') });
      const body = { turnstileToken: 'good.anything' };
      const answer = await site.call('/api/auth/login', { body, ip, site: 'http://localhost:8787' });
      expect([answer.status, answer.error?.code]).toEqual([403, 'INVALID_TOKEN']);
      expect(answer.error?.message).toContain('this machine');
    },
  );

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('are asked of siteverify for %s', async (ip) => {
    const site = new TestSite({ ...DUMMY, TURNSTILE_VERIFY_URL: inject('siteverify') });
    const body = { turnstileToken: `good.${crypto.randomUUID()}` };
    const answer = await site.call('/api/auth/login', { body, ip, site: 'http://localhost:8787' });
    // The tests' siteverify knows another secret, and says that this one is ours to mend.
    expect(answer.error?.code).toBe('TURNSTILE_UNAVAILABLE');
  });
});
