/**
 * D1: how shows end, and until when they are kept. Everything of a show, its own row too, is kept for a day after its end and then
 * deleted together; what a show left behind whose rooms never came to it goes with the next one.
 */
import * as v from 'valibot';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { KEPT_MS } from '#lib/summary/show-summary.ts';
import { d1Spent } from './orders.ts';
import { onStorage } from './unavailable.ts';

/** Every table with rows of shows except `shows`, by which they are found. */
const TABLES_OF_SHOWS = ['departures', 'inventory', 'orders', 'presenters', 'summaries'];
const ENDS_AT = 'COALESCE(ended_at, closes_at)';
const keptRow = v.object({ ends_at: v.number() });

/** Ends a show and every presenter's seat in it, in one transaction: no renewal comes between. What it cost. */
export function endShow(db: D1Database, show: string, now: number): Promise<MeterCounts> {
  return onStorage('end a show', async () => {
    const results = await db.batch([
      db.prepare('UPDATE shows SET ended_at = ?2 WHERE code = ?1 AND ended_at IS NULL').bind(show, now),
      db.prepare('UPDATE presenters SET expires_at = MIN(expires_at, ?2) WHERE show = ?1').bind(show, now),
    ]);
    return d1Spent(...results.map(({ meta }) => meta));
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
    const results = await db.batch([
      ...TABLES_OF_SHOWS.map((table) =>
        db.prepare(`DELETE FROM ${table} WHERE show IN (${over})`).bind(endedBy),
      ),
      db.prepare(`DELETE FROM shows WHERE ${ENDS_AT} <= ?`).bind(endedBy),
      db.prepare(`SELECT ${ENDS_AT} AS ends_at FROM shows WHERE code = ?`).bind(code),
    ]);
    const left = v.parse(v.optional(keptRow), results.at(-1)?.results[0]);
    return left ? left.ends_at + KEPT_MS : null;
  });
}
