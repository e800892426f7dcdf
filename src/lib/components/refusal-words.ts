/** Why orders were refused, as their presenter reads it behind their number. */
import { phrase } from '#lib/language/phrase.ts';
import { count } from './format.ts';

/** What became of so many orders: `102 told: sold out`. Codes that no order gets from a room are named. */
export function refusedFor(code: string): string {
  switch (code) {
    case 'OUT_OF_STOCK':
      return phrase('told: sold out');
    case 'RATE_LIMITED':
      return phrase('refused by the limit');
    case 'BUSY':
      return phrase('told: busy');
    case 'HELD':
      return phrase('told: wait for the GO');
    case 'MODE_MISMATCH':
      return phrase('told: another lane by now');
    case 'STALE_EPOCH':
      return phrase('told: reset meanwhile');
    case 'SHOW_ENDED':
      return phrase('told: the show has ended');
    case 'GUARDRAIL_BLOCKED':
      return phrase('refused by the guardrail');
    case 'REAL_BUDGET_EXCEEDED':
      return phrase('refused by the lock');
    case 'STORAGE_UNAVAILABLE':
      return phrase('without an answer of the database');
    case 'OFFLINE':
    case 'NOT_UNDERSTOOD':
      return phrase('without an answer');
    default:
      return phrase(`refused: ${code}`);
  }
}

/** All of them in one line, the most frequent first; empty where none were. */
export function refusalLine(byCode: Iterable<readonly [code: string, times: number]>): string {
  return [...byCode]
    .sort(([, a], [, b]) => b - a)
    .map(([code, times]) => `${count(times)} ${refusedFor(code)}`)
    .join(', ');
}
