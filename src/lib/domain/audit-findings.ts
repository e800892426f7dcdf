/**
 * The checks of an audit, in their order: the log itself, the lanes, the money, and what others claim. Every audit lists every
 * check, also when there was nothing to check.
 */

/** One check of an audit: its name, whether it holds, what was expected and what was found. */
export interface AuditCheck {
  name: string;
  ok: boolean;
  expected: string;
  found: string;
}

/** The result of an audit: its checks, and whether all of them hold. */
export interface AuditResult {
  checks: AuditCheck[];
  ok: boolean;
}

/** The checks that need the log alone: name, and what is expected. */
export const LOG_LINES = {
  chain: ['Hash chain intact', 'every hash follows from the hash before it and its event'],
  dense: ['Event numbers dense', 'seq 1, 2, 3 … without a gap'],
  form: ['Every event is one that a room can write', 'the fields of its kind, and no others'],
  epochs: ['Epochs and resets in order', 'opened first and once; after a reset nothing of an older epoch'],
  named: [
    'The room is that of its show and product',
    'SHOW.sku, and nothing on a lane that it does not have',
  ],
  follows: [
    'Every event can follow those before it',
    'an answer its question, nothing new the end of the show',
  ],
  once: ['Each op allocated at most once per lane', 'no op twice; on two lanes of one person, in one epoch'],
  safeCapacity: ['Safe lane never above capacity', 'acknowledged ≤ capacity after every event'],
  safeStored: ['Safe lane: stored = acknowledged', 'no blind write, nothing lost or restored'],
  versions: ['Eventual lane: versions dense', '1, 2, 3 … in each epoch'],
  reads: ['Eventual lane: every reading is real', 'each read what its parent version wrote'],
  times: ['Eventual lane: no write before its reading', 'both times told, in their order'],
  writes: ['Eventual lane: every write is its reading plus its units', 'wrote = read + units'],
  room: ['Eventual lane: nobody allowed by a reading without room', 'read + units ≤ capacity'],
  lost: ['Lost units by chain = acknowledged − stored', 'equal after every write'],
  fates: ['Lost and restored name exactly the ops that left and came back', 'each told once, by its write'],
  oversold: ['Oversold told at each growth, and only then', 'delta = acknowledged − capacity'],
  refusals: [
    'Every refusal can have had its reason',
    'no stock to cover it, a trip that blocks, a lock that was told',
  ],
  trips: [
    'Guardrail: one threshold trip per crossing',
    'at most one in an epoch, none below the threshold, each at a cost that it can have had',
  ],
  crossings: ['Guardrail: no crossing untold', 'tripped or told with every cost at or above the threshold'],
  grows: ['Costs never fall within an epoch', 'platform, exposure and virtual cost as told before, or more'],
  exposure: ['Exposure = oversold units × unit price', 'summed over the lanes, to the pico-USD'],
  virtual: [
    'Virtual cost = cost of taps × load factor + exposure',
    'equal in every cost event, and both costs the quantities × list prices',
  ],
  real: [
    'Real cost = whole cents of virtual × billing scale, held at the limit',
    'equal in every cost event',
  ],
  limit: ['Real cost never above its limit', 'real ≤ limit'],
  lock: [
    'Real spend zero, or inside a limit above zero; else the lock engaged',
    'no charge past the limit, locked from then on and not before',
  ],
} as const satisfies Lines;

/** Every check by key: its name, and what is expected. */
export const AUDIT_LINES = {
  ...LOG_LINES,
  state: ['State shown is that of the end of this log', 'seq, epoch, mode, step and guardrail as told'],
  acknowledged: ['Acknowledged, as shown', 'equal to the recount'],
  stored: ['Stored, as shown', 'equal to the recount'],
  lostUnits: ['Lost units, as shown', 'equal to the recount'],
  oversellDelta: ['Oversell delta, as shown', 'equal to the recount'],
  ops: ['Allocated ops, as shown', 'equal to the recount'],
  conflicts: ['Conflicts, as shown', 'equal to the recount'],
  refused: ['Refusals by code, as shown', 'equal to the recount'],
  work: ['Attempts, retries and round trips, as shown', 'equal to the recount'],
  d1: ['Database rows = allocations of the eventual lane', 'each row an allocation, each allocation a row'],
  receipts: ['Receipts that clients hold stand in the log', 'each op with its number and its units'],
  linearizable: ['Safe lane linearizable', 'answered before another was sent: the lower number'],
} as const satisfies Lines;

type Lines = Record<string, readonly [name: string, expected: string]>;

/** The key of a check. */
export type AuditKey = keyof typeof AUDIT_LINES;

/** A position in the log, in whatever form the keeper of the findings uses. */
export type Place = unknown;

/** One check while the audit runs. */
export class Finding {
  /** The figure of a check that holds. */
  figure = '0 events';
  #wrong = 0;
  #first = '';

  /** The current position, for a later {@link Finding.wrong}. */
  here(): Place {
    return undefined;
  }

  /**
   * Reports a failure. The result names the first one and counts the others.
   * @param _place its position, as {@link Finding.here} returned it; the current one by default
   */
  wrong(what: string, _place?: Place): void {
    if (this.#wrong === 0) this.#first = what;
    this.#wrong += 1;
  }

  /** An independent copy. */
  copy(): Finding {
    const copy = new Finding();
    copy.figure = this.figure;
    copy.#wrong = this.#wrong;
    copy.#first = this.#first;
    return copy;
  }

  /** The check's result so far. */
  check(key: AuditKey): AuditCheck {
    const [name, expected] = AUDIT_LINES[key];
    const more = this.#wrong > 1 ? ` (and ${this.#wrong - 1} more)` : '';
    return {
      name,
      ok: this.#wrong === 0,
      expected,
      found: this.#wrong === 0 ? this.figure : `${this.#first}${more}`,
    };
  }
}

/** All checks of an audit. */
export type Findings = Record<AuditKey, Finding>;

/** All checks of an audit that has seen no event. */
export function openFindings(): Findings {
  return Object.fromEntries(Object.keys(AUDIT_LINES).map((key) => [key, new Finding()])) as Findings;
}

/** Independent copies of all checks. */
export function copyFindings(findings: Findings): Findings {
  const copies = Object.entries(findings).map(([key, finding]) => [key, finding.copy()]);
  return Object.fromEntries(copies) as Findings;
}

/** The result of all checks. */
export function resultOf(findings: Findings): AuditResult {
  const checks = (Object.keys(AUDIT_LINES) as AuditKey[]).map((key) => findings[key].check(key));
  return { checks, ok: checks.every((check) => check.ok) };
}

/** A count with its noun: `1 event`, `2 events`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
