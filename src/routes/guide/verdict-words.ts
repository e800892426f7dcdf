/** Words of the matrix's verdicts. */
import { phrase } from '#lib/language/phrase.ts';
import type { Verdict } from './verdicts.ts';

/** A verdict of the matrix: its sign, its word, and the class of its colour. */
export function verdictWords(verdict: Verdict): { sign: string; word: string; tone: string } {
  switch (verdict) {
    case 'holds':
      return { sign: '✓', word: phrase('holds'), tone: 'good' };
    case 'broken':
      return { sign: '✗', word: phrase('does not hold'), tone: 'bad' };
    case 'part':
      return { sign: '◐', word: phrase('shown in part'), tone: '' };
    case 'open':
      return { sign: '○', word: phrase('not shown yet'), tone: 'quiet' };
  }
}
