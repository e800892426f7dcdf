/**
 * The domain's audit over a file: the same auditors on the same books, with findings that know the line of the file. What
 * only others can claim of a room (its state, the database's rows) is not here; a test holds the two to the same words.
 */
import { enter, openBooks } from '#lib/domain/audit-books.ts';
import { count } from '#lib/domain/audit-findings.ts';
import { OversoldAuditor, SafeAuditor } from '#lib/domain/audit-lanes.ts';
import { LineageAuditor } from '#lib/domain/audit-lineage.ts';
import { MoneyAuditor } from '#lib/domain/audit-money.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { Checks } from './checks.ts';

/** See the module's header. */
export class Recount {
  readonly books = openBooks();
  readonly #checks: Checks;
  readonly #findings: Checks['findings'];
  readonly #oversold = new OversoldAuditor();
  readonly #safe = new SafeAuditor();
  readonly #lineage = new LineageAuditor();
  readonly #money = new MoneyAuditor();

  constructor(checks: Checks) {
    this.#checks = checks;
    this.#findings = checks.findings;
  }

  /** Takes the next event; it has the form of its kind. */
  take(event: RoomEvent): void {
    const { books } = this;
    const findings = this.#findings;
    books.seq = event.seq;
    books.head = event.hash;
    enter(books, event, findings);
    this.#oversold.take(event, books, findings);
    this.#safe.take(event, books, findings);
    this.#lineage.take(event, books, findings);
    this.#money.take(event, books, findings);
  }

  /** Nothing more will come: writes the figures down. */
  finish(): void {
    const { books } = this;
    const findings = this.#findings;
    if (!books.opened) this.#checks.wrong('epochs', 'the room was never opened');
    this.#oversold.finish(findings);
    this.#safe.finish(books, findings);
    this.#lineage.finish(books, findings);
    this.#money.finish(books, findings);
    const ops = books.receipts.safe.size + books.receipts.eventual.size;
    this.#checks.figure('epochs', `${count(books.resets + 1, 'epoch')}, ${count(books.resets, 'reset')}`);
    this.#checks.figure('once', `${count(ops, 'op')} over all lanes`);
  }
}
