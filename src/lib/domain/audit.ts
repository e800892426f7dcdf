/**
 * The audit: is this log what a room that keeps its promises writes, and does what others show agree with it? An
 * independent model: it counts again from the events and shares no counting code with the reducer, the lineage, or the
 * ledger, so that a mistake in one is seen by the other. It trusts nothing that it is given, and never throws on it.
 */
import { compareHistories, compareState } from './audit-claims.ts';
import type { AuditClaims } from './audit-claims.ts';
import { copyFindings, count, openFindings, resultOf } from './audit-findings.ts';
import type { AuditResult } from './audit-findings.ts';
import { hasForm } from './audit-form.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import { Recount } from './audit-recount.ts';
import { compareRows } from './auditor-rows.ts';
import type { RoomEvent } from './events.ts';
import type { LaneId } from './lane.ts';
import { canonicalJson, withoutHash } from './log.ts';
import type { Sha256Hex } from './log.ts';

/** The hash before the first event. */
const BEFORE_ALL = '0'.repeat(64);

/** An audit under way. Its memory grows with the allocations (their lineage and op ids), not with the other events. */
export class Audit {
  readonly #sha256: Sha256Hex;
  readonly #findings = openFindings();
  readonly #recount = new Recount(this.#findings);
  /** Lines taken, and what the newest says of its number and its hash. */
  #lines = 0;
  #seq = 0;
  #hash = BEFORE_ALL;

  constructor(sha256: Sha256Hex) {
    this.#sha256 = sha256;
  }

  /** Takes the next line of the log, in the order in which the log has them. */
  take(event: RoomEvent): void {
    const findings = this.#findings;
    this.#lines += 1;
    if (event?.seq !== this.#seq + 1) findings.dense.wrong(`${event?.seq} after ${this.#seq}`);
    if (this.#hashAfter(event) !== event?.hash)
      findings.chain.wrong(`event ${event?.seq} is the first wrong one`);
    this.#seq = event?.seq;
    this.#hash = event?.hash;
    if (!hasForm(event)) return findings.form.wrong(`line ${this.#lines}`);
    this.#recount.take(event);
  }

  /** Every allocation of a lane with a lineage, as the log tells them so far. */
  orders(lane: LaneId): OrdersByEpoch {
    return this.#recount.orders(lane);
  }

  /**
   * The lines as they stand after the events taken so far, with what others claim of that moment. The audit goes on
   * afterwards. Only between two transactions of the room: what one began to tell has to have been told.
   */
  look(claims?: AuditClaims): AuditResult {
    // What the log itself has wrong stays wrong; what is claimed of this moment may be right at the next.
    this.#recount.settle();
    const before = copyFindings(this.#findings);
    const result = this.finish(claims);
    Object.assign(this.#findings, before);
    return result;
  }

  /** Ends the audit, once: compares what others claim, and gives every line. */
  finish(claims: AuditClaims = {}): AuditResult {
    const findings = this.#findings;
    const { totals } = this.#recount;
    if (claims.state) this.#recount.holdLedger(claims.state.ledger);
    this.#recount.finish();
    compareState(claims.state, totals, findings);
    compareRows(claims, (lane) => this.orders(lane), totals, findings);
    compareHistories(claims.histories, totals, findings);
    const events = count(this.#lines, 'event');
    findings.chain.figure = this.#lines === 0 ? events : `${events}, head ${totals.head.slice(0, 12)}…`;
    findings.dense.figure = events;
    findings.form.figure = events;
    return resultOf(findings);
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
