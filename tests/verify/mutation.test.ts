/** Chance looks for what the list of tamperings forgot: any change of any line that means something is found. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../domain/support/property.ts';
import { exportLines, fileOf } from './support/export.ts';
import { SHOW } from './support/shows.ts';
import { firstWrong, verified } from './support/verified.ts';

const LINES = exportLines(SHOW.events);
const FILE = fileOf(LINES);
const LINE_BREAK = 10;
/** When the file was made is the one thing in it that nothing else in it tells. */
const UNPROVEN = /,"exportedAtMs":\d+(?=\}$)/;

test('whichever byte is changed into whichever other: found, at its line or, where it was a line break, at that line', () => {
  const header = LINES[0]!;
  const unproven = { from: header.search(UNPROVEN), to: header.length };
  check(
    fc.property(fc.nat(FILE.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      fc.pre(at < unproven.from || at >= unproven.to);
      const file = FILE.slice();
      file[at] = file[at]! ^ by;
      const result = verified(file);
      expect(result.ok, `byte ${at} ^ ${by}`).toBe(false);
      const line = FILE.subarray(0, at).filter((byte) => byte === LINE_BREAK).length + 1;
      expect(result.refusal?.line ?? result.first?.line, `byte ${at} ^ ${by}: ${firstWrong(result)}`).toBe(
        line,
      );
    }),
    400,
  );
});

const edit = fc.oneof(
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('move' as const), at: fc.nat(), to: fc.nat() }),
  fc.record({ kind: fc.constant('digit' as const), at: fc.nat(), to: fc.nat(9) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), to: fc.nat() }),
);

test('however lines are removed, doubled, moved, cut, overwritten, or a digit changed: found unless the file is the same', () => {
  check(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const lines = [...LINES];
      for (const each of edits) apply(lines, each);
      const changed = lines.map((line) => line.replace(UNPROVEN, '')).join('\n');
      const result = verified(lines);
      expect(result.ok, firstWrong(result)).toBe(
        changed === LINES.map((line) => line.replace(UNPROVEN, '')).join('\n'),
      );
    }),
    400,
  );
});

test('wherever the file ends too early: found, at the line on which it ends or the one behind it', () => {
  check(
    fc.property(fc.nat(FILE.length - 1), (length) => {
      const result = verified(FILE.slice(0, length));
      expect(result.ok).toBe(false);
      const ends = FILE.subarray(0, length).filter((byte) => byte === LINE_BREAK).length + 1;
      expect([ends, ends + 1]).toContain(result.refusal?.line ?? result.first?.line);
    }),
    200,
  );
});

function apply(lines: string[], { kind, at, ...rest }: { kind: string; at: number; to?: number }): void {
  if (lines.length === 0) return;
  const place = at % lines.length;
  const to = (rest.to ?? 0) % lines.length;
  const line = lines[place]!;
  if (kind === 'remove') lines.splice(place, 1);
  else if (kind === 'double') lines.splice(place, 0, line);
  else if (kind === 'move') lines.splice(to, 0, ...lines.splice(place, 1));
  else if (kind === 'replace') lines[place] = lines[to]!;
  else if (kind === 'cut') lines[place] = line.slice(0, at % line.length);
  else {
    const digits = [...line.matchAll(/\d/g)];
    const digit = digits[at % digits.length];
    if (digit) lines[place] = line.slice(0, digit.index) + String(rest.to) + line.slice(digit.index + 1);
  }
}
