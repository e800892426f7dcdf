/** The money of a generated show: meters that turn, and the account and ledger that they come to. */
import type { CostBody, RoomConfig, Sku } from '#lib/domain/events.ts';
import { oversellDelta } from '#lib/domain/facts.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import {
  accountOf,
  exposureOf,
  ledgerTotals,
  listCost,
  moneyRules,
  wouldExceed,
} from '#lib/domain/ledger.ts';
import type { Account, MoneyRules } from '#lib/domain/ledger.ts';
import { picoFromUsd } from '#lib/domain/money.ts';
import { addCounts, movedCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';

const OP_COST: MeterCounts = {
  'worker.request': 1,
  'do.messageIn': 1,
  'do.rowWritten': 3,
  'd1.rowWritten': 2,
};

const LOOK_COST: MeterCounts = { 'worker.request': 1, 'do.request': 1, 'do.activeSecond': 0.25 };

/** Meters what happens, and tells the ledger as a room does, by the configuration's rules. */
export class Till {
  readonly rules: MoneyRules;
  readonly #config: RoomConfig;
  readonly #sku: Sku;
  readonly #facts: RoomFacts;
  #meters: MeterCounts = {};
  #taps: MeterCounts = {};

  constructor(config: RoomConfig, sku: Sku, facts: RoomFacts) {
    this.rules = moneyRules(config);
    this.#config = config;
    this.#sku = sku;
    this.#facts = facts;
  }

  /** Meters one op, and somebody who only looks. */
  charge(): void {
    addCounts(this.#meters, OP_COST);
    addCounts(this.#taps, OP_COST);
    addCounts(this.#meters, LOOK_COST);
  }

  /** A new epoch starts at nothing. */
  reset(): void {
    this.#meters = {};
    this.#taps = {};
  }

  /** True when one more op could bring the real cost above its limit. */
  exceeds(units: number): boolean {
    const extra = { taps: listCost(OP_COST), exposure: exposureOf(units, this.#sku.unitPrice) };
    return wouldExceed(this.rules, this.account(), extra, picoFromUsd(this.#facts.realCarriedUsd));
  }

  account(): Account {
    const units = PAIR.reduce(
      (sum, lane) => sum + oversellDelta(ofLane(this.#facts.lanes, lane), this.#sku.capacity),
      0,
    );
    const exposure = exposureOf(units, this.#sku.unitPrice);
    const carried = picoFromUsd(this.#facts.realCarriedUsd);
    return accountOf(this.rules, listCost(this.#taps), exposure, carried);
  }

  ledger(): CostBody {
    const totals = ledgerTotals(this.#config, listCost(this.#meters), this.account());
    const locked = totals.locked || this.#facts.lockTold;
    return { ...totals, locked, meters: movedCounts(this.#meters), taps: movedCounts(this.#taps) };
  }
}
