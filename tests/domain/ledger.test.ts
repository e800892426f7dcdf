import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accountOf,
  exposureOf,
  isFarFromCent,
  ledgerLines,
  ledgerTotals,
  listCost,
  moneyRules,
  pricesUsd,
  roughCost,
  wouldExceed,
} from '#lib/domain/ledger.ts';
import { picoFromUsd, usdFromPico } from '#lib/domain/money.ts';
import { addCounts } from '#lib/domain/prices.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { check } from './support/property.ts';
import { DEFAULT_CONFIG } from './support/room-facts.ts';

/** What one tap costs when nothing is shared: request, message, rows of the room and of the database. */
const TAP: MeterCounts = {
  'worker.request': 1,
  'do.messageIn': 1,
  'do.rowWritten': 6,
  'd1.rowWritten': 2,
  'd1.rowRead': 2,
};
const RULES = moneyRules(DEFAULT_CONFIG);
const CENT = picoFromUsd(0.01);

const tapped = (times: number): MeterCounts =>
  Object.fromEntries(Object.entries(TAP).map(([meter, each]) => [meter, each * times]));

test('an exposure of $9,450 is $9,450, and one pico-USD more is one pico-USD more', () => {
  expect(exposureOf(50, 189)).toBe(9_450_000_000_000_000n);
  expect(exposureOf(50, 189)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
  const account = accountOf(RULES, 0n, exposureOf(50, 189) + 1n, 0n);
  expect(account.virtual).toBe(9_450_000_000_000_001n);
  expect(ledgerTotals(DEFAULT_CONFIG, 0n, accountOf(RULES, 0n, exposureOf(50, 189), 0n)).exposureUsd).toBe(
    9_450,
  );
  expect(usdFromPico(exposureOf(50, 0.1) + exposureOf(1, 0.2))).toBe(5.2);
});

test('virtual = cost of taps × load factor + exposure, to the pico-USD', () => {
  check(
    fc.property(
      fc.nat(1_000_000),
      fc.nat(100_000),
      fc.integer({ min: 0, max: 99_999 }),
      (taps, units, cents) => {
        const cost = listCost(tapped(taps));
        const exposure = exposureOf(units, cents / 100);
        const account = accountOf(RULES, cost, exposure, 0n);
        expect(exposure).toBe(BigInt(units) * BigInt(cents) * CENT);
        expect(account.virtual).toBe(cost * 100_000n + exposure);
      },
    ),
  );
});

test('what taps did not cause is told as platform cost, and multiplied by nothing', () => {
  const joins = listCost({ 'worker.request': 300, 'do.request': 300 });
  const totals = ledgerTotals(DEFAULT_CONFIG, joins + listCost(TAP), accountOf(RULES, listCost(TAP), 0n, 0n));
  expect(totals.platformUsd).toBe(usdFromPico(joins + listCost(TAP)));
  expect(totals.tapsUsd).toBe(usdFromPico(listCost(TAP)));
  expect(totals.virtualUsd).toBe(usdFromPico(listCost(TAP) * 100_000n));
});

test('meters add up to the same cost in whatever portions they were counted', () => {
  check(
    fc.property(fc.array(fc.nat(1_000)), (portions) => {
      const into: MeterCounts = {};
      for (const times of portions) addCounts(into, tapped(times));
      const all = portions.reduce((sum, times) => sum + times, 0);
      expect(listCost(into)).toBe(listCost(TAP) * BigInt(all));
      expect(ledgerLines(into).reduce((sum, { usd }) => sum + picoFromUsd(usd), 0n)).toBe(listCost(into));
    }),
  );
});

test('zero means zero: with the defaults the lock never engages over a huge show, and real cost stays 0', () => {
  // Two million taps and a thousand oversold units: far more than any room sees in a show.
  for (let taps = 0; taps <= 2_000_000; taps += 50_000) {
    const account = accountOf(RULES, listCost(tapped(taps)), exposureOf(taps / 2_000, 189), 0n);
    expect(account.locked).toBe(false);
    expect(account.real).toBe(0n);
    expect(wouldExceed(RULES, account, { taps: listCost(TAP), exposure: exposureOf(50, 189) }, 0n)).toBe(
      false,
    );
  }
});

test('zero means zero: with BILLING_SCALE=1 the first charge that reaches a cent is refused', () => {
  const rules = moneyRules({ ...DEFAULT_CONFIG, billingScale: 1, virtualLoadFactor: 1 });
  const untouched = accountOf(rules, 0n, 0n, 0n);
  expect(wouldExceed(rules, untouched, { taps: CENT - 1n, exposure: 0n }, 0n)).toBe(false);
  expect(wouldExceed(rules, untouched, { taps: CENT, exposure: 0n }, 0n)).toBe(true);
  expect(wouldExceed(rules, untouched, { taps: 0n, exposure: CENT }, 0n)).toBe(true);
  const almost = accountOf(rules, CENT - 1n, 0n, 0n);
  expect([almost.real, almost.locked]).toEqual([0n, false]);
  expect(wouldExceed(rules, almost, { taps: 1n, exposure: 0n }, 0n)).toBe(true);
});

test('the quick look never lets a charge pass that the exact sums would refuse', () => {
  let far = 0;
  check(
    fc.property(
      fc.nat(2_000_000),
      fc.nat(5_000),
      fc.constantFrom(1, 1e-3, 1e-6, 1e-9),
      fc.constantFrom(1, 1_000, 100_000),
      (taps, units, billingScale, virtualLoadFactor) => {
        const config = { ...DEFAULT_CONFIG, billingScale, virtualLoadFactor };
        const counts = tapped(taps);
        const tapsUsd = roughCost(counts) + roughCost(TAP);
        if (!isFarFromCent(config, tapsUsd, (units + 50) * 189)) return;
        far += 1;
        const rules = moneyRules(config);
        const account = accountOf(rules, listCost(counts), exposureOf(units, 189), 0n);
        const extra = { taps: listCost(TAP), exposure: exposureOf(50, 189) };
        expect(wouldExceed(rules, account, extra, 0n)).toBe(false);
      },
    ),
  );
  expect(far).toBeGreaterThan(10);
  expect(isFarFromCent({ ...DEFAULT_CONFIG, billingScale: 1 }, 0, 0.01)).toBe(false);
});

test('zero means zero: a cost past a limit of zero is locked and bills nothing', () => {
  const rules = moneyRules({ ...DEFAULT_CONFIG, billingScale: 1 });
  const account = accountOf(rules, listCost(TAP), 0n, 0n);
  expect(account).toMatchObject({ locked: true, real: 0n });
  expect(account.due).toBeGreaterThan(0n);
  expect(wouldExceed(rules, account, { taps: 0n, exposure: 0n }, 0n)).toBe(true);
});

test('a limit above zero may be reached and not passed; what is billed is whole cents', () => {
  const rules = moneyRules({
    ...DEFAULT_CONFIG,
    billingScale: 1,
    virtualLoadFactor: 1,
    demoCostLimit: 0.035,
  });
  const at = (usd: number) => accountOf(rules, picoFromUsd(usd), 0n, 0n);
  expect(at(0.039_9)).toMatchObject({ real: 3n * CENT, locked: false });
  expect(at(0.04)).toMatchObject({ real: 3n * CENT, due: 4n * CENT, locked: true });
  const exact = moneyRules({ ...DEFAULT_CONFIG, billingScale: 1, virtualLoadFactor: 1, demoCostLimit: 0.03 });
  expect(accountOf(exact, picoFromUsd(0.03), 0n, 0n)).toMatchObject({ real: 3n * CENT, locked: false });
});

test('a reset does not let the limit be spent twice', () => {
  const rules = moneyRules({ ...DEFAULT_CONFIG, billingScale: 1, virtualLoadFactor: 1, demoCostLimit: 0.05 });
  let carried = 0n;
  for (let epoch = 0; epoch < 4; epoch++) {
    const account = accountOf(rules, picoFromUsd(0.02), 0n, carried);
    expect(account.real).toBeLessThanOrEqual(rules.limit);
    expect(account.real).toBeGreaterThanOrEqual(carried);
    carried = account.real;
  }
  expect(carried).toBe(5n * CENT);
});

test('whatever is charged, real ≤ limit, and an unlocked account is billed what is due', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 16n });
  check(
    fc.property(
      amount,
      amount,
      fc.nat(1_000),
      fc.constantFrom(0, 1e-9, 0.001, 1),
      (taps, exposure, limit, scale) => {
        const config = {
          ...DEFAULT_CONFIG,
          virtualLoadFactor: 3.5,
          billingScale: scale,
          demoCostLimit: limit / 100,
        };
        const rules = moneyRules(config);
        const carried = (rules.limit / 2n / CENT) * CENT;
        const account = accountOf(rules, taps, exposure, carried);
        expect(account.real).toBeLessThanOrEqual(rules.limit);
        expect(account.real % CENT).toBe(0n);
        expect(account.locked).toBe(account.due > rules.limit);
        if (!account.locked) expect(account.real).toBe(account.due);
      },
    ),
  );
});

test('money rules that make no sense are a bug of whoever let them through', () => {
  expect(() => moneyRules({ ...DEFAULT_CONFIG, billingScale: -1 })).toThrow('billing scale');
  expect(() => moneyRules({ ...DEFAULT_CONFIG, virtualLoadFactor: NaN })).toThrow('load factor');
});

test('lines are told for meters that moved, at list price', () => {
  expect(ledgerLines({ 'kv.write': 2, 'do.activeSecond': 1.5, 'kv.read': 0 })).toEqual([
    { meter: 'do.activeSecond', quantity: 1.5, unitUsd: 0.000_001_6, usd: 0.000_002_4 },
    { meter: 'kv.write', quantity: 2, unitUsd: 0.000_005, usd: 0.000_01 },
  ]);
  expect(pricesUsd()['worker.request']).toBe(3e-7);
});
