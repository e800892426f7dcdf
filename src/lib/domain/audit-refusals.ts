/**
 * Refusals are told as counts, some time after they were spoken, but what they say of the room can be held against it: a
 * lane that was sold out had less than any op may ask for, a guardrail that blocked had tripped, a lock that refused was told.
 */
import { bookOf, capacityOf } from './audit-books.ts';
import type { Books } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Findings, Place } from './audit-findings.ts';
import { MAX_UNITS } from './bounds.ts';
import type { EventOf, RoomEvent } from './events.ts';
import type { LaneId } from './lane.ts';
import { LANES } from './lanes.ts';

/** Totals of one lane in the current epoch. */
interface LaneStock {
  /** The fewest units that an op can have found free, in this epoch and at the end of the one before. */
  left: number;
  leftBefore: number;
  /** Counts may wait for the first commit of the next epoch: the first that are told of a lane may be of the one before. */
  first: boolean;
  /** The first that said “sold out” while nothing yet told shows why: its writes may be reported later, in this epoch. */
  open: { seq: number; place: Place } | null;
}

/** Checks that every told refusal can have had its reason. */
export class RefusalsAuditor {
  readonly #lanes = new Map<LaneId, LaneStock>();
  #tripped = false;
  #locked = false;
  #refused = 0;

  /** Takes an event that has been entered in the books. */
  take(event: RoomEvent, books: Books, findings: Findings): void {
    if (event.kind === 'guardrail' && event.body.state === 'tripped') this.#tripped = true;
    if (event.kind === 'locked') this.#locked = true;
    if (event.kind === 'allocated') this.#allocated(event, books);
    if (event.kind === 'refused') this.#hear(event, books, findings);
    if (event.kind === 'reset') this.#reset(books, findings);
  }

  /** Ends the log and sets the figures. */
  finish(findings: Findings): void {
    findings.refusals.figure = count(this.#refused, 'refusal');
  }

  #allocated({ body }: EventOf<'allocated'>, books: Books): void {
    const stock = this.#at(body.lane, books);
    const taken = body.wroteAllocated ?? bookOf(books, body.lane).acknowledged;
    stock.left = Math.min(stock.left, capacityOf(books) - taken);
    if (stock.left < MAX_UNITS) stock.open = null;
  }

  #hear({ seq, body: { lane, counts } }: EventOf<'refused'>, books: Books, findings: Findings): void {
    for (const times of Object.values(counts)) this.#refused += times;
    const stock = this.#at(lane, books);
    const left = stock.first ? Math.min(stock.left, stock.leftBefore) : stock.left;
    stock.first = false;
    if (counts.OUT_OF_STOCK && left >= MAX_UNITS) {
      // A lane of the room is read where it is told. What others read may be told later, but before the next epoch.
      if (LANES[lane].answers === 'later') stock.open ??= { seq, place: findings.refusals.here() };
      else findings.refusals.wrong(`event ${seq}: sold out with ${left} of ${capacityOf(books)} left`);
    }
    if (counts.GUARDRAIL_BLOCKED && !(this.#tripped && books.opened?.config.guardrailAction === 'block')) {
      findings.refusals.wrong(
        `event ${seq}: blocked by a guardrail that ${this.#tripped ? 'warns' : 'never tripped'}`,
      );
    }
    if (counts.REAL_BUDGET_EXCEEDED && !this.#locked) {
      findings.refusals.wrong(`event ${seq}: refused by a lock that no event told of`);
    }
  }

  #reset(books: Books, findings: Findings): void {
    for (const [lane, { left, open }] of this.#lanes) {
      if (open) {
        const what = `event ${open.seq}: sold out, and no write left fewer than ${left} units`;
        findings.refusals.wrong(what, open.place);
      }
      this.#lanes.set(lane, { left: capacityOf(books), leftBefore: left, first: true, open: null });
    }
  }

  #at(lane: LaneId, books: Books): LaneStock {
    const capacity = capacityOf(books);
    const stock = this.#lanes.get(lane) ?? { left: capacity, leftBefore: capacity, first: true, open: null };
    this.#lanes.set(lane, stock);
    return stock;
  }
}
