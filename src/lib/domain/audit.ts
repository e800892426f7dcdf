/**
 * The audit: is this log what a room that keeps its promises writes, and does what others show agree with it? An
 * independent model: it counts again from the events and shares no counting code with the reducer, the lineage, or the
 * ledger, so that a mistake in one is seen by the other. It trusts nothing that it is given, and never throws on it.
 */
import type { Books } from './audit-books.ts';
import { compareHistories, compareState } from './audit-claims.ts';
import type { AuditClaims } from './audit-claims.ts';
import { copyFindings, count, openFindings, resultOf } from './audit-findings.ts';
import type { AuditResult, Findings } from './audit-findings.ts';
import { hasForm } from './audit-form.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import { Recount } from './audit-recount.ts';
import { compareRows } from './audit-rows.ts';
import type { RoomEvent } from './events.ts';
import type { LaneId } from './lane.ts';
import { canonicalJson, withoutHash } from './log.ts';
import type { Sha256Hex } from './log.ts';

/** The hash before the first event. */
const BEFORE_ALL = '0'.repeat(64);

/** An audit under way. */
export interface Audit {
  /** Takes the next line of the log, in the order in which the log has them. */
  take(event: RoomEvent): void;
  /**
   * The lines as they stand after the events taken so far, with what others claim of that moment. The audit goes on
   * afterwards. Only between two turns of the room: what a turn began to tell has to have been told.
   */
  look(claims?: AuditClaims): AuditResult;
  /** Every allocation of a lane with a lineage, as the log tells them. */
  orders(lane: LaneId): OrdersByEpoch;
  /** Ends the audit, once: compares what others claim, and gives every line. */
  finish(claims?: AuditClaims): AuditResult;
}

/** Starts an audit. Its memory grows with the allocations (their lineage and op ids), not with the other events. */
export function startAudit(options: { sha256: Sha256Hex }): Audit {
  const findings = openFindings();
  const link = new LinkAuditor(options.sha256);
  const recount = new Recount(findings);
  const { books } = recount;
  const orders = (lane: LaneId) => recount.orders(lane);
  const finish = (claims: AuditClaims = {}): AuditResult => {
    const { state, histories } = claims;
    if (state) recount.holdLedger(state.ledger);
    recount.finish();
    compareState(state, books, findings);
    compareRows(claims, orders, books, findings);
    compareHistories(histories, books, findings);
    writeFigures(findings, books, link.lines);
    return resultOf(findings);
  };
  return {
    orders,
    take(event) {
      link.take(event, findings);
      if (!hasForm(event)) return findings.form.wrong(`line ${link.lines}`);
      recount.take(event);
    },
    look(claims) {
      // What the log itself has wrong stays wrong; what is claimed of this moment may be right at the next.
      recount.settle();
      const before = copyFindings(findings);
      const result = finish(claims);
      Object.assign(findings, before);
      return result;
    },
    finish,
  };
}

/** Holds each event to the one before it: its number and its hash. */
class LinkAuditor {
  /** Lines taken. */
  lines = 0;
  readonly #sha256: Sha256Hex;
  #seq = 0;
  #hash = BEFORE_ALL;

  constructor(sha256: Sha256Hex) {
    this.#sha256 = sha256;
  }

  take(event: RoomEvent, findings: Findings): void {
    this.lines += 1;
    if (event?.seq !== this.#seq + 1) findings.dense.wrong(`${event?.seq} after ${this.#seq}`);
    if (this.#hashAfter(event) !== event?.hash)
      findings.chain.wrong(`event ${event?.seq} is the first wrong one`);
    this.#seq = event?.seq;
    this.#hash = event?.hash;
  }

  #hashAfter(event: RoomEvent): string | null {
    try {
      return this.#sha256(this.#hash + canonicalJson(withoutHash(event)));
    } catch {
      // What has no canonical form cannot have been hashed.
      return null;
    }
  }
}

function writeFigures(findings: Findings, books: Books, lines: number): void {
  const events = count(lines, 'event');
  findings.chain.figure = lines === 0 ? events : `${events}, head ${books.head.slice(0, 12)}…`;
  findings.dense.figure = events;
  findings.form.figure = events;
}
