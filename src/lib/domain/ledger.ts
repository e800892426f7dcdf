/**
 * The ledger: what the room cost at list price, what that stands for (virtual), and what is really billed (real).
 *
 *     virtual = taps × load factor + exposure
 *     real    = virtual × billing scale, in whole cents rounded down, and never above the limit
 *
 * where taps is the part of the platform cost that taps cause: each tap stands for many shoppers. Joining, looking, renewing,
 * presenting and auditing are part of the platform cost and are not multiplied.
 *
 * The lock refuses any charge that would bring the real account above its limit. 0.0 means exactly zero.
 */
import { picoFromUsd, toDecimal, usdFromPico, wholeCents } from './money.ts';
import type { Decimal, PicoUsd } from './money.ts';
import { METERS, PRICE_PICO, priceOf } from './prices.ts';
import type { Meter, MeterCounts } from './prices.ts';
import { assert } from './assert.ts';

/** The ledger's totals, in decimal USD. */
export interface LedgerTotals {
  virtualUsd: number;
  platformUsd: number;
  /** The part of `platformUsd` that taps cause, which `loadFactor` multiplies; missing in logs of older rooms. */
  tapsUsd?: number;
  exposureUsd: number;
  realUsd: number;
  limitUsd: number;
  billingScale: number;
  loadFactor: number;
  /** True once a charge was refused because it would have passed the limit. */
  locked: boolean;
}

/** One metered quantity and its price. */
export interface LedgerLine {
  meter: Meter;
  quantity: number;
  unitUsd: number;
  usd: number;
}

/** The ledger with every line that makes up the platform cost. */
export interface Ledger extends LedgerTotals {
  lines: LedgerLine[];
}

/** The configuration that money is counted by; the limit and the threshold are decimal USD. */
interface MoneyConfig {
  billingScale: number;
  demoCostLimit: number;
  virtualLoadFactor: number;
  virtualCostThreshold: number;
}

/** The money rules of a room, parsed once. */
export interface MoneyRules {
  billingScale: Decimal;
  limit: PicoUsd;
  loadFactor: Decimal;
  threshold: PicoUsd;
}

/** Amounts from which the ledger is made, in pico-USD. */
export interface Account {
  /** What taps caused of the platform cost. */
  taps: PicoUsd;
  exposure: PicoUsd;
  virtual: PicoUsd;
  /** The real cost without the lock. */
  due: PicoUsd;
  /** The real cost: `due`, but never above the limit. */
  real: PicoUsd;
  locked: boolean;
}

/** The money rules of a configuration. Throws on values that parsing the configuration should have refused. */
export function moneyRules(config: MoneyConfig): MoneyRules {
  const billingScale = toDecimal(config.billingScale);
  const loadFactor = toDecimal(config.virtualLoadFactor);
  assert(billingScale && billingScale.digits >= 0n, 'billing scale is a decimal of zero or more');
  assert(loadFactor && loadFactor.digits >= 0n, 'load factor is a decimal of zero or more');
  return {
    billingScale,
    loadFactor,
    limit: picoFromUsd(config.demoCostLimit),
    threshold: picoFromUsd(config.virtualCostThreshold),
  };
}

/** List prices as doubles, USD. */
const ROUGH_PRICE = Object.fromEntries(
  METERS.map((meter) => [meter, Number(PRICE_PICO[meter]) / 1e12]),
) as Record<Meter, number>;

/** List price of what was counted, in pico-USD. */
export function listCost(counts: MeterCounts): PicoUsd {
  let sum = 0n;
  for (const meter of METERS) sum += priceOf(meter, counts[meter] ?? 0);
  return sum;
}

/**
 * True when no charge is near: taps (decimal USD at list price) and exposure (decimal USD) come to less than half of the first
 * cent of real cost. Then {@link wouldExceed} is false as long as what was carried is within the limit. Doubles are exact
 * enough to say so, and exact sums for every op of a crowd took 3 µs of its 60.
 */
