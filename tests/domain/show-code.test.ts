import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CODE_ALPHABET,
  CODE_LENGTH,
  findShowCode,
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

test.each([
  ['full-width letters', 'Ｋ７Ｑ　Ｍ２Ｐ'],
  ['an en dash', 'K7Q–M2P'],
  ['a non-breaking hyphen', 'K7Q\u2011M2P'],
  ['a minus sign', 'K7Q\u2212M2P'],
  ['a full-width hyphen', 'K7Q－M2P'],
  ['zero-width marks', '\u200bK7Q\u200d\u2060M2P\ufeff'],
  ['marks of direction', '\u202eK7Q\u2066M2P\u2069'],
  ['a soft hyphen', 'K7Q\u00adM2P'],
  ['variation selectors', 'K7Q\ufe0eM2P\ufe0f'],
  ['Arabic digits', 'K٧QM٢P'],
  ['a trailing period', 'K7QM2P.'],
  ['a sentence around it', '„K7Q M2P“!'],
  ['a link', 'https://show.example/j/K7QM2P'],
  ['a link with a query', 'https://show.example/j/k7qm2p?utm_source=chat&x=/j/'],
  ['a link with a fragment', 'http://192.168.0.7:8787/stage/K7QM2P#top'],
  ['a link with both, and a slash', 'show.example/show/K7QM2P/?a=b#c'],
  ['a link to a page below', 'https://show.example/control/K7QM2P/notes'],
  ['a link in a sentence', 'Join at https://show.example/j/K7QM2P.'],
  ['a link that was escaped', 'https://show.example/j/K7Q%20M2P'],
  ['a link of the door', 'https://show.example/?code=K7Q+M2P'],
  ['a link of the verify page', 'https://show.example/verify?show=K7QM2P&sku=ticket#check-chain'],
])('%s still names the show', (_, typed) => {
  expect(findShowCode(typed)).toBe('K7QM2P');
});

test.each([
  ['https://show.example/'],
  ['https://show.example/j/%E0%A4%A'],
  ['//elsewhere.example'],
  ['/j/'],
  ['K7QMßP'],
  ['?'],
])('%s names none', (typed) => {
  expect(findShowCode(typed)).toBeNull();
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
