/**
 * What a year of sales would cost on each lane's engine, at list prices, and by which formula:
 *
 *   sales a year × (attempts of a sale × units of an attempt + units of a sale) × price of a unit
 *   + hours of a year × units held × price of an hour
 *
 * Attempts are counted in a show; units are those of this project's own statements, at the least; prices are the table below. It is
 * an estimate of the store alone: no servers in front of it, no traffic, no support, no discount, no free allotment, and nobody's pay.
 */
import type { LaneId } from './lane.ts';
import { usdFromPico } from './money.ts';
import type { PicoUsd } from './money.ts';
import { PRICE_PICO, PRICES_READ_ON } from './prices.ts';

/** Sales a second, day and night: so many that a shop with this bill would look at it. The estimate grows with it, hours apart. */
export const SALES_PER_SECOND = 100;
const SECONDS_A_YEAR = 31_536_000;
const HOURS_A_YEAR = 8_760;
/** Sales of a year at that rate. */
export const SALES_A_YEAR = SALES_PER_SECOND * SECONDS_A_YEAR;

/** A list price, where it stands, and how we know it. */
export interface ListPrice {
  /** For one unit, pico-USD. */
  pico: PicoUsd;
  /** The vendor's own price list. */
  source: string;
  /** The month it was read. */
  readOn: string;
  /** `list`: read there. `second hand`: read where others quote it, because the list itself could not be read from here. */
  checked: 'list' | 'second hand';
}

const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const AURORA = 'https://aws.amazon.com/rds/aurora/pricing/';
const ELASTICACHE = 'https://aws.amazon.com/elasticache/pricing/';
const FIRESTORE = 'https://cloud.google.com/firestore/pricing';
const OBJECTS = 'https://developers.cloudflare.com/durable-objects/platform/pricing/';
const D1 = 'https://developers.cloudflare.com/d1/platform/pricing/';

const secondHand = (pico: PicoUsd, source: string): ListPrice => ({
  pico,
  source,
  readOn: '2026-12',
  checked: 'second hand',
});
const ofPlatform = (meter: keyof typeof PRICE_PICO, source: string): ListPrice => ({
  pico: PRICE_PICO[meter],
  source,
  readOn: PRICES_READ_ON,
  checked: 'list',
});

/** Everything that a lane may be billed for, US regions, on demand. */
export const ENGINE_PRICES = {
  'objects.message': ofPlatform('do.messageIn', OBJECTS),
  'objects.row': ofPlatform('do.rowWritten', OBJECTS),
  'objects.second': ofPlatform('do.activeSecond', OBJECTS),
  'd1.read': ofPlatform('d1.rowRead', D1),
  'd1.write': ofPlatform('d1.rowWritten', D1),
  // $0.125 and $0.625 a million.
  'dynamodb.read': secondHand(125_000n, DYNAMODB),
  'dynamodb.write': secondHand(625_000n, DYNAMODB),
  // $0.20 a million, $0.12 an hour.
  'postgres.io': secondHand(200_000n, AURORA),
  'postgres.acuHour': secondHand(120_000_000_000n, AURORA),
  // $0.0023 a million, $0.084 an hour (Valkey).
  'redis.ecpu': secondHand(2_300n, ELASTICACHE),
  'redis.gbHour': secondHand(84_000_000_000n, ELASTICACHE),
  // $0.03 and $0.09 a hundred thousand.
  'firestore.read': secondHand(300_000n, FIRESTORE),
  'firestore.write': secondHand(900_000n, FIRESTORE),
} as const satisfies Record<string, ListPrice>;
/** The name of a unit. */
export type EngineMeter = keyof typeof ENGINE_PRICES;

type Units = Partial<Record<EngineMeter, number>>;

/** What a lane takes: units of each attempt, of a sale besides, and what it holds all year whatever is sold. */
export interface LaneUnits {
  attempt: Units;
  sale: Units;
  held: Units;
}

/**
 * A transaction is one write to the log, also one that is rolled back; the hot row is read from memory. Held are two instances of two
 * capacity units each: one that writes, and one that takes over.
 */