export function isFarFromCent(
  { virtualLoadFactor, billingScale }: Pick<MoneyConfig, 'virtualLoadFactor' | 'billingScale'>,
  tapsUsd: number,
  exposureUsd: number,
): boolean {
  return (tapsUsd * virtualLoadFactor + exposureUsd) * billingScale < 0.005;
}

/** Like {@link listCost}, in decimal USD with the rounding errors of doubles: for bounds, never for sums that are shown. */
export function roughCost(counts: MeterCounts): number {
  let usd = 0;
  for (const meter in counts) usd += (counts[meter as Meter] ?? 0) * ROUGH_PRICE[meter as Meter];
  return usd;
}

/** Exposure: oversold units × unit price, in pico-USD. */
export function exposureOf(oversoldUnits: number, unitPriceUsd: number): PicoUsd {
  // Every op asks, and nearly always nothing is oversold: then the price need not be parsed.
  if (oversoldUnits === 0) return 0n;
  return BigInt(oversoldUnits) * picoFromUsd(unitPriceUsd);
}

/**
 * The account after all charges. `carried` is the real cost of earlier epochs, because the limit holds for the
 * room's whole life: a reset must not allow to spend it twice.
 */
export function accountOf(rules: MoneyRules, taps: PicoUsd, exposure: PicoUsd, carried: PicoUsd): Account {
  const scaled = (taps * rules.loadFactor.digits) / 10n ** BigInt(rules.loadFactor.places);
  const virtual = scaled + exposure;
  const due = carried + wholeCents(virtual, rules.billingScale);
  const locked = due > rules.limit;
  return { taps, exposure, virtual, due, real: locked ? heldAt(rules.limit, carried) : due, locked };
}

/** True when charging `taps` and `exposure` on top of the account would bring the real cost above the limit. */
export function wouldExceed(
  rules: MoneyRules,
  account: Account,
  extra: { taps: PicoUsd; exposure: PicoUsd },
  carried: PicoUsd,
): boolean {
  if (account.locked) return true;
  return accountOf(rules, account.taps + extra.taps, account.exposure + extra.exposure, carried).locked;
}

/** The ledger's totals as decimal USD. */
export function ledgerTotals(
  config: Omit<MoneyConfig, 'virtualCostThreshold'>,
  platform: PicoUsd,
  account: Account,
): LedgerTotals & { tapsUsd: number } {
  return {
    virtualUsd: usdFromPico(account.virtual),
    platformUsd: usdFromPico(platform),
    tapsUsd: usdFromPico(account.taps),
    exposureUsd: usdFromPico(account.exposure),
    realUsd: usdFromPico(account.real),
    limitUsd: config.demoCostLimit,
    billingScale: config.billingScale,
    loadFactor: config.virtualLoadFactor,
    locked: account.locked,
  };
}

/** One line for each meter that moved. */
export function ledgerLines(counts: MeterCounts): LedgerLine[] {
  return METERS.filter((meter) => counts[meter]).map((meter) => {
    const quantity = counts[meter] ?? 0;
    return {
      meter,
      quantity,
      unitUsd: usdFromPico(PRICE_PICO[meter]),
      usd: usdFromPico(priceOf(meter, quantity)),
    };
  });
}

/** List prices in decimal USD, as the room's first event states them. */
export function pricesUsd(): Record<Meter, number> {
  return Object.fromEntries(METERS.map((meter) => [meter, usdFromPico(PRICE_PICO[meter])])) as Record<
    Meter,
    number
  >;
}

/** The account at its limit: a refused charge is not billed at all, so it stays at the whole cents below the limit. */
function heldAt(limit: PicoUsd, carried: PicoUsd): PicoUsd {
  const whole = wholeCents(limit, { digits: 1n, places: 0 });
  return whole > carried ? whole : carried;
}
