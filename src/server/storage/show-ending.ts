/** D1: the end of a show by its presenter's word, with all its presenters' sessions. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { d1Spent } from './orders.ts';
import { onStorage } from './unavailable.ts';

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
