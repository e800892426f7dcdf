/**
 * The audit's own arithmetic of the money: what the ledger, the guardrail and the lock tell, held against amounts worked
 * out again from units and prices. Amounts above $8,192 have no exact form as decimal USD to the pico-USD; platform cost,
 * from which the others are worked out, stays thousands of times below that.
 */
import { deltaOf } from './audit-books.ts';
import type { Books } from './audit-books.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import { assert } from './assert.ts';
import type { EventBodies, EventOf, RoomEvent } from './events.ts';
import { LANE_IDS } from './lane.ts';
import type { LedgerTotals } from './ledger.ts';
import { picoFromUsd, PICO_PER_CENT, toDecimal, usdFromPico } from './money.ts';

/** Holds guardrail, ledger and lock to their rules. */
export class MoneyAuditor {
  #costs = 0;
  #trips = 0;
  #crossings = 0;
  /** Of this epoch: whether a crossing was told, and the lock. */
  #crossed = false;
  #lockTold = false;
  /** Of all epochs: refusals are told with the commit after them, which may be the next epoch's first. */
  #lockEverTold = false;
  #lockedOut = '';
  /** The cost at or above the threshold whose crossing has yet to be told: by the same commit, so at the same time. */
  #untold: { what: string; atMs: number } | null = null;
  #carried = 0n;
  #told = 0;
  #most = 0;
  #newest: LedgerTotals | null = null;

