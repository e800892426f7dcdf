import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader } from '#lib/verify/lines.ts';
import { check } from '../domain/support/property.ts';

/** Lines of a text that comes in chunks of these lengths, again and again. */
function linesOf(bytes: Uint8Array, lengths: readonly number[]): (string | null)[] {
  const reader = new LineReader();
  const found: (string | null)[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!;
    // One buffer for all chunks, as a stream may use it.
    const chunk = bytes.slice(at, at + length);
    for (const line of reader.read(chunk)) found.push(line.text);
    chunk.fill(0);
    at += length;
  }
  const rest = reader.rest();
  if (rest) found.push(rest.text);
  return found;
}

const text = fc
  .array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 30 })
  .map((lines) => lines.join('\n'));

test('wherever chunks are cut, also inside of a character, the lines are the same', () => {
  check(
    fc.property(
      text,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      (whole, lengths) => {
        const lines = whole.toWellFormed().split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(linesOf(new TextEncoder().encode(whole), lengths)).toEqual(lines);
      },
    ),
  );
});

test('lines are counted over what is no text, and it alone is left out', () => {
  const bytes = Uint8Array.from([97, 10, 98, 0xff, 10, 0xc3, 0xa9, 10, 0xc3]);
  const reader = new LineReader();
  const found = [...reader.read(bytes)].map(({ number, text }) => [number, text]);
  expect(found).toEqual([
    [1, 'a'],
    [2, null],
    [3, 'é'],
  ]);
  expect(reader.rest()).toEqual({ number: 4, text: null, trouble: 'notUtf8' });
});

test('a chunk larger than what is looked at in one go is read like its parts', () => {
  const lines = Array.from({ length: 9_000 }, (_, index) => `${index} ${'ä'.repeat(index % 50)}`);
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  expect(linesOf(bytes, [bytes.length])).toEqual(lines);
});
