/** A rehearsal room's books: its events in their chain, what they add up to, and what that would have cost. */
import type { EventDraft, RoomConfig, RoomEvent, Sku } from '#lib/domain/events.ts';
import { emptyFacts, oversellDelta } from '#lib/domain/facts.ts';
import type { Mode } from '#lib/domain/lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import {
  accountOf,
  exposureOf,
  ledgerLines,
  ledgerTotals,
  moneyRules,
  platformCost,
  pricesUsd,
  wouldExceed,
} from '#lib/domain/ledger.ts';
import type { Account, Ledger, LedgerTotals } from '#lib/domain/ledger.ts';
import { chainNext } from '#lib/domain/log.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import type { PicoUsd } from '#lib/domain/money.ts';
import { addCounts, PRICES_READ_ON } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { apply } from '#lib/domain/reduce.ts';
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

const OP_AT_MOST_PICO = platformCost(OP_AT_MOST);

/** See the module's comment. */
export class Books {
  readonly facts = emptyFacts();
  /** The log: the line of event `seq` at `seq − 1`. */
  readonly lines: string[] = [];
  readonly events: RoomEvent[] = [];
  readonly opening: Opening;
  readonly #rules: ReturnType<typeof moneyRules>;
  readonly #now: () => number;
  #meters: MeterCounts = {};
  #lastActiveMs: number;

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
        lanes: LANE_IDS,
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

  /** The room handled something: the time since it last did counts, unless it would have fallen asleep. */
  active(): void {
    const nowMs = this.#now();
    const activeMs = Math.min(Math.max(0, nowMs - this.#lastActiveMs), HIBERNATES_AFTER_MS);
    this.#lastActiveMs = nowMs;
    const totalMs = Math.round((this.#meters['do.activeSecond'] ?? 0) * 1_000) + activeMs;
    if (totalMs > 0) this.#meters['do.activeSecond'] = totalMs / 1_000;
  }

  /** The ledger's totals; `locked` from the first charge that was refused. */
  ledger(): LedgerTotals {
    const totals = ledgerTotals(this.opening.config, this.#account());
    return { ...totals, locked: totals.locked || this.facts.lockTold };
  }

  fullLedger(): Ledger {
    return { ...this.ledger(), lines: ledgerLines(this.#meters) };
  }

  /** True when one more op of so many units, after all that are in flight, could bring the real cost above its limit. */
  exceedsRealBudget(units: number, unitsInFlight: number): boolean {
    const { capacity, unitPrice } = this.opening.sku;
    const { acknowledged } = this.facts.lanes.eventual;
    const worst = Math.max(0, acknowledged + unitsInFlight + units - capacity);
    const exposure = exposureOf(Math.max(0, worst - this.#oversold()), unitPrice);
    return wouldExceed(
      this.#rules,
      this.#account(),
      { platform: OP_AT_MOST_PICO, exposure },
      this.#carried(),
    );
  }

  /** Trips the guardrail when the virtual cost has first reached its threshold. */
  watchThreshold(): void {
    const { tripped, crossed } = this.facts.guardrail;
    if (tripped || crossed || this.facts.closed) return;
    const { virtual } = this.#account();
    if (virtual < this.#rules.threshold) return;
    const virtualUsd = usdFromPico(virtual);
    this.tell({ kind: 'guardrail', body: { state: 'tripped', by: 'threshold', virtualUsd } });
  }

  /** Tells what the room would cost by now, if that has changed since it was last told. */
  tellCost(): void {
    if (this.facts.closed) return;
    this.watchThreshold();
    const ledger = this.ledger();
    if (this.facts.cost?.virtualUsd !== ledger.virtualUsd) this.tell({ kind: 'cost', body: ledger });
  }

  /** Tells once an epoch that the lock has refused a charge. */
  tellLock(): void {
    if (this.facts.lockTold) return;
    const { virtualUsd, realUsd, limitUsd } = this.ledger();
    this.tell({ kind: 'locked', body: { virtualUsd, realUsd, limitUsd } });
  }

  /** A new epoch begins with a ledger at zero; what would really have been billed is carried over. */
  restart(by: string): void {
    const realCarriedUsd = usdFromPico(this.#account().real);
    const fromEpoch = this.facts.epoch;
    this.tell({ kind: 'reset', body: { by, fromEpoch, toEpoch: fromEpoch + 1, realCarriedUsd } });
    this.#meters = {};
  }

  #account(): Account {
    const exposure = exposureOf(this.#oversold(), this.opening.sku.unitPrice);
    return accountOf(this.#rules, platformCost(this.#meters), exposure, this.#carried());
  }

  #carried(): PicoUsd {
    return picoFromUsd(this.facts.realCarriedUsd);
  }

  #oversold(): number {
    const { capacity } = this.opening.sku;
    return LANE_IDS.reduce((sum, lane) => sum + oversellDelta(this.facts.lanes[lane], capacity), 0);
  }
}
