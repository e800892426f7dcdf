/**
 * Parses numbers as people type them. Point and comma have opposite meanings in different languages, so a number with two
 * readings is returned as ambiguous.
 */
import { plainText } from './typed-text.ts';

/** The decimal sign of the reader's language. */
export type DecimalSign = '.' | ',';

/** A parsed amount: a number, one of two numbers, or none. */
export type TypedAmount =
  { kind: 'number'; value: number } | { kind: 'either'; values: [number, number] } | { kind: 'none' };

/** Separators of thousands in any language: a space, an apostrophe, the Arabic thousands separator. */
const GROUPING = /(?<=\d)(?:\s|['\u2019\u066c])(?=\d)/gu;
const NUMERAL = /^\d*(?:['.,\u066b]\d+)*$/;

/** A whole number, or null. `1.000` and `1,000` are a thousand, because a count has no decimals. */
export function readWhole(typed: string): number | null {
  const read = readSigns(typed);
  if (read.kind === 'none') return null;
  const value = read.kind === 'either' ? read.values[1] : read.value;
  return Number.isSafeInteger(value) && !read.hasPart ? value : null;
}

/** An amount in USD. `1.000` is a thousand where the comma is the decimal sign; where the point is, it is ambiguous. */
export function readAmount(typed: string, decimal: DecimalSign): TypedAmount {
  const read = readSigns(typed.replace(/^\s*(?:US)?\$|(?:US)?\$\s*$/g, ''));
  if (read.kind !== 'either') return read;
  return read.sign === decimal ? read : { kind: 'number', value: read.values[1] };
}

type Signs =
  | { kind: 'number'; value: number; hasPart: boolean }
  | { kind: 'either'; values: [number, number]; sign: string; hasPart: false }
  | { kind: 'none' };

const NONE = { kind: 'none' } as const;

function readSigns(typed: string): Signs {
  const text = plainText(typed).trim().replace(GROUPING, "'").replaceAll('\u060c', ',');
  if (!/\d/.test(text) || !NUMERAL.test(text)) return NONE;
  const signs: readonly string[] = text.match(/['.,\u066b]/g) ?? [];
  const digits = text.split(/['.,\u066b]/);
  const last = signs.at(-1);
  if (last === undefined) return { kind: 'number', value: Number(text), hasPart: false };
  if (last === "'" || signs.indexOf(last) < signs.length - 1) {
    if (new Set(signs).size > 1 || !areThousands(digits)) return NONE;
    return { kind: 'number', value: Number(digits.join('')), hasPart: false };
  }
  const whole = digits.slice(0, -1);
  const part = digits.at(-1) ?? '';
  if (whole.length > 1 && (new Set(signs).size > 2 || !areThousands(whole))) return NONE;
  const value = Number(`${whole.join('') || '0'}.${part}`);
  const isGroup = whole.length === 1 && part.length === 3 && /^[1-9]\d{0,2}$/.test(whole[0] ?? '');
  if (!isGroup || last === '\u066b') return { kind: 'number', value, hasPart: true };
  return { kind: 'either', values: [value, Number(digits.join(''))], sign: last, hasPart: false };
}

/** True for groups of three digits, or of two before the last three as in India. */
function areThousands(groups: readonly string[]): boolean {
  return groups.every((group, place) => {
    if (place === 0) return /^\d{1,3}$/.test(group);
    return group.length === 3 || (group.length === 2 && place < groups.length - 1);
  });
}
