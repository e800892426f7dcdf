import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationProblems, readDeployment, secretProblems } from '../../scripts/lib/deployable.mjs';

const toml = readFileSync(new URL('../../wrangler.toml', import.meta.url), 'utf8');
const READY = { databaseId: '4a1b2c3d-0000-0000-0000-00000000000f', namespaceId: '0f2a', siteKey: '' };
const withSite = { ...READY, siteKey: '0x4AAAAAAA' };
const named = (...names: string[]) => new Set(names);

describe('a deployment', () => {
  it('is read from wrangler.toml', () => {
    expect(readDeployment(toml).databaseId).toMatch(/^[0-9a-f-]{36}$/);
    expect(readDeployment(toml).namespaceId).toMatch(/^[0-9a-f]{32}$/);
    expect(readDeployment(toml.replace('TURNSTILE_SITE_KEY = ""', 'TURNSTILE_SITE_KEY = "k"')).siteKey).toBe(
      'k',
    );
  });

  it('goes ahead when everything is there', () => {
    expect(configurationProblems(READY)).toEqual([]);
    expect(secretProblems(named('SESSION_SECRET', 'DEBUG_TOKEN'), READY)).toEqual([]);
    expect(secretProblems(named('SESSION_SECRET', 'TURNSTILE_SECRET_KEY'), withSite)).toEqual([]);
  });

  it.each([
    ['wrangler d1 create', { ...READY, databaseId: '00000000-0000-0000-0000-000000000000' }],
    ['wrangler kv namespace create', { ...READY, namespaceId: '00000000000000000000000000000000' }],
    ['public test keys', { ...READY, siteKey: '1x00000000000000000000AA' }],
  ])('is stopped with one sentence that says "%s"', (words, deployment) => {
    const problems = configurationProblems(deployment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
  });

  it.each([
    ['SESSION_SECRET is missing', named('DEBUG_TOKEN'), READY],
    ['No presenter could sign in', named('SESSION_SECRET'), READY],
    ['TURNSTILE_SITE_KEY is set but its secret is missing', named('SESSION_SECRET', 'DEBUG_TOKEN'), withSite],
    ['no TURNSTILE_SITE_KEY', named('SESSION_SECRET', 'TURNSTILE_SECRET_KEY'), READY],
  ])('is stopped when %s', (words, names, deployment) => {
    const problems = secretProblems(names, deployment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
  });
});
