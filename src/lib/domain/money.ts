/**
 * Money: integers of pico-USD (1e-12 USD) inside, decimal USD at the edge only. No floating-point sums.
 */

/** An amount in pico-USD. */
export type PicoUsd = bigint;

/** One US dollar, in pico-USD. */
export const PICO_PER_USD: PicoUsd = 1_000_000_000_000n;
/** The smallest amount a bill can carry, in pico-USD. */
export const PICO_PER_CENT: PicoUsd = PICO_PER_USD / 100n;

/** An exact decimal: `digits / 10^places`. */
export interface Decimal {
  digits: bigint;
  places: number;
}

/**
 * The exact decimal that a number or a numeral such as `1e-9` stands for (a number by its shortest numeral).
 * Returns null for what is not a plain decimal numeral, or is beyond 30 places either way.
 */
export function toDecimal(value: number | string): Decimal | null {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(String(value).trim());
  if (!match) return null;
  const [, sign, whole = '0', fraction = '', exponent = '0'] = match;
  const places = fraction.length - Number(exponent);
  if (Math.abs(places) > 30) return null;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

/** True for a decimal amount of USD without parts of a cent: what a price can be. */
export function isWholeCents(usd: number): boolean {
  const decimal = toDecimal(usd);
  return decimal !== null && (decimal.digits * 100n) % 10n ** BigInt(decimal.places) === 0n;
}

/** Pico-USD of a decimal amount of USD; parts below one pico-USD are dropped. Throws on what is not a decimal. */
export function picoFromUsd(usd: number | string): PicoUsd {
  // Every op asks, mostly for zero or a whole price, which need not be parsed as decimals.
  if (typeof usd === 'number' && Number.isSafeInteger(usd)) return BigInt(usd) * PICO_PER_USD;
  const decimal = toDecimal(usd);
  if (!decimal) throw new Error(`Not a decimal amount: ${usd}`);
  return (decimal.digits * PICO_PER_USD) / 10n ** BigInt(decimal.places);
}

/** Decimal USD of an amount, for screens, answers and the log. */
export function usdFromPico(pico: PicoUsd): number {
  const negative = pico < 0n;
  const size = negative ? -pico : pico;
  const fraction = String(size % PICO_PER_USD).padStart(12, '0');
  return Number(`${negative ? '-' : ''}${size / PICO_PER_USD}.${fraction}`);
}

/** Largest decimal USD at which doubles distinguish every two pico-USD. */
const EXACT_TO_USD = 8_192;

/** Largest rounding error of an amount that was written as decimal USD: none up to $8,192. */
export function slackOf(usd: number): PicoUsd {
  return usd <= EXACT_TO_USD ? 0n : BigInt(Math.ceil(usd * Number.EPSILON * Number(PICO_PER_USD)));
}

/** `amount × scale` in whole cents, rounded down: the smallest amounts that a bill can carry. */
export function wholeCents(amount: PicoUsd, scale: Decimal): PicoUsd {
  const scaled = (amount * scale.digits) / 10n ** BigInt(scale.places);
  return (scaled / PICO_PER_CENT) * PICO_PER_CENT;
}
