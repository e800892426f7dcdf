/** The room's account: the cost of taps and exposure, the lock, the guardrail, and the events that tell them. */
import type { RoomConfig } from '#lib/domain/events.ts';
import { mostOversoldUnits, oversoldUnits } from '#lib/domain/facts.ts';
import {
  accountOf,
  exposureOf,
  isFarFromCent,
  ledgerLines,
  ledgerTotals,
  listCost,
  roughCost,
  wouldExceed,
} from '#lib/domain/ledger.ts';
import type { Account, Ledger, LedgerTotals } from '#lib/domain/ledger.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import type { PicoUsd } from '#lib/domain/money.ts';
import { movedCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { toldLedger } from '#lib/domain/view.ts';
import type { RoomMemory } from './memory.ts';
import type { Transaction } from './transaction.ts';

/** The room's part of every answer's `meta`. */
export interface RoomMeta {
  guardrailTriggered: boolean;
  /** Decimal USD. */
  virtualCosts: number;
  ledger: Ledger;
}

/**
 * The most that one op can cost the platform, which is when it is alone in its commits: its message, its pending row and that
 * row's removal, a row of the log, the gauges of both commits; in D1 the rows of stock and order.
 */
const OP_CHARGE: MeterCounts = {
  'do.messageIn': 1,
  'do.rowRead': 2,
  'do.rowWritten': 5,
  'd1.rowRead': 2,
  'd1.rowWritten': 2,
};
const OP_CHARGE_PICO = listCost(OP_CHARGE);
const OP_CHARGE_ROUGH = roughCost(OP_CHARGE);

/** The account as it stands. */
export function roomAccount(memory: RoomMemory): Account {
  return accountOf(
    memory.rules,
    listCost(memory.meters.taps),
    exposure(memory),
    picoFromUsd(memory.facts.realCarriedUsd),
  );
}

/** True when admitting one more op of so many units could bring the real cost above its limit. */
export function exceedsRealBudget(memory: RoomMemory, units: number): boolean {
  const { config, sku } = memory.opening;
  const worst = mostOversoldWith(memory, units);
  const taps = roughCost(memory.meters.taps) + OP_CHARGE_ROUGH;
  const isWithin = memory.facts.realCarriedUsd <= config.demoCostLimit;
  if (isWithin && isFarFromCent(config, taps, worst * sku.unitPrice)) return false;
  const more = Math.max(0, worst - oversoldUnits(memory.facts, sku.capacity));
  const extra = { taps: OP_CHARGE_PICO, exposure: exposureOf(more, sku.unitPrice) };
  return wouldExceed(memory.rules, roomAccount(memory), extra, picoFromUsd(memory.facts.realCarriedUsd));
}

/**
 * The ledger with its lines, as HTTP answers it: as the meters stand while the show goes on, as it was told once it is
 * over.
 */
export function fullLedger(memory: RoomMemory): Ledger {
  const { cost, closed } = memory.facts;
  if (closed && cost?.meters) return { ...toldLedger(memory.facts), lines: ledgerLines(cost.meters) };
  return { ...freshLedger(memory), lines: ledgerLines(memory.meters.counts) };
}

/** The ledger as the meters stand: `locked` from the first charge that was refused. */
function freshLedger(memory: RoomMemory): LedgerTotals & { tapsUsd: number } {
  const totals = ledgerTotals(memory.opening.config, listCost(memory.meters.counts), roomAccount(memory));
  return { ...totals, locked: totals.locked || memory.facts.lockTold };
}

/** The room's part of an answer's `meta`. */
export function roomMeta(memory: RoomMemory): RoomMeta {
  const ledger = fullLedger(memory);
  return { guardrailTriggered: memory.facts.guardrail.tripped, virtualCosts: ledger.virtualUsd, ledger };
}

/** The same where no room is concerned: nothing was spent, by the rules that are configured. */
export function metaOfNoRoom(
  rules: Pick<RoomConfig, 'demoCostLimit' | 'billingScale' | 'virtualLoadFactor'>,
): RoomMeta {
  const nothing = { virtualUsd: 0, platformUsd: 0, tapsUsd: 0, exposureUsd: 0, realUsd: 0 };
  const { demoCostLimit: limitUsd, billingScale, virtualLoadFactor: loadFactor } = rules;
  const ledger = { ...nothing, limitUsd, billingScale, loadFactor, locked: false, lines: [] };
  return { guardrailTriggered: false, virtualCosts: 0, ledger };
}

/** Trips the guardrail when the virtual cost has first reached its threshold, and tells the ledger that reached it. */
export function watchThreshold(tx: Transaction): void {
  const { facts, rules } = tx.memory;
  if (facts.guardrail.tripped || facts.guardrail.crossed) return;
  const { virtual } = roomAccount(tx.memory);
  if (virtual < rules.threshold) return;
  tx.append({
    kind: 'guardrail',
    body: { state: 'tripped', by: 'threshold', virtualUsd: usdFromPico(virtual) },
  });
  appendLedger(tx);
}

/** Tells what the room costs by now, if that has changed since it was last told; a crossing that it shows, before it. */
export function appendCost(tx: Transaction): void {
  watchThreshold(tx);
  appendLedger(tx);
}

/** Tells once an epoch that the lock has refused a charge. */
export function appendLock(tx: Transaction): void {
  if (tx.memory.facts.lockTold) return;
  const { virtualUsd, realUsd, limitUsd } = freshLedger(tx.memory);
  tx.append({ kind: 'locked', body: { virtualUsd, realUsd, limitUsd } });
}

function appendLedger(tx: Transaction): void {
  const { facts, meters } = tx.memory;
  const ledger = freshLedger(tx.memory);
  const told = toldLedger(facts);
  const moved = (['platformUsd', 'tapsUsd', 'exposureUsd'] as const).some((sum) => told[sum] !== ledger[sum]);
  if (!moved) return;
  const body = { ...ledger, meters: movedCounts(meters.counts), taps: movedCounts(meters.taps) };
  tx.append({ kind: 'cost', body });
}

function exposure(memory: RoomMemory): PicoUsd {
  const { capacity, unitPrice } = memory.opening.sku;
  return exposureOf(oversoldUnits(memory.facts, capacity), unitPrice);
}

/** Oversold units if an op of so many units and everything in flight were acknowledged. */
function mostOversoldWith(memory: RoomMemory, units: number): number {
  let inFlight = 0;
  for (const op of memory.pending.values()) inFlight += op.units;
  return mostOversoldUnits(memory.facts, memory.opening.sku.capacity, inFlight + units);
}
