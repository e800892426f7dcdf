/**
 * Buying in a rehearsal: the domain's admission, a decision here and now on the lane of the room, and on the other one what a
 * careless service does: read, pause, write blindly. The races are real races of the rehearsal's shoppers; nothing is drawn.
 */
import { admit } from '#lib/domain/admission.ts';
import { COUNTED_CODES } from '#lib/domain/codes.ts';
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import type { FateBody } from '#lib/domain/events.ts';
import type { OrderFact } from '#lib/domain/facts.ts';
import { byLane, lanesIn } from '#lib/domain/by-lane.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { ByLane, LaneId, LaneResult, LaneResults, Mode } from '#lib/domain/lane.ts';
import { LANES, PAIR } from '#lib/domain/lanes.ts';
import type { KnownOp, OpRequest } from '#lib/domain/op.ts';
import { takeToken, waitForToken } from '#lib/domain/rate.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import { blindWrite, fits } from '#lib/domain/stock.ts';
import type { Reading } from '#lib/domain/stock.ts';
import type { Books } from './books.ts';
import { COMMIT, MESSAGE, PENDING, READING, WRITING } from './metered.ts';
import type { Schedule } from './schedule.ts';
import { Shelf, SHELF_LANE } from './shelf.ts';

/** What an op is answered. */
export type OpAnswer =
  | { kind: 'ack'; op: string; epoch: number; mode: Mode; lanes: LaneResults }
  | { kind: 'nack'; op: string; refusal: Refusal };

/** What buying needs of the room. */
export interface BuyingHost {
  readonly books: Books;
  readonly schedule: Schedule;
  now: () => number;
  /** Something moved. */
  changed(): void;
  tellFate(kind: 'lost' | 'restored', body: FateBody): void;
  tellClaims(lane: LaneId, orders: readonly OrderFact[]): void;
}

interface PendingOp extends KnownOp {
  sim: boolean;
  answer: (answer: OpAnswer) => void;
}

/** Refusals that the log counts. */
const COUNTED: ReadonlySet<ErrorCode> = new Set(COUNTED_CODES);
/** Weight of the newest sample in the moving average of flight times. */
const NEWEST_WEIGHT = 0.1;

/** Admits and decides the ops of a rehearsed room, on both lanes. */
export class Till {
  readonly shelf: Shelf;
  readonly #host: BuyingHost;
  readonly #ops = new Map<string, KnownOp>();
  readonly #pending = new Map<string, PendingOp>();
  readonly #limits: RateLimits = new Map();
  #refusals = new Map<LaneId, Map<ErrorCode, number>>();
  #typicalFlightMs: number;
  /** Begins the new epoch once nothing is in flight; null while no reset is drawing its line. */
  #drained: (() => void) | null = null;
  /** The same for the end of the show; null while it goes on. */
  #settled: (() => void) | null = null;

  constructor(host: BuyingHost) {
    this.#host = host;
    const { sku, config } = host.books.opening;
    this.shelf = new Shelf(sku.capacity);
    this.#typicalFlightMs = 2 * config.raceWindowMs;
  }