const POSTGRES: LaneUnits = { attempt: { 'postgres.io': 1 }, sale: {}, held: { 'postgres.acuHour': 4 } };
/** The least that is billed. */
const REDIS_HELD = { 'redis.gbHour': 0.1 };
/** The shelf with its newest orders is 2 kB, and a refused write is billed as well; moving the orders off it costs each its share. */
const DYNAMODB_SHELF = 2;
const DYNAMODB_MOVED = 1.2;

/** Units of each lane, by its own statements. */
export const LANE_UNITS: Readonly<Record<LaneId, LaneUnits>> = {
  // A message, a commit of its own with its counters, and its share of an object that is never idle at that rate.
  safe: {
    attempt: {},
    sale: { 'objects.message': 1, 'objects.row': 2, 'objects.second': 1 / SALES_PER_SECOND },
    held: {},
  },
  // The shelf is read twice and written, the order is written.
  eventual: { attempt: {}, sale: { 'd1.read': 2, 'd1.write': 2 }, held: {} },
  'postgres-blind': POSTGRES,
  'postgres-conditional': POSTGRES,
  'postgres-for-update': POSTGRES,
  'postgres-serializable': POSTGRES,
  // A reading from a copy costs half a unit.
  'dynamodb-put': {
    attempt: { 'dynamodb.read': 0.5, 'dynamodb.write': DYNAMODB_SHELF },
    sale: { 'dynamodb.write': DYNAMODB_MOVED },
    held: {},
  },
  'dynamodb-conditional': {
    attempt: { 'dynamodb.write': DYNAMODB_SHELF },
    sale: { 'dynamodb.write': DYNAMODB_MOVED },
    held: {},
  },
  // Shelf and order, each at twice the price of a plain write; what was written is read afterwards.
  'dynamodb-transaction': {
    attempt: { 'dynamodb.write': 2 * (DYNAMODB_SHELF + 1) },
    sale: { 'dynamodb.read': 1, 'dynamodb.write': DYNAMODB_MOVED },
    held: {},
  },
  // Each try for the lock is a command; who has it reads, writes and releases.
  'redis-lock': { attempt: { 'redis.ecpu': 1 }, sale: { 'redis.ecpu': 3 }, held: REDIS_HELD },
  // One script that checks, counts and remembers.
  'redis-script': { attempt: { 'redis.ecpu': 3 }, sale: {}, held: REDIS_HELD },
  // Shelf and order: read the one, write both.
  'firestore-transaction': { attempt: { 'firestore.read': 1, 'firestore.write': 2 }, sale: {}, held: {} },
};

/** One line of an estimate. */
export interface CostLine {
  meter: EngineMeter;
  /** Units of one sale, or units held for every hour. */
  units: number;
  per: 'sale' | 'hour';
}

/** What a year costs on a lane, and of what. */
export interface YearlyCost {
  /** Decimal USD. */
  usd: number;
  lines: readonly CostLine[];
}

/** The estimate by the formula above. @param attempts of one sale, on average; 1 or more */
export function yearlyCost(lane: LaneId, attempts: number): YearlyCost {
  const { attempt, sale, held } = LANE_UNITS[lane];
  const sold: Units = { ...sale };
  for (const [meter, units] of metersIn(attempt)) sold[meter] = (sold[meter] ?? 0) + units * attempts;
  const lines = [
    ...metersIn(sold).map(([meter, units]): CostLine => ({ meter, units, per: 'sale' })),
    ...metersIn(held).map(([meter, units]): CostLine => ({ meter, units, per: 'hour' })),
  ];
  return { usd: usdFromPico(lines.reduce((sum, line) => sum + ofYear(line), 0n)), lines };
}

/** A line's sum of a year: whole units, because a year has billions of them. */
function ofYear({ meter, units, per }: CostLine): PicoUsd {
  const times = units * (per === 'sale' ? SALES_A_YEAR : HOURS_A_YEAR);
  return BigInt(Math.round(times)) * ENGINE_PRICES[meter].pico;
}

function metersIn(units: Units): [EngineMeter, number][] {
  return Object.entries(units) as [EngineMeter, number][];
}
