/**
 * The part of an audit that needs the events and nothing else: the totals, and everything that is held against them. The
 * audit of a room and the verifier of a file run this same code; where its words go is theirs to say, so that a file can
 * add the line on which each of them was found.
 */
import { totalsAuditor, openTotals } from './audit-totals.ts';
import type { AuditPart } from './audit-totals.ts';
import type { Findings } from './audit-findings.ts';
import { followsAuditor } from './audit-follows.ts';
import { holdAuditor } from './audit-hold.ts';
import { guardrailAuditor } from './audit-guardrail.ts';
import { enginesAuditor } from './audit-engines.ts';
import { oversoldAuditor, safeAuditor } from './audit-lanes.ts';
import { lineageAuditor } from './audit-lineage.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import { moneyAuditor } from './audit-money.ts';
import { refusalsAuditor } from './audit-refusals.ts';
import type { RoomEvent } from './events.ts';
import type { LaneId } from './lane.ts';
import type { RoomState } from './room-state.ts';

/** Recounts a log from its events alone and checks them; used by the room's audit and by the verifier. */
export class Recount {
  /** What the events taken so far add up to. */
  readonly totals = openTotals();
  readonly #findings: Findings;
  readonly #lineage: ReturnType<typeof lineageAuditor>;
  readonly #money: ReturnType<typeof moneyAuditor>;
  /** In the order in which each takes an event: what it follows is looked at before it is counted. */
  readonly #parts: readonly AuditPart[];

  constructor(findings: Findings) {
    const context = { totals: this.totals, findings };
    this.#findings = findings;
    this.#lineage = lineageAuditor(context);
    this.#money = moneyAuditor(context);
    this.#parts = [
      followsAuditor(context),
      holdAuditor(context),
      enginesAuditor(context),
      totalsAuditor(context),
      oversoldAuditor(context),
      safeAuditor(context),
      this.#lineage,
      refusalsAuditor(context),
      this.#money,
      guardrailAuditor(context, () => this.#money.addsUp()),
    ];
  }

  /** Every allocation of a lane with a lineage, as the events tell them. */
  orders(lane: LaneId): OrdersByEpoch {
    return this.#lineage.orders(lane);
  }

  /** Takes the next event; it has the form of its kind. */
  take(event: RoomEvent): void {
    this.totals.seq = event.seq;
    this.totals.head = event.hash;
    for (const part of this.#parts) {
      part.any?.(event);
      (part[event.kind] as ((event: RoomEvent) => void) | undefined)?.(event);
    }
  }

  /** Holds a ledger that somebody shows to the one that was told last: it may be fresher, never behind it. */
  holdLedger(ledger: RoomState['ledger']): void {
    this.#money.holdLedger(ledger);
  }

  /** Says what is owed by the events taken so far, as long as no transaction of the room stands half told. More may come. */
  settle(): void {
    for (const part of this.#parts) part.finish?.();
  }

  /** Nothing more will come: says what is missing, and writes the figures down. */
  finish(): void {
    if (!this.totals.opened) this.#findings.epochs.wrong('the room was never opened');
    this.settle();
  }
}
