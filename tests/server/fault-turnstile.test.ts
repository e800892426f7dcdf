/** Turnstile that is slow, down, or shown the same token twice: nobody gets in who was not let in. */
import { expect, inject, it } from 'vitest';
import type { LoginResult } from '#lib/protocol/http.ts';
import { figures, LONG, spread } from '../faults/support/run.ts';
import { freshAddress, TestSite } from './support/site.ts';
import type {} from './support/siteverify.ts';

const EACH = LONG ? 20 : 3;
/** Two questions of three seconds each, and some. */
const ANSWERED_WITHIN_MS = 8_000;

/** What a token meets at siteverify, and what its login must be answered. */
const EXPECTED: Record<string, string> = {
  good: '200 in',
  'slow-once': '200 in',
  'down-once': '200 in',
  'cut-once': '200 in',
  slow: '503 TURNSTILE_UNAVAILABLE',
  down: '503 TURNSTILE_UNAVAILABLE',
  internal: '503 TURNSTILE_UNAVAILABLE',
  nonsense: '503 TURNSTILE_UNAVAILABLE',
  bad: '403 INVALID_TOKEN',
  elsewhere: '403 INVALID_TOKEN',
  signup: '403 INVALID_TOKEN',
};

const site = new TestSite({
  TURNSTILE_SITE_KEY: 'site',
  TURNSTILE_SECRET_KEY: inject('turnstileSecret'),
  TURNSTILE_VERIFY_URL: inject('siteverify'),
});

async function login(turnstileToken: string, show: string | null) {
  const began = performance.now();
  const body = { turnstileToken, ...(show === null ? {} : { role: 'participant', show }) };
  const { status, data, error } = await site.call<LoginResult>('/api/auth/login', {
    body,
    ip: freshAddress(),
  });
  const said = `${status} ${status === 200 ? 'in' : (error?.code ?? '')}`;
  return { said, data, ms: performance.now() - began };
}

it('is never open by accident, and waits no longer than it says', async () => {
  const opened = await login(`good.${crypto.randomUUID()}`, null);
  const { show } = opened.data;
  const cases = Object.entries(EXPECTED).flatMap(([behaviour, expected]) =>
    Array.from({ length: EACH }, (_, index) => ({ behaviour, expected, show: index % 2 ? show : null })),
  );
  const answers = await Promise.all(
    cases.map(async (each) => {
      const token = `${each.behaviour}.${crypto.randomUUID()}`;
      return { ...each, token, ...(await login(token, each.show)) };
    }),
  );
  for (const { behaviour, expected, said, ms } of answers) {
    expect(said, behaviour).toBe(expected);
    expect(ms, behaviour).toBeLessThan(ANSWERED_WITHIN_MS);
  }
  const spent = answers.filter(({ said }) => said === '200 in');
  const replayed = await Promise.all(spent.map(({ token }) => login(token, show)));
  expect(new Set(replayed.map(({ said }) => said))).toEqual(new Set(['403 INVALID_TOKEN']));
  const forbidden = [...answers.filter(({ expected }) => expected !== '200 in'), ...replayed];
  figures('Turnstile', {
    logins: answers.length + replayed.length,
    'let in': spent.length,
    'of these on the second question': answers.filter(({ behaviour }) => behaviour.endsWith('once')).length,
    'tokens shown again': replayed.length,
    'let in by accident': forbidden.filter(({ said }) => said === '200 in').length,
    'answer while it is slow': spread(
      answers.filter(({ behaviour }) => behaviour === 'slow').map(({ ms }) => ms),
    ),
  });
});
