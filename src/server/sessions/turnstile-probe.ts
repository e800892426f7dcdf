/** Whether siteverify can be asked, and knows our secret: it is asked about a token that nobody was ever given. */
import * as v from 'valibot';
import type { TurnstileConfig } from '../config.ts';
import { errorFields, logLine } from '../log.ts';

/** As long as a login would wait for it, milliseconds. */
const LIMIT_MS = 3_000;
/** What siteverify says of a secret that is not the site's. */
const WRONG_SECRET = new Set(['missing-input-secret', 'invalid-input-secret']);
const answerSchema = v.object({ success: v.boolean(), 'error-codes': v.optional(v.array(v.string())) });

/** `ready` when an answer came that spoke of the token, and not of our secret. */
export async function probeTurnstile(
  config: TurnstileConfig,
  limitMs = LIMIT_MS,
): Promise<'ready' | 'wrong-secret' | 'unreachable'> {
  try {
    const response = await fetch(config.verifyUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret: config.secretKey, response: 'pre-flight' }),
      signal: AbortSignal.timeout(limitMs),
    });
    if (response.status >= 500) {
      await response.body?.cancel();
      return 'unreachable';
    }
    const answer = v.parse(answerSchema, await response.json());
    const codes = answer['error-codes'] ?? [];
    if (codes.includes('internal-error')) return 'unreachable';
    return codes.some((code) => WRONG_SECRET.has(code)) ? 'wrong-secret' : 'ready';
  } catch (error) {
    logLine('turnstile_failed', errorFields(error));
    return 'unreachable';
  }
}
