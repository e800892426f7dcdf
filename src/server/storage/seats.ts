/** D1: the seats of a show. A participant takes one to join, and frees it by logging out, once. */
import type { MeterCounts } from '#lib/domain/prices.ts';
import { batch, query } from './d1.ts';
import type { Metered } from './d1.ts';
import type { Show } from './shows.ts';
import { firstShow, SHOW_COLUMNS } from './shows.ts';
import { onStorage } from './unavailable.ts';

/** Takes a seat of a live show; null when it is over or has `max` participants already. Exact: one statement. */
export function takeSeat(
  db: D1Database,
  code: string,
  max: number,
  now: number,
): Promise<Metered<Show | null>> {
  return onStorage('take a seat', async () => {
    const take = `UPDATE shows SET joined = joined + 1
                  WHERE code = ?1 AND ended_at IS NULL AND closes_at > ?2 AND joined - freed < ?3
                  RETURNING ${SHOW_COLUMNS}`;
    return firstShow(await query(db, take, code, now, max));
  });
}

/** Frees the seat of a session. Exact: a session that says so twice, or twice at once, frees one. What it cost. */
export function freeSeat(db: D1Database, show: string, sessionId: string): Promise<MeterCounts> {
  return onStorage('free a seat', async () => {
    const free = `UPDATE shows SET freed = freed + 1
                  WHERE code = ?1 AND NOT EXISTS (SELECT 1 FROM departures WHERE show = ?1 AND session_id = ?2)`;
    const depart = 'INSERT OR IGNORE INTO departures (show, session_id) VALUES (?, ?)';
    const freed = await batch(db, [
      [free, show, sessionId],
      [depart, show, sessionId],
    ]);
    return freed.spent;
  });
}