  /** Takes an event that has been entered in the books. */
  take(event: RoomEvent, books: Books, findings: Findings): void {
    if (this.#untold?.atMs !== event.atMs || event.kind === 'reset') this.#settleCrossing(findings);
    if (event.kind === 'guardrail') this.#guardrail(event, books, findings);
    if (event.kind === 'cost') {
      this.#costs += 1;
      this.#crossing(event, books);
      this.ledger(event.body, `event ${event.seq}`, books, findings);
    }
    if (event.kind === 'locked') this.#locked(event.seq, event.body, books, findings);
    if (event.kind === 'refused' && event.body.counts.REAL_BUDGET_EXCEEDED) {
      this.#lockedOut ||= `event ${event.seq}`;
    }
    if (event.kind === 'reset') this.#reset(event, books, findings);
  }

  /** Holds one ledger, told by an event or shown in a state, to the money rules. */
  ledger(told: LedgerTotals, where: string, books: Books, findings: Findings): void {
    if (!books.opened) return;
    const { config, sku } = books.opened;
    const platform = picoFromUsd(told.platformUsd);
    let exposure = 0n;
    for (const lane of LANE_IDS) exposure += BigInt(deltaOf(books, lane)) * picoFromUsd(sku.unitPrice);
    const virtual = times(platform, config.virtualLoadFactor) + exposure;
    const limit = picoFromUsd(config.demoCostLimit);
    const due = this.#carried + cents(times(virtual, config.billingScale));
    const held = cents(limit) > this.#carried ? cents(limit) : this.#carried;
    const real = due > limit ? held : due;

    const same = (line: 'exposure' | 'virtual' | 'real', usd: number, pico: bigint) => {
      if (usd !== usdFromPico(pico))
        findings[line].wrong(`${where}: $${usd}, worked out $${usdFromPico(pico)}`);
    };
    same('exposure', told.exposureUsd, exposure);
    same('virtual', told.virtualUsd, virtual);
    same('real', told.realUsd, real);
    if (told.loadFactor !== config.virtualLoadFactor)
      findings.virtual.wrong(`${where}: factor ${told.loadFactor}`);
    if (told.billingScale !== config.billingScale)
      findings.real.wrong(`${where}: scale ${told.billingScale}`);
    if (told.limitUsd !== config.demoCostLimit) findings.limit.wrong(`${where}: limit $${told.limitUsd}`);
    if (told.realUsd > config.demoCostLimit) {
      findings.limit.wrong(`${where}: $${told.realUsd} of $${config.demoCostLimit}`);
    }
    if (due > limit && !told.locked) findings.lock.wrong(`${where}: $${usdFromPico(due)} due and not locked`);
    if (told.realUsd > 0 && config.demoCostLimit === 0)
      findings.lock.wrong(`${where}: $${told.realUsd} spent`);
    this.#told = Math.max(this.#told, told.realUsd);
    this.#most = Math.max(this.#most, told.realUsd);
    this.#newest = told;
  }

  /** Nothing more will be told: writes the figures down. */
  finish(books: Books, findings: Findings): void {
    if (this.#lockedOut && !this.#lockEverTold) {
      findings.lock.wrong(`${this.#lockedOut} refuses by a lock that no event told of`);
      // Said once, however often the audit is looked at.
      this.#lockedOut = '';
    }
    this.#settleCrossing(findings);
    const costs = count(this.#costs, 'cost event');
    findings.trips.figure = count(this.#trips, 'threshold trip');
    findings.crossings.figure = `${count(this.#crossings, 'crossing')} in ${costs}`;
    findings.exposure.figure = `$${this.#newest?.exposureUsd ?? 0} (${costs})`;
    findings.virtual.figure = `$${this.#newest?.virtualUsd ?? 0} (${costs})`;
    findings.real.figure = `$${this.#newest?.realUsd ?? 0} (${costs})`;
    findings.limit.figure = `at most $${this.#most} of $${books.opened?.config.demoCostLimit ?? 0}`;
    findings.lock.figure = `$${this.#most}, lock ${this.#lockEverTold ? 'engaged' : 'not engaged'}`;
  }

  #guardrail(event: EventOf<'guardrail'>, books: Books, findings: Findings): void {
    const { state, by, virtualUsd } = event.body;
    const threshold = books.opened?.config.virtualCostThreshold ?? Infinity;
    if (by === 'threshold') {
      this.#trips += 1;
      if (state === 'cleared') findings.trips.wrong(`event ${event.seq}: the threshold cleared it`);
      if (virtualUsd < threshold) findings.trips.wrong(`event ${event.seq}: $${virtualUsd} of $${threshold}`);
      if (this.#crossed) findings.trips.wrong(`event ${event.seq}: the crossing was told before`);
    }
    if (virtualUsd < threshold || this.#crossed) return;
    this.#crossed = true;
    this.#untold = null;
    this.#crossings += 1;
  }

  #crossing(event: EventOf<'cost'>, books: Books): void {
    const threshold = books.opened?.config.virtualCostThreshold ?? Infinity;
    if (event.body.virtualUsd < threshold || this.#crossed || books.tripped) return;
    const what = `event ${event.seq}: $${event.body.virtualUsd} of $${threshold}`;
    this.#untold ??= { what, atMs: event.atMs };
  }

  #settleCrossing(findings: Findings): void {
    if (this.#untold) findings.crossings.wrong(this.#untold.what);
    this.#untold = null;
  }

  #locked(seq: number, body: EventBodies['locked'], books: Books, findings: Findings): void {
    const limit = books.opened?.config.demoCostLimit ?? 0;
    if (this.#lockTold) findings.lock.wrong(`event ${seq} engages the lock a second time`);
    if (body.limitUsd !== limit) findings.limit.wrong(`event ${seq}: limit $${body.limitUsd}`);
    this.#lockTold = true;
    this.#lockEverTold = true;
  }

  #reset(event: EventOf<'reset'>, books: Books, findings: Findings): void {
    const { realCarriedUsd } = event.body;
    const limit = books.opened?.config.demoCostLimit ?? 0;
    if (realCarriedUsd < this.#told) {
      findings.real.wrong(
        `event ${event.seq} carries $${realCarriedUsd} of the $${this.#told} that were told`,
      );
    }
    if (realCarriedUsd > limit)
      findings.limit.wrong(`event ${event.seq} carries $${realCarriedUsd} of $${limit}`);
    this.#carried = picoFromUsd(realCarriedUsd);
    this.#told = realCarriedUsd;
    this.#most = Math.max(this.#most, realCarriedUsd);
    this.#newest = null;
    this.#crossed = false;
    this.#lockTold = false;
  }
}

function cents(pico: bigint): bigint {
  return pico - (pico % PICO_PER_CENT);
}

function times(pico: bigint, factor: number): bigint {
  const decimal = toDecimal(factor);
  assert(decimal, 'a factor that passed the form of its event is a decimal');
  return (pico * decimal.digits) / 10n ** BigInt(decimal.places);
}
