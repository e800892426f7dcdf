/** The hash of the log's chain is SHA-256 of the text, whatever the text is. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from '#server/room/sha256.ts';

const plain = (text: string) => createHash('sha256').update(text).digest('hex');

it('is what hashing the text itself gives, of any length, in any script, one after the other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.nat(60), (text, times) => {
      const long = text.repeat(times);
      expect([sha256(long), sha256(text)]).toEqual([plain(long), plain(text)]);
    }),
  );
});

it('is right around the length that its own place for bytes has', () => {
  for (const length of [5_461, 5_462, 16_383, 16_384, 16_385, 100_000]) {
    for (const letter of ['a', 'é', '€', '𝄞', '\ud800']) {
      const text = letter.repeat(length);
      expect(sha256(text), `${length} × ${letter}`).toBe(plain(text));
    }
  }
});
