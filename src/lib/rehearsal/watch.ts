/**
 * The audit that a rehearsal's stage shows: the same look that a live room takes at itself, over the events since the last
 * one and every row of the table. A rehearsal tells no incidents: a red line on the screen is all that it has to say.
 */
import { Auditor } from '#lib/domain/auditor.ts';
import type { AuditReport } from '#lib/domain/auditor.ts';
import { RowsRecount } from '#lib/domain/auditor-rows.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Books } from './books.ts';
import { sha256Hex } from './sha256.ts';
import { SHELF_LANE } from './shelf.ts';
import type { Shelf } from './shelf.ts';

/** Audits a rehearsed room for its stage: its new events, and every row of its table. */
export class Watch {
  /** What was found last; null before the first look. */
  newest: AuditReport | null = null;
  readonly #auditor = new Auditor(sha256Hex);
  readonly #books: Books;
  readonly #shelf: Shelf;
  #reached = 0;

  constructor(books: Books, shelf: Shelf) {
    this.#books = books;
    this.#shelf = shelf;
  }

  /** Looks again, at the state as it stands; null when nothing happened since. */
  look(state: RoomState): AuditReport | null {
    const { lines } = this.#books;
    if (this.#reached === lines.length) return null;
    for (const line of lines.slice(this.#reached)) this.#auditor.takeLine(line);
    this.#reached = lines.length;
    const { epoch, seq } = state;
    const recount = new RowsRecount(this.#auditor.orders(SHELF_LANE), epoch);
    for (const [of, rows] of this.#shelf.orders) recount.take(rows.map((row) => ({ ...row, epoch: of })));
    const counter = this.#shelf.read();
    const figure = recount.finish(ofLane(state.lanes, SHELF_LANE).inFlight === 0, counter);
    this.newest = this.#auditor.report(state, { newest: { figure, seq }, failed: false });
    return this.newest;
  }
}
