/** What strangers write is shown on a terminal, and never carried out there. */
import { expect, test } from 'vitest';
import { printable, printableLines } from '../../scripts/lib/printable.mjs';

test.each([
  ['\u001b[2J\u001b[H', '\\u{1b}[2J\\u{1b}[H'],
  ['a\rb\nc\td', 'a\\u{d}b\\u{a}c\\u{9}d'],
  ['\u009b31m', '\\u{9b}31m'],
  ['a\u202eb\u2066c\u200ed', 'a\\u{202e}b\\u{2066}c\\u{200e}d'],
  ['a\u2028b\u0085c', 'a\\u{2028}b\\u{85}c'],
  ['\ud800 \u{e0041}', '\\u{d800} \\u{e0041}'],
])('%j is shown as %s', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test.each(['Jubiläum Köln', 'كونسرت', '演唱会 50 %', '👩\u200d🚀 می\u200cخواهم'])(
  '%s is left as it is',
  (text) => {
    expect(printable(text)).toBe(text);
  },
);

test('line feeds of our own stay', () => {
  expect(printableLines('one\ntwo\u0007')).toBe('one\ntwo\\u{7}');
});
