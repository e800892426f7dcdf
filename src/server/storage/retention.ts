/**
 * D1: how shows end, and until when they are kept. Everything of a show, its own row too, is kept for a day after its end and then
 * deleted together; what a show left behind whose rooms never came to it goes with the next one.
 */
import * as v from 'valibot';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import { batch } from './d1.ts';
import type { Statement } from './d1.ts';
import { onStorage } from './unavailable.ts';

/** Every table with rows of shows except `shows`, by which they are found. */
const TABLES_OF_SHOWS = ['departures', 'inventory', 'orders', 'presenters', 'summaries'];
const ENDS_AT = 'COALESCE(ended_at, closes_at)';
const keptRow = v.object({ ends_at: v.number() });

/** Ends a show and every presenter's seat in it, in one transaction: no renewal comes between. What it cost. */
export function endShow(db: D1Database, show: string, now: number): Promise<MeterCounts> {
  return onStorage('end a show', async () => {
    const ended = await batch(db, [
      ['UPDATE shows SET ended_at = ?2 WHERE code = ?1 AND ended_at IS NULL', show, now],
      ['UPDATE presenters SET expires_at = MIN(expires_at, ?2) WHERE show = ?1', show, now],
    ]);
    return ended.spent;
  });
}

/**
 * Deletes every show whose day is over, in one transaction. Returns until when the show with this code is kept, Unix
 * milliseconds; null when it is deleted.
 */
export function forgetShows(db: D1Database, code: string, now: number): Promise<number | null> {
  return onStorage('forget shows', async () => {
    const endedBy = now - KEPT_MS;
    const over = `SELECT code FROM shows WHERE ${ENDS_AT} <= ?`;
    const { value } = await batch(db, [
      ...TABLES_OF_SHOWS.map((table): Statement => [`DELETE FROM ${table} WHERE show IN (${over})`, endedBy]),
      [`DELETE FROM shows WHERE ${ENDS_AT} <= ?`, endedBy],
      [`SELECT ${ENDS_AT} AS ends_at FROM shows WHERE code = ?`, code],
    ]);
    const left = v.parse(v.optional(keptRow), value.at(-1)?.[0]);
    return left ? left.ends_at + KEPT_MS : null;
  });
}
