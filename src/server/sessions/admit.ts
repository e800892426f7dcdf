/** Admission of logins: the proof that the configuration requires, and the limit of wrong proofs of an address. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Proof } from '#lib/protocol/http.ts';
import { limiterName } from '../limiter.ts';
import { logLine } from '../log.ts';
import type { RequestContext } from '../request-context.ts';
import { comesFromThisMachine, ipHashOf } from '../request-context.ts';
import { isSameText } from './keys.ts';
import type { Result, Err } from './result.ts';
import { ok, err } from './result.ts';
import { checkTurnstile } from './turnstile.ts';

/** A login that may go on. */
export interface Admitted {
  proof: Proof;
  spent: MeterCounts;
}

/** Who wants to log in: the presenter of a new show, a presenter of a running one again, or a participant. */
export type Entrant = 'opener' | 'presenter' | 'participant';

/**
 * Checks the proof of a login: a Turnstile token when Turnstile is configured, or the debug token from presenters. Without
 * Turnstile only opening a show needs a proof; others have a session, or the code. The proof is checked first, and only an
 * opener's wrong proof counts against the limit of its address, so that wrong proofs from a venue keep nobody with a right
 * one out. Returns the proof and the cost; refuses `MISSING_TOKEN`, `RATE_LIMITED`,
 * `INVALID_TOKEN` or `TURNSTILE_UNAVAILABLE`.
 */
export async function admit(
  context: RequestContext,
  entrant: Entrant,
  token: string | undefined,
): Promise<Result<Admitted>> {
  if (!context.config.turnstile && entrant !== 'opener') return ok({ spent: {}, proof: 'none' });
  if (!token) {
    const needed = context.config.turnstile ? 'a Turnstile token' : 'the DEBUG_TOKEN of this site';
    return err('MISSING_TOKEN', `turnstileToken is missing: it holds ${needed}.`);
  }
  const proof = await checkProof(context, entrant, token);
  if (proof.ok) return ok({ spent: {}, proof: proof.value });
  return entrant === 'opener' && proof.refusal.code === 'INVALID_TOKEN'
    ? countFailure(context, proof)
    : proof;
}

async function checkProof(context: RequestContext, entrant: Entrant, token: string): Promise<Result<Proof>> {
  const { turnstile, debugToken, sessionSecret } = context.config;
  if (entrant !== 'participant' && debugToken && (await isSameText(sessionSecret, token, debugToken))) {
    logLine('debug_login', { requestId: context.requestId });
    return ok('debug-token');
  }
  if (!turnstile) return err('INVALID_TOKEN', 'This is not the DEBUG_TOKEN of this site.');
  // Turnstile's public test secrets pass everybody, so they are accepted from this machine only.
  if (turnstile.dummy && !comesFromThisMachine(context)) {
    return err('INVALID_TOKEN', "Turnstile's public test keys let in nobody but this machine.");
  }
  const checked = await checkTurnstile(turnstile, token, hostnamesOf(context));
  return checked.ok ? ok('turnstile') : checked;
}

/** The refusal of a wrong proof, or of too many. Its cost is charged to no room. */
async function countFailure(context: RequestContext, wrong: Err): Promise<Err> {
  const limiter = context.env.LIMITER.getByName(limiterName('login', await ipHashOf(context)));
  const permit = await limiter.takeAttempt(context.now);
  if (permit.ok) return wrong;
  const message = 'Too many wrong tokens came from this address in the last minute: wait.';
  return err('RATE_LIMITED', message, permit.retryAfterMs);
}

/** Hosts on which a Turnstile token may have been made. */
function hostnamesOf(context: RequestContext): string[] {
  const others = context.config.allowedOrigins.map((origin) => new URL(origin).hostname);
  return [context.url.hostname, ...others];
}
