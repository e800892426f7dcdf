/** A year's cost is the formula that the guide shows, of counted attempts and of prices that say where they stand. */
import { expect, test } from 'vitest';
import {
  ENGINE_PRICES,
  LANE_UNITS,
  SALES_A_YEAR,
  SALES_PER_SECOND,
  yearlyCost,
} from '#lib/domain/engine-prices.ts';
import type { EngineMeter } from '#lib/domain/engine-prices.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';
import { usdFromPico } from '#lib/domain/money.ts';

const HOURS_A_YEAR = 8_760;

test('every lane has an estimate, and it is the sum of its lines by the formula', () => {
  for (const lane of LANE_IDS) {
    for (const attempts of [1, 1.25, 15]) {
      const { usd, lines } = yearlyCost(lane, attempts);
      const sum = lines.reduce((total, { meter, units, per }) => {
        const price = usdFromPico(ENGINE_PRICES[meter].pico);
        return total + price * units * (per === 'sale' ? SALES_A_YEAR : HOURS_A_YEAR);
      }, 0);
      expect(usd, lane).toBeGreaterThan(0);
      expect(usd / sum, lane).toBeCloseTo(1, 6);
    }
  }
});

test('each attempt is billed, what is rented by the hour is not billed twice', () => {
  const once = yearlyCost('postgres-serializable', 1);
  const often = yearlyCost('postgres-serializable', 15);
  const rented = 4 * HOURS_A_YEAR * 0.12;
  expect(often.usd - rented).toBeCloseTo(15 * (once.usd - rented), 6);
  // What a sale takes besides is not billed again with each attempt: a lock is waited for many times, and written under once.
  const [lock, waited] = [yearlyCost('redis-lock', 1), yearlyCost('redis-lock', 3)];
  const unitsOf = ({ lines }: typeof lock) => lines.find(({ per }) => per === 'sale')?.units;
  expect([unitsOf(lock), unitsOf(waited)]).toEqual([4, 6]);
});

test('sales of a year are those of the rate that is stated', () => {
  expect(SALES_A_YEAR).toBe(SALES_PER_SECOND * 365 * 24 * 3_600);
});

test('every price says where and when it was read, and every unit that a lane takes has one', () => {
  for (const [meter, { pico, source, readOn, checked }] of Object.entries(ENGINE_PRICES)) {
    expect(pico, meter).toBeGreaterThan(0n);
    expect(source, meter).toMatch(
      /^https:\/\/(aws\.amazon\.com|cloud\.google\.com|developers\.cloudflare\.com)\//,
    );
    expect(readOn, meter).toMatch(/^20\d\d-\d\d$/);
    expect(['list', 'second hand'], meter).toContain(checked);
  }
  const unitsOf = Object.values(LANE_UNITS).flatMap((units) => Object.values(units) as object[]);
  const taken = new Set(unitsOf.flatMap((units) => Object.keys(units)));
  expect([...taken].sort()).toEqual((Object.keys(ENGINE_PRICES) as EngineMeter[]).sort());
});
