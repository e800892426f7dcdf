/**
 * A generated show: a small room in memory that admits, decides, tells and counts with the domain's own functions, beside
 * a database that is nothing but a row and a list. Both lanes, resets, guardrail, lock and drills, from one seed.
 */
import { admit, MAX_IN_FLIGHT } from '#lib/domain/admission.ts';
import type { ClientHistory, D1Epoch } from '#lib/domain/audit-claims.ts';
import type { ErrorCode } from '#lib/domain/codes.ts';
import type { RoomConfig, RoomEvent, Sku } from '#lib/domain/events.ts';
import { emptyHistogram } from '#lib/domain/histogram.ts';
import { modesOf } from '#lib/domain/by-lane.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { usdFromPico } from '#lib/domain/money.ts';
import type { OpRequest } from '#lib/domain/op.ts';
import { takeToken, waitForToken } from '#lib/domain/rate.ts';
import type { RateLimits } from '#lib/domain/rate.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import { draftsOfGrant, draftsOfWrite } from '#lib/domain/settle.ts';
import { fits } from '#lib/domain/write.ts';
import type { Reading } from '#lib/domain/write.ts';
import { roomState, toldLedger } from '#lib/domain/view.ts';
import { Database } from './database.ts';
import { DEFAULT_CONFIG, Log, openedBody, SKU } from './room-facts.ts';
import { opNo } from './op.ts';
import { Random } from './random.ts';
import { Till } from './till.ts';

/** What a show is generated from. */
export interface ShowPlan {
  seed: number;
  /** Things that happen: taps, arrivals, writes, resets and the presenter's acts. */
  steps: number;
  sku?: Partial<Sku>;
  config?: Partial<RoomConfig>;
  /** Resets happen once in so many steps; 0 for never. */
  resetEvery?: number;
  /** The mode in which the room starts. */
  mode?: Mode;
}

/** A show that was played, with everything that an audit can be given. */
export interface Show {
  events: RoomEvent[];
  state: RoomState;
  d1Orders: D1Epoch[];
  histories: ClientHistory[];
}

const MODES = modesOf(PAIR);

interface Waiting {
  request: OpRequest;
  sentAtOrder: number;
  /** What the eventual lane read; null while the op is on its way to the room. */
  reading: Reading | null;
}

/** Plays a show to its end; nothing is in flight then. */
export function playShow(plan: ShowPlan): Show {
  return new Stage(plan).play();
}

class Stage {
  readonly #plan: ShowPlan;
  readonly #random: Random;
  readonly #log: Log;
  readonly #config: RoomConfig;
  readonly #sku: Sku;
  readonly #till: Till;
  readonly #database: Database;
  readonly #limits: RateLimits = new Map();
  readonly #refused = new Map<LaneId, Map<ErrorCode, number>>();
  readonly #histories: ClientHistory[] = [];
  #arriving: Waiting[] = [];
  #reading: Waiting[] = [];
  #clock = 0;
  #ops = 0;

