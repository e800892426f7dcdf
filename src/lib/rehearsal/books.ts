/** A rehearsal room's books: its events in their chain, what they add up to, and what that would have cost. */
import type { EventDraft, RoomConfig, RoomEvent, Sku } from '#lib/domain/events.ts';
import { emptyFacts, mostOversoldUnits, oversoldUnits } from '#lib/domain/facts.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import {
  accountOf,
  exposureOf,
  ledgerLines,
  ledgerTotals,
  listCost,
  moneyRules,
  pricesUsd,
  wouldExceed,
} from '#lib/domain/ledger.ts';
import type { Account, Ledger, LedgerTotals } from '#lib/domain/ledger.ts';
import { chainNext } from '#lib/domain/log.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import type { PicoUsd } from '#lib/domain/money.ts';
import { addCounts, movedCounts, PRICES_READ_ON } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { apply } from '#lib/domain/reduce.ts';
import { toldLedger } from '#lib/domain/view.ts';
import { roomName } from '#lib/protocol/paths.ts';
import { HIBERNATES_AFTER_MS, OP_AT_MOST } from './metered.ts';
import { sha256Hex } from './sha256.ts';

/** What a room of a rehearsal is opened with. */
export interface Opening {
  show: string;
  sku: Sku;
  mode: Mode;
  step: number;
  config: RoomConfig;
}

const OP_AT_MOST_PICO = listCost(OP_AT_MOST);

/** Events, facts and ledger of a rehearsed room. */
export class Books {
  readonly facts = emptyFacts();
  /** The log: the line of event `seq` at `seq − 1`. */
  readonly lines: string[] = [];
  readonly events: RoomEvent[] = [];
  readonly opening: Opening;
  readonly #rules: ReturnType<typeof moneyRules>;
  readonly #now: () => number;
  #meters: MeterCounts = {};
  /** Those of the meters that taps caused. */
  #taps: MeterCounts = {};
  #lastActiveMs: number;
  /** True while what happened last was a tap: it is what keeps the room awake until the next thing. */
  #awakeForTap = false;

  /** @param now Unix milliseconds, whole */
  constructor(opening: Opening, now: () => number) {
    this.opening = opening;
    this.#rules = moneyRules(opening.config);
    this.#now = now;
    this.#lastActiveMs = now();
    const { show, sku, mode, step, config } = opening;
    this.tell({
      kind: 'opened',
      body: {
        room: roomName(show, sku.id),
        show,
        sku,
        mode,
        step,
        lanes: PAIR,
        config,
        prices: pricesUsd(),
        pricesReadOn: PRICES_READ_ON,
      },
    });
  }

  /** Numbers, chains and applies an event. */
  tell(draft: EventDraft): RoomEvent {
    const { event, json } = chainNext(this.facts, draft, this.#now(), sha256Hex);
    apply(this.facts, event);
    this.lines.push(json);
    this.events.push(event);
    return event;
  }

  /** Counts what would have been metered. */
  count(counts: MeterCounts): void {
    addCounts(this.#meters, counts);
  }

  /** Counts what taps would have caused. */
  countForTaps(counts: MeterCounts): void {
    addCounts(this.#meters, counts);
    addCounts(this.#taps, counts);
  }

  /** Moves the cost of a tap's arrival, `counted`, to taps, once the tap is admitted. */
  tapped(counted: MeterCounts): void {
    addCounts(this.#taps, counted);
    this.#awakeForTap = true;
  }

  /** The room handled something: the time since it last did counts, unless it would have fallen asleep. */
  active(): void {
    const nowMs = this.#now();
    const activeMs = Math.min(Math.max(0, nowMs - this.#lastActiveMs), HIBERNATES_AFTER_MS);
    this.#lastActiveMs = nowMs;
    for (const counts of this.#awakeForTap ? [this.#meters, this.#taps] : [this.#meters]) {
      const totalMs = Math.round((counts['do.activeSecond'] ?? 0) * 1_000) + activeMs;
      if (totalMs > 0) counts['do.activeSecond'] = totalMs / 1_000;
    }
    this.#awakeForTap = false;
  }

  /** The ledger with its lines: as the meters stand, as it was told once the show is over. */
  fullLedger(): Ledger {
    const { cost, closed } = this.facts;
    if (closed && cost?.meters) return { ...toldLedger(this.facts), lines: ledgerLines(cost.meters) };
    return { ...this.#ledger(), lines: ledgerLines(this.#meters) };
  }

  /** True when one more op of so many units, after all that are in flight, could bring the real cost above its limit. */
  exceedsRealBudget(units: number, unitsInFlight: number): boolean {
    const { capacity, unitPrice } = this.opening.sku;
    const worst = mostOversoldUnits(this.facts, capacity, unitsInFlight + units);
    const exposure = exposureOf(Math.max(0, worst - oversoldUnits(this.facts, capacity)), unitPrice);
    return wouldExceed(this.#rules, this.#account(), { taps: OP_AT_MOST_PICO, exposure }, this.#carried());
  }

  /** Trips the guardrail when the virtual cost has first reached its threshold. */
  watchThreshold(): void {
    const { tripped, crossed } = this.facts.guardrail;
    if (tripped || crossed || this.facts.closed) return;
    const { virtual } = this.#account();
    if (virtual < this.#rules.threshold) return;
    const virtualUsd = usdFromPico(virtual);
    this.tell({ kind: 'guardrail', body: { state: 'tripped', by: 'threshold', virtualUsd } });
    this.#tellLedger();
  }

  /** What the room stands for by now, decimal USD. */
  get virtualUsd(): number {
    return usdFromPico(this.#account().virtual);
  }

  /** Tells what the room would cost by now, if that has changed since it was last told. */
  tellCost(): void {
    this.watchThreshold();
    this.#tellLedger();
  }

  /** Tells once an epoch that the lock has refused a charge. */
  tellLock(): void {
    if (this.facts.lockTold) return;
    const { virtualUsd, realUsd, limitUsd } = this.#ledger();
    this.tell({ kind: 'locked', body: { virtualUsd, realUsd, limitUsd } });
  }

  /** A new epoch begins with a ledger at zero; what would really have been billed is carried over. */
  restart(by: string): void {
    const realCarriedUsd = usdFromPico(this.#account().real);
    const fromEpoch = this.facts.epoch;
    this.tell({ kind: 'reset', body: { by, fromEpoch, toEpoch: fromEpoch + 1, realCarriedUsd } });
    this.#meters = {};
    this.#taps = {};
  }

  #tellLedger(): void {
    const ledger = this.#ledger();
    const told = toldLedger(this.facts);
    const moved = (['platformUsd', 'tapsUsd', 'exposureUsd'] as const).some(
      (sum) => told[sum] !== ledger[sum],
    );
    if (!moved) return;
    const body = { ...ledger, meters: movedCounts(this.#meters), taps: movedCounts(this.#taps) };
    this.tell({ kind: 'cost', body });
  }

  /** `locked` from the first charge that was refused. */
  #ledger(): LedgerTotals & { tapsUsd: number } {
    const totals = ledgerTotals(this.opening.config, listCost(this.#meters), this.#account());
    return { ...totals, locked: totals.locked || this.facts.lockTold };
  }

  #account(): Account {
    const { capacity, unitPrice } = this.opening.sku;
    const exposure = exposureOf(oversoldUnits(this.facts, capacity), unitPrice);
    return accountOf(this.#rules, listCost(this.#taps), exposure, this.#carried());
  }

  #carried(): PicoUsd {
    return picoFromUsd(this.facts.realCarriedUsd);
  }
}
