/** Values of the configuration, from text. What is not exactly of the right kind is refused by name. */
import { toDecimal } from '#lib/domain/money.ts';

/** Why a variable cannot work, in a sentence that names it. */
export class ConfigProblem extends Error {}

/** A decimal of zero or more; `otherwise` when the text is empty. */
export function decimalOf(name: string, text: string, otherwise: number): number {
  if (text === '') return otherwise;
  const decimal = toDecimal(text);
  const value = Number(text);
  // The rooms reckon with the exact decimal of the number, so that has to exist as well.
  if (!decimal || decimal.digits < 0n || !toDecimal(value)) {
    throw new ConfigProblem(`${name} is "${text}"; it is a decimal number of zero or more.`);
  }
  // "-0" is zero, and is to look like it in answers.
  return Math.abs(value);
}

/** A whole number from `min` to `max`; `otherwise` when the text is empty. */
export function wholeNumberOf(
  name: string,
  text: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (text === '') return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new ConfigProblem(`${name} is "${text}"; it is a whole number from ${min} to ${max}.`);
}
