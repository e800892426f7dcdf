/** Admission of logins: the proof that the configuration requires, and the limit of wrong proofs of an address. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import type { Proof } from '#lib/protocol/http.ts';
import { limiterName } from '../limiter.ts';
import { logLine } from '../log.ts';
import type { Visit } from '../visit.ts';
import { comesFromThisMachine, ipHashOf } from '../visit.ts';
import { isSameText } from './keys.ts';
import type { Outcome, Refused } from './outcome.ts';
import { granted, refused } from './outcome.ts';
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
  visit: Visit,
  entrant: Entrant,
  token: string | undefined,
): Promise<Outcome<Admitted>> {
  if (!visit.config.turnstile && entrant !== 'opener') return granted({ spent: {}, proof: 'none' });
  if (!token) {
    const needed = visit.config.turnstile ? 'a Turnstile token' : 'the DEBUG_TOKEN of this site';
    return refused('MISSING_TOKEN', `turnstileToken is missing: it holds ${needed}.`);
  }
  const proof = await checkProof(visit, entrant, token);
  if (proof.ok) return granted({ spent: {}, proof: proof.value });
  return entrant === 'opener' && proof.refusal.code === 'INVALID_TOKEN' ? countFailure(visit, proof) : proof;
}

async function checkProof(visit: Visit, entrant: Entrant, token: string): Promise<Outcome<Proof>> {
  const { turnstile, debugToken, sessionSecret } = visit.config;
  if (entrant !== 'participant' && debugToken && (await isSameText(sessionSecret, token, debugToken))) {
    logLine('debug_login', { requestId: visit.requestId });
    return granted('debug-token');
  }
  if (!turnstile) return refused('INVALID_TOKEN', 'This is not the DEBUG_TOKEN of this site.');
  // Turnstile's public test secrets pass everybody, so they are accepted from this machine only.
  if (turnstile.dummy && !comesFromThisMachine(visit)) {
    return refused('INVALID_TOKEN', "Turnstile's public test keys let in nobody but this machine.");
  }
  const checked = await checkTurnstile(turnstile, token, hostnamesOf(visit));
  return checked.ok ? granted('turnstile') : checked;
}

/** The refusal of a wrong proof, or of too many. Its cost is charged to no room. */
async function countFailure(visit: Visit, wrong: Refused): Promise<Refused> {
  const limiter = visit.env.LIMITER.getByName(limiterName('login', await ipHashOf(visit)));
  const permit = await limiter.takeAttempt(visit.now);
  if (permit.ok) return wrong;
  const message = 'Too many wrong tokens came from this address in the last minute: wait.';
  return refused('RATE_LIMITED', message, permit.retryAfterMs);
}

/** Hosts on which a Turnstile token may have been made. */
function hostnamesOf(visit: Visit): string[] {
  const others = visit.config.allowedOrigins.map((origin) => new URL(origin).hostname);
  return [visit.url.hostname, ...others];
}
