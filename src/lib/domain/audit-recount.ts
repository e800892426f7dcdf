/**
 * The part of an audit that needs the events and nothing else: the books, and everything that is held against them. The
 * audit of a room and the verifier of a file run this same code; where its words go is theirs to say, so that a file can
 * add the line on which each of them was found.
 */
import { enter, openBooks } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import { FollowsAuditor } from './audit-follows.ts';
import { GuardrailAuditor } from './audit-guardrail.ts';
import { OversoldAuditor, SafeAuditor } from './audit-lanes.ts';
import { LineageAuditor } from './audit-lineage.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import { MoneyAuditor } from './audit-money.ts';
import { RefusalsAuditor } from './audit-refusals.ts';
import type { RoomEvent } from './events.ts';
import { lanesIn } from './by-lane.ts';
import type { LaneId } from './lane.ts';
import type { RoomState } from './room-state.ts';

/** Recounts a log from its events alone and checks them; used by the room's audit and by the verifier. */
export class Recount {
  /** What the events taken so far add up to. */
  readonly books = openBooks();
  readonly #oversold = new OversoldAuditor();
  readonly #safe = new SafeAuditor();
  readonly #lineage = new LineageAuditor();
  readonly #refusals = new RefusalsAuditor();
  readonly #guardrail = new GuardrailAuditor();
  readonly #money = new MoneyAuditor();
  readonly #follows = new FollowsAuditor();

  /** Every allocation of a lane with a lineage, as the events tell them. */
  orders(lane: LaneId): OrdersByEpoch {
    return this.#lineage.orders(lane);
  }

  /** Takes the next event; it has the form of its kind. */
  take(event: RoomEvent, findings: Findings): void {
    const { books } = this;
    books.seq = event.seq;
    books.head = event.hash;
    this.#follows.take(event, books, findings);
    enter(books, event, findings);
    this.#oversold.take(event, books, findings);
    this.#safe.take(event, books, findings);
    this.#lineage.take(event, books, findings);
    this.#refusals.take(event, books, findings);
    const comesOut = this.#money.take(event, books, findings);
    this.#guardrail.take(event, books, findings, comesOut);
  }

  /** Holds a ledger that somebody shows to the one that was told last: it may be fresher, never behind it. */
  holdLedger(ledger: RoomState['ledger'], findings: Findings): void {
    this.#money.shown(ledger, this.books, findings);
  }

  /** Says what is owed by the events taken so far, as long as no turn of the room stands half told. More may come. */
  settle(findings: Findings): void {
    this.#follows.settle(findings);
    this.#oversold.finish(findings);
    this.#lineage.finish(this.books, findings);
    this.#refusals.finish(findings);
    this.#guardrail.finish(findings);
    this.#money.finish(this.books, findings);
  }

  /** Nothing more will come to these findings: says what is missing, and writes the figures down. */
  finish(findings: Findings): void {
    const { books } = this;
    if (!books.opened) findings.epochs.wrong('the room was never opened');
    this.settle(findings);
    this.#safe.finish(books, findings);
    const ops = lanesIn(books.receipts).reduce((sum, [, receipts]) => sum + receipts.size, 0);
    findings.epochs.figure = `${count(books.resets + 1, 'epoch')}, ${count(books.resets, 'reset')}`;
    findings.named.figure = books.opened ? `room ${books.opened.room}` : 'no room';
    findings.follows.figure = count(books.seq, 'event');
    findings.once.figure = `${count(ops, 'op')} over all lanes`;
  }
}
