import { describe, expect, inject, it } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import { checkTurnstile } from '#server/sessions/turnstile.ts';
import type { TurnstileConfig } from '#server/config.ts';
import { TestSite, freshAddress } from './support/site.ts';
import type {} from './support/siteverify.ts';

const CONFIG: TurnstileConfig = {
  siteKey: 'site',
  secretKey: inject('turnstileSecret'),
  verifyUrl: inject('siteverify'),
  dummy: false,
};
const HOSTS = ['demo.test'];
/** Long enough for an answer on loopback, short enough to wait for one that does not come. */
const LIMIT_MS = 400;

function fresh(behaviour: string): string {
  return `${behaviour}.${crypto.randomUUID()}`;
}

async function verdictOn(token: string, config = CONFIG, hosts = HOSTS): Promise<string> {
  const outcome = await checkTurnstile(config, token, hosts, LIMIT_MS);
  return outcome.ok ? 'good' : outcome.refusal.code;
}

/** The idempotency keys with which siteverify was asked about a token. */
async function questionsAbout(token: string): Promise<string[]> {
  return (await fetch(`${CONFIG.verifyUrl}?token=${token}`)).json();
}

describe('siteverify', () => {
  it('is asked once, and believed', async () => {
    const token = fresh('good');
    expect(await verdictOn(token)).toBe('good');
    expect(await questionsAbout(token)).toHaveLength(1);
  });

  it('refuses a token that is spent', async () => {
    const token = fresh('good');
    expect(await verdictOn(token)).toBe('good');
    expect(await verdictOn(token)).toBe('INVALID_TOKEN');
  });

  it.each(['bad', 'elsewhere', 'signup'])('is not passed by a %s token', async (behaviour) => {
    expect(await verdictOn(fresh(behaviour))).toBe('INVALID_TOKEN');
  });

  it('accepts the hosts of allowed origins', async () => {
    expect(await verdictOn(fresh('allowed'))).toBe('INVALID_TOKEN');
    expect(await verdictOn(fresh('allowed'), CONFIG, [...HOSTS, 'other.example'])).toBe('good');
  });

  it.each(['slow-once', 'down-once', 'cut-once'])(
    'is asked the same question again when it is %s',
    async (behaviour) => {
      const token = fresh(behaviour);
      expect(await verdictOn(token)).toBe('good');
      const [first, second, ...more] = await questionsAbout(token);
      expect(first).toMatch(/^[0-9a-f-]{36}$/);
      expect(second).toBe(first);
      expect(more).toEqual([]);
    },
  );

  it.each(['slow', 'down', 'internal', 'nonsense'])('that is %s is never a yes', async (behaviour) => {
    const token = fresh(behaviour);
    expect(await verdictOn(token)).toBe('TURNSTILE_UNAVAILABLE');
    expect(await questionsAbout(token)).toHaveLength(2);
  });

  it('that cannot be reached is never a yes', async () => {
    expect(await verdictOn(fresh('good'), { ...CONFIG, verifyUrl: 'http://127.0.0.1:1/' })).toBe(
      'TURNSTILE_UNAVAILABLE',
    );
  });

  it("does not blame the visitor for the site's own wrong secret", async () => {
    expect(await verdictOn(fresh('good'), { ...CONFIG, secretKey: 'wrong' })).toBe('TURNSTILE_UNAVAILABLE');
  });
});

describe('a site with Turnstile', () => {
  const site = new TestSite({
    TURNSTILE_SITE_KEY: CONFIG.siteKey,
    TURNSTILE_SECRET_KEY: CONFIG.secretKey,
    TURNSTILE_VERIFY_URL: CONFIG.verifyUrl,
  });
  const login = (body: object, token?: string) =>
    site.call<LoginResult>('/api/auth/login', { body, token, ip: freshAddress() });

  it('asks it of everybody, and takes the debug token from presenters only', async () => {
    expect((await login({})).error?.code).toBe('MISSING_TOKEN');
    expect((await login({ turnstileToken: fresh('bad') })).error?.code).toBe('INVALID_TOKEN');
    const opened = await login({ turnstileToken: fresh('good') });
    expect(opened.status).toBe(200);
    expect((await login({ turnstileToken: site.env.DEBUG_TOKEN })).status).toBe(200);

    const { show, token } = opened.data;
    const join = (turnstileToken?: string) => login({ role: 'participant', show, turnstileToken });
    expect((await join()).error?.code).toBe('MISSING_TOKEN');
    expect((await join(site.env.DEBUG_TOKEN)).error?.code).toBe('INVALID_TOKEN');
    expect((await join(fresh('good'))).status).toBe(200);
    expect((await login({ show }, token)).error?.code).toBe('MISSING_TOKEN');
    expect((await login({ show, turnstileToken: fresh('good') }, token)).status).toBe(200);
  });

  it('says that it cannot ask when siteverify fails', async () => {
    const answer = await login({ turnstileToken: fresh('down') });
    expect([answer.status, answer.error?.code]).toEqual([503, 'TURNSTILE_UNAVAILABLE']);
    expect(answer.error?.retryAfterMs).toBeGreaterThan(0);
  });
});
