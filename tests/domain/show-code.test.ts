import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CODE_ALPHABET,
  CODE_LENGTH,
  isShowCode,
  isSkuId,
  parseShowCode,
  showCodeFrom,
} from '#lib/domain/show-code.ts';
import { check } from './support/property.ts';

const codes = fc.string({
  unit: fc.constantFrom(...CODE_ALPHABET),
  minLength: CODE_LENGTH,
  maxLength: CODE_LENGTH,
});

test('a code has no letter that can be taken for another', () => {
  expect(new Set(CODE_ALPHABET).size).toBe(31);
  for (const letter of '0O1IL') expect(CODE_ALPHABET).not.toContain(letter);
  expect(CODE_LENGTH).toBe(6);
});

test('case, spaces and hyphens are ignored wherever they stand', () => {
  check(
    fc.property(
      codes,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(' ', '-', '\t', '\u00a0', '\n'))),
      (code, noise) => {
        let typed = code.toLowerCase();
        for (const [at, mark] of noise) {
          const where = at % (typed.length + 1);
          typed = typed.slice(0, where) + mark + typed.slice(where);
        }
        expect(parseShowCode(typed)).toBe(code);
      },
    ),
  );
});

test.each([
  '',
  'ABCDE',
  'ABCDEFG',
  'ABCDE0',
  'ABCDEO',
  'ABCDE1',
  'ABCDEI',
  'ABCDEL',
  'ABC_EF',
  'ÄBCDEF',
  '__proto__',
])('“%s” is no code', (typed) => {
  expect(parseShowCode(typed)).toBeNull();
});

test('only capitals without spaces are the written form', () => {
  expect(isShowCode('ABCDEF')).toBe(true);
  expect(isShowCode('abcdef')).toBe(false);
  expect(isShowCode('ABC DEF')).toBe(false);
  expect(isShowCode('ABCDEF\n')).toBe(false);
});

test('random bytes favour no letter', () => {
  const times = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    const code = showCodeFrom(new Uint8Array([byte, 0, 0, 0, 0, 0, 0]));
    // A byte beyond the last whole round of the alphabet is left out, so one of the zeros comes first instead.
    const left = showCodeFrom(new Uint8Array([byte, 0, 0, 0, 0, 0])) === null;
    const letter = code?.[0] as string;
    if (!left) times.set(letter, (times.get(letter) ?? 0) + 1);
  }
  expect([...times.keys()].sort()).toEqual([...CODE_ALPHABET].sort());
  expect(new Set(times.values())).toEqual(new Set([8]));
});

test('too few usable bytes make no code, and every code that is made is one', () => {
  expect(showCodeFrom(new Uint8Array(5))).toBeNull();
  expect(showCodeFrom(new Uint8Array(20).fill(255))).toBeNull();
  check(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 24 }), (bytes) => {
      const code = showCodeFrom(bytes);
      expect(code === null || isShowCode(code)).toBe(true);
    }),
  );
});

test.each([
  ['sneaker', true],
  ['Sneaker_2-b', true],
  ['a'.repeat(32), true],
  ['a'.repeat(33), false],
  ['', false],
  ['-a', false],
  ['__proto__', false],
  ['a.b', false],
  ['a/b', false],
  ['a b', false],
  ['ä', false],
])('“%s” may name a SKU: %s', (id, may) => {
  expect(isSkuId(id)).toBe(may);
});
