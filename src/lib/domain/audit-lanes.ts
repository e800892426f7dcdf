/** Checks of oversold units on every lane, and of the lanes that cannot oversell. */
import { bookOf, capacityOf, deltaOf } from './audit-books.ts';
import type { Books } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import type { EventBodies, RoomEvent } from './events.ts';
import { lanesIn } from './by-lane.ts';
import type { LaneId } from './lane.ts';
import { LANES } from './lanes.ts';
import { WRITE_FIELDS } from './write.ts';

/** Compares `oversold` events with the growth of the delta by each allocation. */
export class OversoldAuditor {
  #untold = new Map<LaneId, EventBodies['oversold']>();
  #told = 0;

  /** Takes an event that has been entered in the books. */
  take(event: RoomEvent, books: Books, findings: Findings): void {
    if (event.kind === 'allocated') {
      const { lane, op } = event.body;
      this.#settle(lane, findings);
      const delta = deltaOf(books, lane);
      if (delta > 0) this.#untold.set(lane, { lane, delta, by: op });
    }
    if (event.kind === 'oversold') this.#hear(event.seq, event.body, findings);
    if (event.kind === 'reset') this.finish(findings);
  }

  /** Nothing more will be told. */
  finish(findings: Findings): void {
    for (const lane of [...this.#untold.keys()]) this.#settle(lane, findings);
    findings.oversold.figure = count(this.#told, 'growth');
  }

  #hear(seq: number, told: EventBodies['oversold'], findings: Findings): void {
    const due = this.#untold.get(told.lane);
    this.#untold.delete(told.lane);
    this.#told += 1;
    if (!due) findings.oversold.wrong(`event ${seq} tells a growth that did not happen`);
    else if (due.delta !== told.delta || due.by !== told.by) {
      findings.oversold.wrong(
        `event ${seq} tells ${told.delta} by ${told.by}; it was ${due.delta} by ${due.by}`,
      );
    }
  }

  #settle(lane: LaneId, findings: Findings): void {
    const due = this.#untold.get(lane);
    if (!due) return;
    findings.oversold.wrong(`delta ${due.delta} on the ${lane} lane by ${due.by} was not told`);
    this.#untold.delete(lane);
  }
}

/** Checks the promises of the lanes that cannot oversell after every event. */
export class SafeAuditor {
  #most = 0;

  /** Takes an event that has been entered in the books. */
  take(event: RoomEvent, books: Books, findings: Findings): void {
    if (event.kind === 'lost' || event.kind === 'restored') {
      if (!LANES[event.body.lane].canOversell)
        findings.safeStored.wrong(`event ${event.seq}: an op ${event.kind}`);
    }
    if (event.kind !== 'allocated') return;
    const { canOversell, hasLineage } = LANES[event.body.lane];
    if (canOversell) return;
    const { acknowledged, stored } = bookOf(books, event.body.lane);
    if (!hasLineage && WRITE_FIELDS.some((field) => event.body[field] !== undefined)) {
      findings.safeStored.wrong(`event ${event.seq} is a blind write`);
    }
    if (stored !== acknowledged) {
      findings.safeStored.wrong(`after event ${event.seq} ${stored} stored, ${acknowledged} acknowledged`);
    }
    if (acknowledged > capacityOf(books)) {
      findings.safeCapacity.wrong(`${acknowledged} of ${capacityOf(books)} after event ${event.seq}`);
    }
    this.#most = Math.max(this.#most, acknowledged);
  }

  /** Writes the figures down. */
  finish(books: Books, findings: Findings): void {
    let [acknowledged, stored] = [0, 0];
    for (const [lane, book] of lanesIn(books.lanes)) {
      if (LANES[lane].canOversell) continue;
      acknowledged += book.acknowledged;
      stored += book.stored;
    }
    findings.safeCapacity.figure = `at most ${this.#most} of ${capacityOf(books)}`;
    findings.safeStored.figure = `${stored} = ${acknowledged}`;
  }
}
