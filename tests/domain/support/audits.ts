/** Running an audit over a log in a test, and saying what it found. */
import { Audit } from '#lib/domain/audit.ts';
import type { AuditClaims } from '#lib/domain/audit-claims.ts';
import type { AuditKey, AuditResult } from '#lib/domain/audit-findings.ts';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import { GENESIS } from '#lib/domain/facts.ts';
import { hashOf, withoutHash } from '#lib/domain/log.ts';
import { sha256 } from './sha256.ts';
import type { Show } from './show.ts';

/** The audit of a log and of what is claimed beside it. */
export function auditOf(events: readonly RoomEvent[], claims?: AuditClaims): AuditResult {
  const audit = new Audit(sha256);
  for (const event of events) audit.take(event);
  return audit.finish(claims);
}

/** Everything that a show can be held against. */
export function claimsOf({ state, d1Orders, histories }: Show): AuditClaims {
  return { state, d1Orders, histories };
}

/** The lines that do not hold, as text: empty when all do. */
export function wrongLines({ checks }: AuditResult): string[] {
  return checks.filter(({ ok }) => !ok).map(({ name, found }) => `${name}: ${found}`);
}

/** What was found on the line of a key, when it does not hold; else null. */
export function wrongAt(result: AuditResult, key: AuditKey): string | null {
  const line = result.checks.find(({ name }) => name === AUDIT_LINES[key][0]);
  if (!line) throw new Error(`The audit has no line ${key}`);
  return line.ok ? null : line.found;
}

/** A forged log: every event numbered and chained again, so that nothing but its content can give it away. */
export function rechain(events: readonly RoomEvent[]): RoomEvent[] {
  let previous = GENESIS;
  return events.map((event, index) => {
    const unhashed = { ...withoutHash(event), seq: index + 1 };
    previous = hashOf(previous, unhashed, sha256);
    return { ...unhashed, hash: previous };
  });
}
