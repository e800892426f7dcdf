import { describe, expect, it } from 'vitest';
import type { RawConfig } from '#server/config.ts';
import { configProblem, hostProblem, readConfig, roomConfig } from '#server/config.ts';
import { TestSite } from './support/site.ts';

const GOOD: RawConfig = {
  SESSION_SECRET: 'thirty-two bytes and a few more of them',
  DEBUG_TOKEN: 'thirty-two characters and some more',
};

describe('the configuration', () => {
  it('has the defaults of the contract where nothing is said', () => {
    expect(readConfig(GOOD)).toEqual({
      billingScale: 1e-9,
      demoCostLimit: 0,
      virtualLoadFactor: 100_000,
      virtualCostThreshold: 100,
      guardrailAction: 'warn',
      raceWindowMs: 100,
      sessionTtlMs: 1_200_000,
      maxParticipants: 5_000,
      allowedOrigins: [],
      turnstile: null,
      debugToken: GOOD.DEBUG_TOKEN,
      sessionSecret: GOOD.SESSION_SECRET,
      engines: { postgres: null, redis: null, dynamodb: null, firestore: null },
    });
  });

  it.each(['0', '0.0', '0e5', '-0', '', undefined])('reads DEMO_COST_LIMIT=%j as exactly zero', (limit) => {
    const env = { ...GOOD, ...(limit === undefined ? {} : { DEMO_COST_LIMIT: limit }) };
    expect(readConfig(env).demoCostLimit).toBe(0);
  });

  it('hands a room what decides results, and nothing of sessions', () => {
    const env = { ...GOOD, BILLING_SCALE: '1', RACE_WINDOW_MS: '250', GUARDRAIL_ACTION: 'block' };
    expect(roomConfig(readConfig(env))).toEqual({
      billingScale: 1,
      demoCostLimit: 0,
      virtualLoadFactor: 100_000,
      virtualCostThreshold: 100,
      guardrailAction: 'block',
      raceWindowMs: 250,
    });
  });

  it('reads origins from a list, and Turnstile from both of its keys', () => {
    const env = {
      ...GOOD,
      ALLOWED_ORIGINS: 'https://a.example, http://localhost:5173',
      TURNSTILE_SITE_KEY: 'site',
      TURNSTILE_SECRET_KEY: '0xsecret',
    };
    const { allowedOrigins, turnstile } = readConfig(env);
    expect(allowedOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
    expect(turnstile).toEqual({
      siteKey: 'site',
      secretKey: '0xsecret',
      verifyUrl: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
      dummy: false,
    });
  });

  it.each<[keyof RawConfig, string]>([
    ['BILLING_SCALE', '-1'],
    ['BILLING_SCALE', 'free'],
    ['BILLING_SCALE', 'Infinity'],
    ['DEMO_COST_LIMIT', '-0.01'],
    ['DEMO_COST_LIMIT', '0x10'],
    ['DEMO_COST_LIMIT', 'none'],
    ['VIRTUAL_LOAD_FACTOR', '1e99'],
    ['VIRTUAL_COST_THRESHOLD', 'NaN'],
    ['GUARDRAIL_ACTION', 'stop'],
    ['RACE_WINDOW_MS', '5001'],
    ['RACE_WINDOW_MS', '-1'],
    ['RACE_WINDOW_MS', '1.5'],
    ['SESSION_TTL_SECONDS', '9'],
    ['SESSION_TTL_SECONDS', '86401'],
    ['MAX_PARTICIPANTS', '0'],
    ['MAX_PARTICIPANTS', '100001'],
    ['ALLOWED_ORIGINS', 'https://a.example/path'],
    ['ALLOWED_ORIGINS', 'a.example'],
    ['TURNSTILE_SITE_KEY', 'only-this'],
    ['TURNSTILE_SECRET_KEY', 'only-this'],
    ['TURNSTILE_VERIFY_URL', 'nowhere'],
    ['DEBUG_TOKEN', 'short'],
    ['SESSION_SECRET', 'short'],
    ['SESSION_SECRET', ''],
  ])('refuses %s=%j in a sentence that names it', (name, value) => {
    const problem = configProblem({ ...GOOD, [name]: value });
    expect(problem).toContain(name);
    expect(problem).toMatch(/\.$/);
  });

  it('refuses a site on which nobody could open a show', () => {
    expect(configProblem({ SESSION_SECRET: GOOD.SESSION_SECRET ?? '' })).toContain('DEBUG_TOKEN');
  });

  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['192.168.1.20', false],
    ['127.0.0.1.example.org', false],
    ['demo.example.org', false],
  ])("accepts Turnstile's public test secrets on %s: %s", (hostname, accepted) => {
    const keys = {
      TURNSTILE_SITE_KEY: '1x00000000000000000000AA',
      TURNSTILE_SECRET_KEY: '1x0000000000000000000000000000000AA',
    };
    const problem = hostProblem(readConfig({ ...GOOD, ...keys }), hostname);
    expect(problem === null).toBe(accepted);
    if (problem) expect(problem).toContain('TURNSTILE_SECRET_KEY');
  });
});

describe('a Worker with a bad value', () => {
  it.each(['/', '/api/health', '/parties/room/ABCDEF.ticket'])(
    'answers %s with the problem',
    async (path) => {
      const site = new TestSite({ DEMO_COST_LIMIT: 'unlimited' });
      const response = await site.send(new Request(`http://demo.test${path}`));
      expect(response.status).toBe(500);
      expect(await response.text()).toContain('DEMO_COST_LIMIT');
    },
  );

  it("stops on a public host while it has Turnstile's test secret", async () => {
    const site = new TestSite({
      TURNSTILE_SITE_KEY: '1x00000000000000000000AA',
      TURNSTILE_SECRET_KEY: '1x0000000000000000000000000000000AA',
    });
    const open = await site.send(new Request('http://demo.test/api/health'));
    expect([open.status, await open.text()]).toEqual([500, expect.stringContaining('TURNSTILE_SECRET_KEY')]);
    expect((await site.call('/api/health', { site: 'http://localhost' })).status).toBe(200);
  });
});
