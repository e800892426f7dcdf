/** The audit in words for an audience: one sentence for each check, and the verdict. */
import type { AuditCheck, AuditKey } from '#lib/domain/audit-findings.ts';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditReport, LiveCheck } from '#lib/domain/auditor.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count } from '../format.ts';

/** The promise of each check, short enough for one line of a projector. */
function promises(): Record<AuditKey, string> {
  return {
    chain: phrase('Nothing in the log was changed afterwards'),
    dense: phrase('No event is missing or doubled'),
    form: phrase('Every event is complete'),
    epochs: phrase('Epochs follow one another in order'),
    named: phrase('The log is of this room alone'),
    follows: phrase('Every event can follow the last one'),
    once: phrase('No tap was done twice'),
    safeCapacity: phrase('Safe lane: never more sold than exist'),
    safeStored: phrase('Safe lane: stored is what was sold'),
    versions: phrase('Eventual lane: no write is missing'),
    reads: phrase('Eventual lane: every reading was real'),
    times: phrase('Eventual lane: each read before it wrote'),
    writes: phrase('Eventual lane: reading plus units, no more'),
    room: phrase('Eventual lane: each saw stock before selling'),
    lost: phrase('Lost units come out the same in two ways'),
    fates: phrase('Every loss and every return was announced'),
    oversold: phrase('Every oversold unit was announced at once'),
    refusals: phrase('Nobody was refused without a reason'),
    trips: phrase('The guardrail trips once per crossing'),
    crossings: phrase('Every crossing was announced'),
    grows: phrase('Costs never fall within an epoch'),
    exposure: phrase('Exposure is oversold units × price'),
    virtual: phrase('Virtual cost adds up'),
    real: phrase('Real cost adds up'),
    limit: phrase('Real cost never passes its limit'),
    lock: phrase('Nothing is charged past the lock'),
    state: phrase('Screens show the end of this log'),
    acknowledged: phrase('Sold units shown are right'),
    stored: phrase('Stored units shown are right'),
    lostUnits: phrase('Lost units shown are right'),
    oversellDelta: phrase('Oversold units shown are right'),
    ops: phrase('Orders shown are right'),
    conflicts: phrase('Conflicts shown are right'),
    refused: phrase('Refusals shown are right'),
    work: phrase('Attempts and retries shown are right'),
    d1: phrase('The database holds every order'),
    receipts: phrase('Phones’ receipts stand in the log'),
    linearizable: phrase('Safe lane: first answered, first in line'),
  };
}

const KEY_OF = new Map<string, AuditKey>(
  (Object.keys(AUDIT_LINES) as AuditKey[]).map((key) => [AUDIT_LINES[key][0], key]),
);

/** The promise of a check; an unknown check keeps its own name. */
export function promiseOf({ name }: Pick<AuditCheck, 'name'>): string {
  const key = KEY_OF.get(name);
  return key === undefined ? name : promises()[key];
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
  return phrase(`${holding} of ${checks.length} hold`);
}

/** What was audited: settled or in motion, up to which event, and the database's rows. */
export function reachOf({ settled, inFlight, seq, rows, checks }: AuditReport): string[] {
  const open = checks.find((check) => check.open);
  const isBroken = checks.some(({ name, ok }) => name === AUDIT_LINES.d1[0] && !ok);
  return [
    settled ? phrase('settled') : phrase(`${count(inFlight)} in flight`),
    phrase(`to event ${count(seq)}`),
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
    return phrase(`the eventual lane’s rows ${count(rows)}, ${count(allocations)} of them in the log so far`);
  const held = `${count(rows)} ${rows === allocations ? '=' : '≠'} ${count(allocations)}`;
  return seq === reached
    ? phrase(`the eventual lane’s rows ${held}`)
    : phrase(`the eventual lane’s rows ${held} at event ${count(seq)}`);
}
