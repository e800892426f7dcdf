/**
 * The auditor: the audit of a log that still grows. It goes on from the event it has reached, so a look costs the events
 * since the last one, and says of each promise whether it holds now. What it cannot see from where it stands it does not
 * list; what it could not look at this time it says.
 */
import { Audit } from './audit.ts';
import { AUDIT_LINES } from './audit-findings.ts';
import type { AuditCheck, AuditKey } from './audit-findings.ts';
import type { RowsFigure } from './auditor-rows.ts';
import type { EventBodies, RoomEvent, Verdict } from './events.ts';
import { lanesIn } from './by-lane.ts';
import type { RoomState } from './room-state.ts';

/** Lines that need what clients hold, which no room has: the phones and the verify page look at those. */
const OF_CLIENTS: ReadonlySet<AuditKey> = new Set(['receipts', 'linearizable']);
/** A text that somebody planted in a row or a line is shown, and stored, no longer than this. */
const MAX_FOUND = 300;

const ALL_KEYS = Object.keys(AUDIT_LINES) as AuditKey[];
/** Names of the lines that a live audit has, in their order. */
export const LIVE_KEYS: readonly AuditKey[] = ALL_KEYS.filter((key) => !OF_CLIENTS.has(key));

/** A line of a live audit. */
export interface LiveCheck extends AuditCheck {
  /** It could not be looked at this time: `ok` says how it stood before, `found` why. */
  open?: true;
}

/** The database's rows as they were last counted. */
export interface CountedRows {
  /** In the epoch of the recount. */
  rows: number;
  allocations: number;
  /** The event up to which the log had been read for it. */
  seq: number;
}

/** What an audit of a live room found. */
export interface AuditReport {
  epoch: number;
  /** The newest event that was audited. */
  seq: number;
  /** True when nothing was in flight at that event. */
  settled: boolean;
  inFlight: number;
  /** Null until the rows were counted for the first time. */
  rows: CountedRows | null;
  checks: LiveCheck[];
}

/** How the recount of the database's rows stands. */
export interface RowsStanding {
  /** The newest that could be made, and up to which event; null before the first. */
  newest: { figure: RowsFigure; seq: number } | null;
  /** True when the newest try failed. */
  failed: boolean;
}

/** The rows of several lanes as one line: as old as the oldest of them. */
export function rowsOfLanes(lanes: readonly RowsStanding[]): RowsStanding {
  const counted = lanes.flatMap(({ newest }) => (newest ? [newest] : []));
  const failed = lanes.some((lane) => lane.failed);
  if (counted.length === 0 || counted.length < lanes.length) return { newest: null, failed };
  const newest = counted.reduce((one, other) => ({
    seq: Math.min(one.seq, other.seq),
    figure: {
      ok: one.figure.ok && other.figure.ok,
      found: `${one.figure.found}; ${other.figure.found}`,
      rows: one.figure.rows + other.figure.rows,
      allocations: one.figure.allocations + other.figure.allocations,
    },
  }));
  return { newest, failed };
}

/** The audit of a growing log: takes its events incrementally and reports every check at any time. */
export class Auditor extends Audit {
  /** Takes the next line of the log, whatever stands in it. */
  takeLine(line: string): void {
    // The audit trusts nothing that it is given: what is no event is found to be none.
    this.take(parsed(line) as RoomEvent);
  }

  /**
   * Every line, held against the room's state after the newest event that was taken.
   * @param state as it stood when that event was the newest
   */
  report(state: RoomState, rows: RowsStanding): AuditReport {
    const { checks } = this.look({ state });
    const inFlight = lanesIn(state.lanes).reduce((sum, [, lane]) => sum + lane.inFlight, 0);
    return {
      epoch: state.epoch,
      seq: state.seq,
      settled: inFlight === 0,
      inFlight,
      rows: rows.newest && {
        rows: rows.newest.figure.rows,
        allocations: rows.newest.figure.allocations,
        seq: rows.newest.seq,
      },
      checks: checks.flatMap((check, place): LiveCheck[] => {
        const key = ALL_KEYS[place];
        if (!key || OF_CLIENTS.has(key)) return [];
        return [shortened(key === 'd1' ? rowsCheck(check, rows) : check)];
      }),
    };
  }
}

/** What is to be told of a report: each check at most once as red in an epoch, and then at most once as green again. */
export function incidentsOf(
  checks: readonly LiveCheck[],
  told: Readonly<Record<string, Verdict>>,
): EventBodies['incident'][] {
  return checks.flatMap(({ name, ok, open, expected, found }): EventBodies['incident'][] => {
    const before = Object.hasOwn(told, name) ? told[name] : undefined;
    if (open) return [];
    if (!ok && before === undefined) return [{ check: name, state: 'red', expected, found }];
    if (ok && before === 'red') return [{ check: name, state: 'green', expected, found }];
    return [];
  });
}

function rowsCheck({ name, expected }: AuditCheck, { newest, failed }: RowsStanding): LiveCheck {
  const ok = newest?.figure.ok ?? true;
  if (!failed && newest) return { name, ok, expected, found: newest.figure.found };
  const since = newest ? `since event ${newest.seq}` : 'so far';
  const found = `recount not possible ${since}: the database did not answer`;
  return {
    name,
    ok,
    expected,
    found: newest && !ok ? `${newest.figure.found}; ${found}` : found,
    open: true,
  };
}

function shortened<T extends AuditCheck>(check: T): T {
  const { found } = check;
  const short = found.length <= MAX_FOUND ? found : `${found.slice(0, MAX_FOUND - 1)}…`;
  // Half a character, planted or cut, has no canonical JSON: an incident with one could not be told.
  return { ...check, found: short.toWellFormed() };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
