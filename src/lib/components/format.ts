/** Numbers as screens write them: grouped, never rounded up, with their unit. */
import { phrase } from '#lib/language/phrase.ts';
import { count, THOUSANDS } from './numerals.ts';

export { clock, count } from './numerals.ts';

/** Decimal USD, cut to whole cents: an amount is never shown larger than it is. */
export function usd(value: number): string {
  // The nudge undoes the binary tail of amounts that are whole cents, such as 1.15.
  const whole = Math.trunc(value * 100 + Math.sign(value) * 1e-6) / 100;
  const [dollars = '', cents = ''] = whole.toFixed(2).split('.');
  return phrase(`$${dollars.replace(THOUSANDS, phrase(','))}.${cents}`);
}

/** The same without cents where there are none. */
export function usdBrief(value: number): string {
  return usd(value).replace(/\.00$/, '');
}

/** A price or a threshold: without cents when it has none, and with every place that it has: sums are made of it. */
export function price(value: number): string {
  if (Number.isInteger(value)) return phrase(`$${count(value)}`);
  return Number(value.toFixed(2)) === value ? usd(value) : phrase(`$${decimal(value)}`);
}

/** A duration in milliseconds: one decimal below ten, where it still tells something. */
export function millis(value: number): string {
  return value < 10 ? withPoint(value.toFixed(1)) : count(Math.round(value));
}

/** A number as it is, with the language’s own decimal sign. */
export function decimal(value: number): string {
  return withPoint(String(value));
}

/** A pause in words, for marks on an axis. */
export function pause(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1_000)} s` : `${Math.floor(ms / 60_000)} min`;
}

/** A show's code in two groups of three, as it is read aloud. */
export function codeGroups(code: string): [string, string] {
  return [code.slice(0, 3), code.slice(3)];
}

/** What is said of a number of connected phones; of one room of several, they are only those that look at it. */
export function phonesIn(phones: number, ofOneRoom: boolean): string {
  if (ofOneRoom) return phones === 1 ? phrase('phone here') : phrase('phones here');
  return phones === 1 ? phrase('phone in') : phrase('phones in');
}

/** The digits of a number with the language’s own decimal sign. */
export function withPoint(number: string): string {
  return number.replace('.', phrase('.'));
}

/** What stands behind a number of taps in a held room, which are counted and sell nothing. */
export function practiceTaps(taps: number): string {
  return taps === 1 ? phrase('practice tap') : phrase('practice taps');
}

/** Words as they stand at the head of something. */
export function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
