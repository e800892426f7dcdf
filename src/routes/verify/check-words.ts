/**
 * The verifier's checks in the page's language. The verifier names them in English, as on the command line, and knows no
 * languages; a test holds that both say the same.
 */
import { auditWords } from '#lib/components/auditor/check-words.ts';
import type { CheckWords } from '#lib/components/auditor/check-words.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Check, CheckKey, Wrong } from '#lib/verify/checks.ts';
import { CHECK_LINES } from '#lib/verify/checks.ts';

/** Name and expectation of a check. */
export function wordsOf(key: CheckKey): CheckWords {
  return { ...auditWords(), ...fileWords() }[key];
}

/** What a check expected, in words; what it expected of one line stands as the verifier wrote it. */
export function expectedWords({ key, expected }: Pick<Check | Wrong, 'key' | 'expected'>): string {
  return expected === CHECK_LINES[key][1] ? wordsOf(key)[1] : expected;
}

function fileWords() {
  return {
    lines: [phrase('Every line is what a room writes'), phrase('one event in canonical JSON, its hash last')],
    header: [phrase('Header and opening event agree'), phrase('show, SKU, configuration and prices equal')],
    head: [
      phrase('Head line agrees with the last event'),
      phrase('its number and its hash, and nothing behind it'),
    ],
    replay: [phrase('Every event can be replayed'), phrase('the reducer takes each of them')],
    agree: [
      phrase('Replay and recount agree'),
      phrase('every counter of every lane, at the end of every epoch'),
    ],
    heads: [
      phrase('Hashes that clients were told stand in the chain'),
      phrase('the same hash at the same number'),
    ],
    reach: [phrase('The log reaches as far as the receipts'), phrase('no receipt behind its last event')],
  } as const satisfies Readonly<Record<string, CheckWords>>;
}
