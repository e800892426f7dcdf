/**
 * Turnstile's siteverify (developers.cloudflare.com/turnstile/get-started/server-side-validation). A token is single
 * use; asking again with the same `idempotency_key` is the same question. What cannot be asked is never a yes.
 */
import * as v from 'valibot';
import type { TurnstileConfig } from '../config.ts';
import { errorFields, logLine } from '../log.ts';
import type { Result } from './result.ts';
import { ok, err } from './result.ts';

/** The action that our widget names, and siteverify has to name back. */
export const LOGIN_ACTION = 'login';

/** How long siteverify may take to answer, milliseconds: a login waits for it. */
const LIMIT_MS = 3_000;
/** The question, and one more time. */
const ATTEMPTS = 2;
/** What siteverify says of a secret that is not the site's. */
const WRONG_SECRET = new Set(['missing-input-secret', 'invalid-input-secret']);
/** Answers that say that siteverify, or our own configuration, failed: nothing is known about the token. */
const NOT_THE_TOKENS_FAULT = new Set(['internal-error', ...WRONG_SECRET]);

const answerSchema = v.object({
  success: v.boolean(),
  hostname: v.optional(v.string()),
  action: v.optional(v.string()),
  'error-codes': v.optional(v.array(v.string())),
});
type Answer = v.InferOutput<typeof answerSchema>;

/** Asks whether a token is good for a login on one of `hostnames`. Refuses `INVALID_TOKEN` or `TURNSTILE_UNAVAILABLE`. */
export async function checkTurnstile(
  config: TurnstileConfig,
  token: string,
  hostnames: readonly string[],
  limitMs = LIMIT_MS,
): Promise<Result<null>> {
  const body = JSON.stringify({
    secret: config.secretKey,
    response: token,
    idempotency_key: crypto.randomUUID(),
  });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await ask(config.verifyUrl, body, limitMs);
    if (answer) return judge(config, answer, hostnames);
  }
  return err('TURNSTILE_UNAVAILABLE', 'The check against robots does not answer: try again.', LIMIT_MS);
}

/**
 * Whether siteverify can be asked, and knows our secret: it is asked about a token that nobody was ever given. `ready` when
 * an answer came that spoke of the token, and not of our secret.
 */
export async function probeTurnstile({
  verifyUrl,
  secretKey,
}: TurnstileConfig): Promise<'ready' | 'wrong-secret' | 'unreachable'> {
  const body = JSON.stringify({ secret: secretKey, response: 'pre-flight' });
  const answer = await post(verifyUrl, body, LIMIT_MS);
  const codes = answer?.['error-codes'] ?? [];
  if (!answer || codes.includes('internal-error')) return 'unreachable';
  return codes.some((code) => WRONG_SECRET.has(code)) ? 'wrong-secret' : 'ready';
}

/** One question; null when it got no answer about the token. */
async function ask(url: string, body: string, limitMs: number): Promise<Answer | null> {
  const answer = await post(url, body, limitMs);
  const fault = answer?.['error-codes']?.find((code) => NOT_THE_TOKENS_FAULT.has(code));
  if (!answer || answer.success || !fault) return answer;
  logLine('turnstile_failed', { fault });
  return null;
}

/** What siteverify says; null, and a line in the log, when it says nothing. */
async function post(url: string, body: string, limitMs: number): Promise<Answer | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(limitMs),
    });
    if (response.status < 500) return v.parse(answerSchema, await response.json());
    await response.body?.cancel();
    logLine('turnstile_failed', { status: response.status });
  } catch (error) {
    logLine('turnstile_failed', errorFields(error));
  }
  return null;
}

function judge(config: TurnstileConfig, answer: Answer, hostnames: readonly string[]): Result<null> {
  if (!answer.success) {
    return err('INVALID_TOKEN', 'The check against robots was not passed, or is too old: do it again.');
  }
  // The public test secrets answer with a made-up hostname; they are accepted on loopback only.
  if (config.dummy) return ok(null);
  const isOurs = hostnames.includes(answer.hostname ?? '') && answer.action === LOGIN_ACTION;
  return isOurs ? ok(null) : err('INVALID_TOKEN', 'This check against robots was made elsewhere.');
}
