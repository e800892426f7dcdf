/** The audit in words for an audience: one sentence for each check, and the verdict. */
import type { AuditCheck, AuditKey } from '#lib/domain/audit-findings.ts';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditReport, LiveCheck } from '#lib/domain/auditor.ts';
import { count } from '../format.ts';

/** The promise of each check, short enough for one line of a projector. */
const PROMISES: Record<AuditKey, string> = {
  chain: 'Nothing in the log was changed afterwards',
  dense: 'No event is missing or doubled',
  form: 'Every event is complete',
  epochs: 'Epochs follow one another in order',
  named: 'The log is of this room alone',
  follows: 'Every event can follow the last one',
  once: 'No tap was done twice',
  safeCapacity: 'Safe lane: never more sold than exist',
  safeStored: 'Safe lane: stored is what was sold',
  versions: 'Eventual lane: no write is missing',
  reads: 'Eventual lane: every reading was real',
  times: 'Eventual lane: each read before it wrote',
  writes: 'Eventual lane: reading plus units, no more',
  room: 'Eventual lane: each saw stock before selling',
  lost: 'Lost units come out the same in two ways',
  fates: 'Every loss and every return was announced',
  oversold: 'Every oversold unit was announced at once',
  refusals: 'Nobody was refused without a reason',
  trips: 'The guardrail trips once per crossing',
  crossings: 'Every crossing was announced',
  grows: 'Costs never fall within an epoch',
  exposure: 'Exposure is oversold units × price',
  virtual: 'Virtual cost adds up',
  real: 'Real cost adds up',
  limit: 'Real cost never passes its limit',
  lock: 'Nothing is charged past the lock',
  state: 'Screens show the end of this log',
  acknowledged: 'Sold units shown are right',
  stored: 'Stored units shown are right',
  lostUnits: 'Lost units shown are right',
  oversellDelta: 'Oversold units shown are right',
  ops: 'Orders shown are right',
  conflicts: 'Conflicts shown are right',
  refused: 'Refusals shown are right',
  d1: 'The database holds every order',
  receipts: 'Phones’ receipts stand in the log',
  linearizable: 'Safe lane: first answered, first in line',
};

const PROMISE_OF = new Map<string, string>(
  (Object.keys(AUDIT_LINES) as AuditKey[]).map((key) => [AUDIT_LINES[key][0], PROMISES[key]]),
);

/** The promise of a check; an unknown check keeps its own name. */
export function promiseOf({ name }: Pick<AuditCheck, 'name'>): string {
  return PROMISE_OF.get(name) ?? name;
}

/** The figure of a check in a list, without its part in brackets or about the chain's head. */
export function figureOf({ ok, found }: AuditCheck): string {
  return ok ? (found.split(/ \(|, head |; /)[0] ?? found) : found;
}

/** The checks that do not hold. */
export function brokenOf(checks: readonly LiveCheck[]): LiveCheck[] {
  return checks.filter(({ ok }) => !ok);
}

/** The verdict of a report: a check is broken, a check could not be done, or everything holds. */
export function standingOf({ checks }: AuditReport): 'broken' | 'open' | 'holds' {
  if (checks.some(({ ok }) => !ok)) return 'broken';
  return checks.some(({ open }) => open) ? 'open' : 'holds';
}

/** How many checks hold, of how many; a check that could not be done does not count as holding. */
export function verdictOf({ checks }: AuditReport): string {
  const holding = checks.filter(({ ok, open }) => ok && !open).length;
  return `${holding} of ${checks.length} hold`;
}

/** What was audited: settled or in motion, up to which event, and the database's rows. */
export function reachOf({ settled, inFlight, seq, rows, checks }: AuditReport): string[] {
  const open = checks.find((check) => check.open);
  const isBroken = checks.some(({ name, ok }) => name === AUDIT_LINES.d1[0] && !ok);
  return [
    settled ? 'settled' : `${count(inFlight)} in flight`,
    `to event ${count(seq)}`,
    ...(rows && !open ? [rowsOf(rows, seq, isBroken)] : []),
    ...(open ? [open.found] : []),
  ];
}

/** Rows in words; rows that the log does not have yet are in flight and no difference. */
function rowsOf(
  { rows, allocations, seq }: NonNullable<AuditReport['rows']>,
  reached: number,
  isBroken: boolean,
): string {
  if (rows !== allocations && !isBroken)
    return `the eventual lane’s rows ${count(rows)}, ${count(allocations)} of them in the log so far`;
  const sign = rows === allocations ? '=' : '≠';
  const when = seq === reached ? '' : ` at event ${count(seq)}`;
  return `the eventual lane’s rows ${count(rows)} ${sign} ${count(allocations)}${when}`;
}
