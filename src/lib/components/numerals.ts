/** Numbers that phones write too: apart from `format.ts`, whose rest no phone carries. */
import { phrase } from '#lib/language/phrase.ts';

/** Between thousands. By hand: the first use of Intl takes a slow phone 40 ms, and its button waits for that. */
export const THOUSANDS = /\B(?=(\d{3})+(?!\d))/g;

/** A whole number with its thousands set apart. */
export function count(value: number): string {
  return value.toFixed(0).replace(THOUSANDS, phrase(','));
}

/** Time left as a clock, `14:32`; never below zero. */
export function clock(leftMs: number): string {
  const seconds = Math.max(0, Math.floor(leftMs / 1_000));
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}
