/** Words of the contest: verdicts, times and tries. */
import { unreachable } from '#lib/domain/assert.ts';
import { phrase } from '#lib/language/phrase.ts';
import { count, millis, withPoint } from '../format.ts';
import type { Tone } from '../tones.ts';
import { laneWords } from '../strategy-words.ts';
import type { Contest, Verdict } from './contest-rows.ts';

/** A verdict in one word. */
export function verdictWord(verdict: Verdict): string {
  switch (verdict) {
    case 'exact':
      return phrase('exact');
    case 'oversold':
      return phrase('oversold');
    case 'inexact':
      return phrase('inexact');
    case 'unsettled':
      return phrase('unsettled');
    case 'nothing':
      return phrase('nothing yet');
    default:
      return unreachable(verdict);
  }
}

/** The colour of a verdict, by its meaning. */
export const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  exact: 'kept',
  oversold: 'oversold',
  inexact: 'lost',
  unsettled: 'ink',
  nothing: 'quiet',
};

/** A time with its unit: seconds from one on, because 7,912 ms is read as a large number and not as a long wait. */
export function timeWords(ms: number): string {
  return ms < 1_000 ? `${millis(ms)} ms` : `${withPoint((ms / 1_000).toFixed(1))} s`;
}

/** An average of tries: one decimal, where 1 is the least there is. */
export function timesWords(times: number): string {
  return withPoint(times.toFixed(1));
}

/** The contest in a few sentences, for screen readers: how many kept their word, and whatever did not. */
export function contestSummary({ rows, kept, broke }: Contest): string {
  const sums = [
    phrase(`${count(rows.length)} lanes.`),
    ...(kept > 0 ? [phrase(`${count(kept)} kept their word.`)] : []),
    ...(broke > 0 ? [phrase(`${count(broke)} did not.`)] : []),
  ];
  const others = rows
    .filter(({ verdict }) => verdict !== 'exact' && verdict !== 'nothing')
    .map(({ lane, verdict, oversold }) => {
      const more = oversold > 0 ? ` +${count(oversold)}` : '';
      return `${laneWords(lane)}: ${verdictWord(verdict)}${more}.`;
    });
  return [...sums, ...others].join(' ');
}