  constructor(plan: ShowPlan) {
    this.#plan = plan;
    this.#random = new Random(plan.seed);
    this.#config = { ...DEFAULT_CONFIG, ...plan.config };
    this.#sku = { ...SKU, ...plan.sku };
    this.#log = new Log({
      ...openedBody(this.#sku, this.#config),
      mode: plan.mode ?? this.#random.of(MODES),
    });
    this.#till = new Till(this.#config, this.#sku, this.#log.facts);
    this.#database = new Database(this.#sku.capacity);
  }

  play(): Show {
    for (let step = 0; step < this.#plan.steps; step++) this.#step();
    this.#arriving = [];
    while (this.#reading.length > 0) {
      this.#log.tick();
      this.#write();
      this.#watchThreshold();
    }
    this.#log.tick();
    this.#tellCost();
    if (this.#random.oneIn(2)) this.#log.tell({ kind: 'closed', body: { by: 'presenter' } });
    return {
      events: this.#log.events,
      state: this.#state(),
      d1Orders: this.#database.epochs,
      histories: this.#histories,
    };
  }

  #step(): void {
    const { resetEvery = 200 } = this.#plan;
    this.#log.tick();
    if (resetEvery > 0 && this.#random.oneIn(resetEvery)) this.#reset();
    else if (this.#random.oneIn(40)) this.#act();
    else this.#random.of([() => this.#tap(), () => this.#tap(), () => this.#arrive(), () => this.#write()])();
    if (this.#random.oneIn(3)) this.#tellRefusals();
    if (this.#random.oneIn(10)) this.#tellCost();
    this.#watchThreshold();
  }

  #tap(): void {
    const who = `guest-${this.#random.between(1, 9)}`;
    this.#ops += 1;
    const request: OpRequest = {
      op: opNo(this.#ops),
      owner: who,
      label: who,
      role: 'participant',
      units: this.#random.oneIn(3) ? this.#random.between(2, 5) : 1,
      epoch: this.#log.facts.epoch,
      mode: this.#random.oneIn(2) ? null : this.#log.facts.mode,
      sim: this.#random.oneIn(4),
    };
    this.#arriving.push({ request, sentAtOrder: this.#clock++, reading: null });
  }

  /** The room decides on one of the ops that are on their way, in whatever order they come. */
  #arrive(): void {
    const waiting = this.#random.takeFrom(this.#arriving);
    if (!waiting) return;
    const { request } = waiting;
    const { facts, nowMs } = this.#log;
    const admission = admit(request, {
      barred: null,
      ended: false,
      known: null,
      epoch: facts.epoch,
      mode: facts.mode,
      lanes: PAIR,
      resetting: false,
      waitForGoMs: 0,
      exceedsRealBudget: () => this.#till.exceeds(request.units),
      guardrailBlocks: facts.guardrail.tripped && this.#config.guardrailAction === 'block',
      waitForTokenMs: () => waitForToken(this.#limits, request.owner, nowMs),
      waitForTurnMs: () => 0,
      isFull: () => this.#reading.length >= MAX_IN_FLIGHT,
      opsKept: this.#ops,
      typicalFlightMs: 120,
    });
    if (admission.kind === 'refused') return this.#refuse(request, admission.refusal.code);
    if (admission.kind === 'duplicate') return;
    takeToken(this.#limits, request.owner, nowMs);
    this.#till.charge();
    for (const lane of lanesOf(admission.mode, PAIR)) {
      if (lane === 'eventual') this.#reading.push({ ...waiting, reading: this.#database.read() });
      else this.#grant(waiting);
    }
  }

  #grant(waiting: Waiting): void {
    const { request } = waiting;
    const { facts } = this.#log;
    const { acknowledged } = ofLane(facts.lanes, 'safe');
    if (!fits(acknowledged, this.#sku.capacity, request.units)) return this.#count('safe', 'OUT_OF_STOCK');
    for (const draft of draftsOfGrant(facts, 'safe', buyerOf(request))) this.#log.tellNow(draft);
    this.#answer(waiting, 'safe', this.#log.facts.seq);
  }

  /** One of the shoppers comes back from the pause and writes blindly. */
  #write(): void {
    const waiting = this.#random.takeFrom(this.#reading);
    if (!waiting?.reading) return;
    const { request, reading } = waiting;
    if (!fits(reading.allocated, reading.capacity, request.units))
      return this.#count('eventual', 'OUT_OF_STOCK');
    const order = this.#database.write(reading, buyerOf(request));
    const times = { readAtMs: this.#log.nowMs - 100, wroteAtMs: this.#log.nowMs };
    const drafts = draftsOfWrite(this.#log.facts, 'eventual', buyerOf(request), order, times);
    const seq = this.#log.facts.seq + 1;
    for (const draft of drafts) this.#log.tellNow(draft);
    this.#answer(waiting, 'eventual', seq);
  }

  #answer({ request, sentAtOrder }: Waiting, lane: LaneId, seq: number): void {
    const { op, units } = request;
    this.#histories.push({ op, lane, seq, units, sentAtOrder, answeredAtOrder: this.#clock++ });
  }

  #refuse(request: OpRequest, code: ErrorCode): void {
    if (code === 'REAL_BUDGET_EXCEEDED' && !this.#log.facts.lockTold) {
      const { virtualUsd, realUsd, limitUsd } = this.#till.ledger();
      this.#log.tellNow({ kind: 'locked', body: { virtualUsd, realUsd, limitUsd } });
    }
    for (const lane of lanesOf(request.mode ?? this.#log.facts.mode, PAIR)) this.#count(lane, code);
  }

  #count(lane: LaneId, code: ErrorCode): void {
    const codes = this.#refused.get(lane) ?? new Map<ErrorCode, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.#refused.set(lane, codes);
  }

  #act(): void {
    const by = 'presenter';
    const virtualUsd = usdFromPico(this.#till.account().virtual);
    this.#watchThreshold();
    const { tripped } = this.#log.facts.guardrail;
    const acts = [
      () => this.#log.tellNow({ kind: 'mode', body: { mode: this.#random.of(MODES), by } }),
      () => this.#log.tellNow({ kind: 'step', body: { step: this.#random.between(1, 6), by } }),
      () => this.#log.tellNow({ kind: 'drill', body: { kind: 'drop', by, sockets: 3, wakes: 1 } }),
      () =>
        this.#log.tellNow({
          kind: 'guardrail',
          body: { state: tripped ? 'cleared' : 'tripped', by: 'presenter', virtualUsd },
        }),
    ];
    this.#random.of(acts)();
  }

  /** A barrier: shoppers that have not written yet never will. */
  #reset(): void {
    this.#tellRefusals();
    const { facts } = this.#log;
    const realCarriedUsd = usdFromPico(this.#till.account().real);
    const body = { by: 'presenter', fromEpoch: facts.epoch, toEpoch: facts.epoch + 1, realCarriedUsd };
    this.#log.tellNow({ kind: 'reset', body });
    this.#till.reset();
    this.#reading = [];
    this.#database.startEpoch(facts.epoch);
  }

  #tellRefusals(): void {
    for (const [lane, codes] of this.#refused) {
      this.#log.tellNow({ kind: 'refused', body: { lane, counts: Object.fromEntries(codes) } });
    }
    this.#refused.clear();
  }

  /** The last word of a turn, and the word before each cost. */
  #watchThreshold(): void {
    const { guardrail } = this.#log.facts;
    const { virtual } = this.#till.account();
    if (guardrail.tripped || guardrail.crossed || virtual < this.#till.rules.threshold) return;
    const virtualUsd = usdFromPico(virtual);
    this.#log.tellNow({ kind: 'guardrail', body: { state: 'tripped', by: 'threshold', virtualUsd } });
  }

  #tellCost(): void {
    this.#tellRefusals();
    this.#watchThreshold();
    const ledger = this.#till.ledger();
    if (this.#log.facts.cost?.platformUsd !== ledger.platformUsd)
      this.#log.tellNow({ kind: 'cost', body: ledger });
  }

  #state(): RoomState {
    return roomState(this.#log.facts, {
      people: { phones: 9, stages: 1, practice: 0 },
      nowMs: 0,
      inFlight: { safe: 0, eventual: 0 },
      latency: { safe: emptyHistogram(), eventual: emptyHistogram() },
      ledger: toldLedger(this.#log.facts),
      closesAt: this.#log.nowMs + 1_200_000,
      own: 'REAL ENGINE',
    });
  }
}

function buyerOf({ op, label, units, sim }: OpRequest): {
  op: string;
  who: string;
  units: number;
  sim: boolean;
} {
  return { op, who: label, units, sim };
}