  /** Ops in flight on each lane. */
  get inFlight(): ByLane<number> {
    return byLane(PAIR, (lane) => (lane === SHELF_LANE ? this.#pending.size : 0));
  }

  /** An op that was allocated, of whoever owns it; null when there is none. */
  known(op: string): KnownOp | null {
    return this.#ops.get(op) ?? null;
  }

  /**
   * Decides an op. `answer` is called at once, or when the lane that answers later has; in `both` a person hears before
   * that what the other one said.
   */
  buy(request: OpRequest, answer: (answer: OpAnswer) => void): void {
    const known = this.#pending.get(request.op) ?? this.#ops.get(request.op) ?? null;
    const admission = this.#admit(request, known);
    switch (admission.kind) {
      case 'refused':
        this.#refuse(request, admission.refusal);
        return answer({ kind: 'nack', op: request.op, refusal: admission.refusal });
      case 'duplicate':
        return answer(ackOf(admission.known));
      case 'admitted':
        return this.#carryOut(request, admission.mode, answer);
    }
  }

  /** Tells the refusals that nobody has been told of, one event for each lane. */
  tellRefusals(): void {
    const told = this.#refusals;
    this.#refusals = new Map();
    for (const [lane, codes] of told) {
      this.#host.books.tell({ kind: 'refused', body: { lane, counts: Object.fromEntries(codes) } });
    }
  }

  /** Draws the line of a reset: nothing new begins, nothing under way can write; `then` begins the epoch once all settled. */
  drain(then: () => void): void {
    this.shelf.fence();
    this.#drained = () => {
      this.#drained = null;
      this.tellRefusals();
      then();
      this.shelf.restart(this.#host.books.facts.epoch);
    };
    if (this.#pending.size === 0) this.#drained();
  }

  /** The show has ended: `then` is called once nothing is in flight any more, and the log says what that came to. */
  settle(then: () => void): void {
    if (this.#pending.size === 0) return then();
    this.#settled = () => {
      // Nothing else would tell what was refused since, and what it cost.
      this.tellRefusals();
      this.#host.books.tellCost();
      then();
    };
  }

  /** True while a reset waits for ops in flight. */
  get isDraining(): boolean {
    return this.#drained !== null;
  }

  #admit(request: OpRequest, known: KnownOp | null) {
    const { books, now } = this.#host;
    const { facts, opening } = books;
    return admit(request, {
      barred: null,
      ended: facts.closed !== null,
      known,
      epoch: facts.epoch,
      mode: facts.mode,
      resetting: this.isDraining,
      exceedsRealBudget: () => books.exceedsRealBudget(request.units, this.#unitsInFlight()),
      guardrailBlocks: facts.guardrail.tripped && opening.config.guardrailAction === 'block',
      waitForTokenMs: () => waitForToken(this.#limits, request.owner, now()),
      // One browser's worth of shoppers presses no room.
      waitForTurnMs: () => 0,
      answersLater: (mode) => lanesOf(mode).includes(SHELF_LANE),
      inFlight: this.#pending.size,
      opsKept: this.#ops.size,
      typicalFlightMs: this.#typicalFlightMs,
    });
  }

  #carryOut(request: OpRequest, mode: Mode, answer: (answer: OpAnswer) => void): void {
    const { books, now } = this.#host;
    const { op, owner, label, units, sim } = request;
    takeToken(this.#limits, owner, now());
    books.tapped(sim ? {} : MESSAGE);
    const lanes: LaneResults = {};
    for (const lane of lanesOf(mode)) {
      lanes[lane] =
        LANES[lane].answers === 'now' ? this.#decide(lane, request) : { status: 'pending', units };
    }
    const { epoch } = books.facts;
    const known: KnownOp = { op, owner, label, units, mode, epoch, admittedAtMs: now(), lanes };
    if (lanes[SHELF_LANE]) {
      books.countForTaps(PENDING);
      const pending = { ...known, sim, answer };
      this.#pending.set(op, pending);
      if (lanesIn(lanes).length > 1 && !sim) answer(ackOf(known));
      this.#shop(pending);
    } else {
      this.#keep(known);
      answer(ackOf(known));
    }
    this.#committed();
  }

  #decide(lane: LaneId, { op, label, units, sim }: OpRequest): LaneResult {
    const { books } = this.#host;
    const { acknowledged } = ofLane(books.facts.lanes, lane);
    if (!fits(acknowledged, books.opening.sku.capacity, units)) {
      return { status: 'refused', code: 'OUT_OF_STOCK', units };
    }
    const [allocated, ...rest] = draftsOfGrant(books.facts, lane, { op, who: label, units, sim });
    const { seq } = books.tell(allocated);
    for (const draft of rest) books.tell(draft);
    return { status: 'allocated', units, seq };
  }

  /** Read, look, pause. */
  #shop(pending: PendingOp): void {
    const { books, schedule, now } = this.#host;
    books.countForTaps(READING);
    const reading = this.shelf.read();
    if (!reading) return this.#settle(pending, { code: 'STALE_EPOCH' });
    if (!fits(reading.allocated, reading.capacity, pending.units)) {
      return this.#settle(pending, { code: 'OUT_OF_STOCK' });
    }
    const readAtMs = now();
    schedule.after(books.opening.config.raceWindowMs, () => this.#write(pending, reading, readAtMs));
  }

  /** Writes over whatever stands there by now. */
  #write(pending: PendingOp, reading: Reading, readAtMs: number): void {
    const { books, now } = this.#host;
    const { op, label: who, units, sim } = pending;
    books.countForTaps(WRITING);
    const row = this.shelf.write({
      op,
      who,
      units,
      parentVersion: reading.version,
      readAllocated: reading.allocated,
      wroteAllocated: blindWrite(reading, units),
    });
    if (!row) return this.#settle(pending, { code: 'STALE_EPOCH' });
    const times = { readAtMs, wroteAtMs: now() };
    let allocatedSeq = 0;
    for (const draft of draftsOfWrite(books.facts, SHELF_LANE, { op, who, units, sim }, row, times)) {
      const { seq } = books.tell(draft);
      if (draft.kind === 'allocated') allocatedSeq = seq;
      if (draft.kind === 'lost' || draft.kind === 'restored') this.#host.tellFate(draft.kind, draft.body);
    }
    this.#tellClaims(op);
    this.#settle(pending, { seq: allocatedSeq });
  }

  #settle(pending: PendingOp, outcome: { code: ErrorCode } | { seq: number }): void {
    const { op, units, lanes, admittedAtMs } = pending;
    const isDone = 'seq' in outcome;
    lanes[SHELF_LANE] = { status: isDone ? 'allocated' : 'refused', units, ...outcome };
    this.#pending.delete(op);
    this.#keep(pending);
    this.#typicalFlightMs += NEWEST_WEIGHT * (this.#host.now() - admittedAtMs - this.#typicalFlightMs);
    this.#committed();
    pending.answer(ackOf(pending));
    if (this.#pending.size > 0) return;
    this.#drained?.();
    this.#settled?.();
  }

  /** A refusal changed nothing and is not kept: the same op that comes again is decided anew. */
  #keep({ op, owner, label, units, mode, epoch, admittedAtMs, lanes }: KnownOp): void {
    for (const [lane, { status, code }] of lanesIn(lanes)) {
      if (status === 'refused' && code) this.#countRefusal(lane, code);
    }
    if (!Object.values(lanes).some(({ status }) => status === 'allocated')) return;
    this.#ops.set(op, { op, owner, label, units, mode, epoch, admittedAtMs, lanes });
  }

  #refuse(request: OpRequest, { code }: Refusal): void {
    if (code === 'REAL_BUDGET_EXCEEDED') this.#host.books.tellLock();
    if (!COUNTED.has(code)) return;
    const { mode } = this.#host.books.facts;
    for (const lane of lanesOf(request.mode ?? mode)) this.#countRefusal(lane, code);
    this.#host.changed();
  }

  #countRefusal(lane: LaneId, code: ErrorCode): void {
    const codes = this.#refusals.get(lane) ?? new Map<ErrorCode, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.#refusals.set(lane, codes);
  }

  #committed(): void {
    this.#host.books.countForTaps(COMMIT);
    this.#host.books.watchThreshold();
    this.#host.changed();
  }

  #tellClaims(op: string): void {
    const lane = ofLane(this.#host.books.facts.lanes, SHELF_LANE);
    const order = lane.byOp.get(op);
    if (!order || order.holders < 2) return;
    const holders = new Set<OrderFact>();
    for (let unit = order.firstUnit; unit < order.firstUnit + order.units; unit++) {
      for (const holder of lane.promisedTo.get(unit) ?? []) holders.add(holder);
    }
    this.#host.tellClaims(SHELF_LANE, [...holders]);
  }

  #unitsInFlight(): number {
    let units = 0;
    for (const pending of this.#pending.values()) units += pending.units;
    return units;
  }
}

/** The current answer to an op. */
function ackOf({ op, epoch, mode, lanes }: KnownOp): OpAnswer {
  return { kind: 'ack', op, epoch, mode, lanes: structuredClone(lanes) };
}
