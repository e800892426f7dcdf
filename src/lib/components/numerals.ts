/** Numbers that phones format too; separate from format.ts, whose other functions phones do not load. */
import { phrase } from '#lib/language/phrase.ts';

/** Between thousands. Not by Intl, whose first use takes a slow phone 40 ms before its button works (docs/performance.md). */
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
