/** D1: the shows, and who presents them (seats.ts: who has joined). A show's rooms keep everything else themselves. */
import * as v from 'valibot';
import type { Sku } from '#lib/domain/events.ts';
import type { MeterCounts } from '#lib/domain/prices.ts';
import { d1Spent } from './orders.ts';
import { onStorage } from './unavailable.ts';

/** A show as D1 knows it. Times are Unix milliseconds. */
export interface Show {
  code: string;
  closesAt: number;
  endedAt: number | null;
  /** Participants that have joined so far. */
  joined: number;
  /** Those of them that have not logged out. */
  seated: number;
  skus: Sku[];
}

/** A presenter's session in a show. */
export interface PresenterSeat {
  show: string;
  sessionId: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** What a statement found or did, and what D1 says it cost. */
export interface Metered<T> {
  value: T;
  spent: MeterCounts;
}

const showRow = v.object({
  code: v.string(),
  closes_at: v.number(),
  ended_at: v.nullable(v.number()),
  joined: v.number(),
  seated: v.number(),
  skus: v.pipe(
    v.string(),
    v.parseJson(),
    v.array(v.object({ id: v.string(), name: v.string(), capacity: v.number(), unitPrice: v.number() })),
  ),
});
/** What {@link parseShow} reads. */
export const SHOW_COLUMNS = 'code, closes_at, ended_at, joined, joined - freed AS seated, skus';
const countRow = v.object({ n: v.number() });
const closesRow = v.object({ closes_at: v.number() });

/** True while a show runs. */
export function isLive(show: Show, now: number): boolean {
  return show.endedAt === null && show.closesAt > now;
}

/** Writes a new show and its first presenter. False when the code is taken: nothing was written. */
export function insertShow(
  db: D1Database,
  seat: PresenterSeat,
  skus: Sku[],
  now: number,
): Promise<Metered<boolean>> {
  return onStorage('insert a show', async () => {
    const show = db
      .prepare('INSERT INTO shows (code, opened_at, closes_at, skus) VALUES (?, ?, ?, ?)')
      .bind(seat.show, now, seat.expiresAt, JSON.stringify(skus));
    try {
      const results = await db.batch([show, insertSeat(db, seat)]);
      return { value: true, spent: d1Spent(...results.map(({ meta }) => meta)) };
    } catch (error) {
      // The batch is a transaction: with the code taken, neither row was written.
      if (String(error).includes('UNIQUE constraint failed: shows.code')) return { value: false, spent: {} };
      throw error;
    }
  });
}

/** The show with this code, or null. */
export function findShow(db: D1Database, code: string): Promise<Metered<Show | null>> {
  return onStorage('find a show', async () => {
    const { results, meta } = await db
      .prepare(`SELECT ${SHOW_COLUMNS} FROM shows WHERE code = ?`)
      .bind(code)
      .all();
    return { value: results[0] ? parseShow(results[0]) : null, spent: d1Spent(meta) };
  });
}

/** Adds a presenter's session: which one it is in its show (the first is 1), and until when the show lives now. */
export function addPresenter(
  db: D1Database,
  seat: PresenterSeat,
): Promise<Metered<{ number: number; closesAt: number }>> {
  return onStorage('add a presenter', async () => {
    const count = db.prepare('SELECT COUNT(*) AS n FROM presenters WHERE show = ?').bind(seat.show);
    const [inserted, extended, counted] = await db.batch([
      insertSeat(db, seat),
      extendShow(db, seat.show),
      count,
    ]);
    const { n } = v.parse(countRow, counted?.results[0]);
    const { closes_at } = v.parse(closesRow, extended?.results[0]);
    return { value: { number: n, closesAt: closes_at }, spent: spentOf(inserted, extended, counted) };
  });
}

/** A presenter's session lives longer, and the show with it: until when the show lives now. Null when the show is over. */
export function renewPresenter(db: D1Database, seat: PresenterSeat): Promise<Metered<number | null>> {
  return onStorage('renew a presenter', async () => {
    const renew = db
      .prepare('UPDATE presenters SET expires_at = ?3 WHERE show = ?1 AND session_id = ?2')
      .bind(seat.show, seat.sessionId, seat.expiresAt);
    const [renewed, extended] = await db.batch([renew, extendShow(db, seat.show)]);
    const row = v.parse(v.optional(closesRow), extended?.results[0]);
    return { value: row?.closes_at ?? null, spent: spentOf(renewed, extended) };
  });
}

/**
 * A presenter's session ends now. The show ends with the last one, at once; else it lives as long as the others.
 * The row stays: the number of rows is what makes the next presenter's label.
 */
export function removePresenter(
  db: D1Database,
  show: string,
  sessionId: string,
  now: number,
): Promise<Metered<{ ended: boolean; closesAt: number | null }>> {
  return onStorage('remove a presenter', async () => {
    const [removed, ended, extended] = await db.batch([
      db
        .prepare('UPDATE presenters SET expires_at = MIN(expires_at, ?3) WHERE show = ?1 AND session_id = ?2')
        .bind(show, sessionId, now),
      db
        .prepare(
          `UPDATE shows SET ended_at = ?2 WHERE code = ?1 AND ended_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM presenters WHERE show = ?1 AND expires_at > ?2) RETURNING code`,
        )
        .bind(show, now),
      extendShow(db, show),
    ]);
    const row = v.parse(v.optional(closesRow), extended?.results[0]);
    return {
      value: { ended: (ended?.results.length ?? 0) > 0, closesAt: row?.closes_at ?? null },
      spent: spentOf(removed, ended, extended),
    };
  });
}

function insertSeat(db: D1Database, seat: PresenterSeat): D1PreparedStatement {
  return db
    .prepare('INSERT INTO presenters (show, session_id, expires_at) VALUES (?, ?, ?)')
    .bind(seat.show, seat.sessionId, seat.expiresAt);
}

/** A show that is not over lives until its last presenter's session ends. */
function extendShow(db: D1Database, show: string): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE shows SET closes_at = (SELECT MAX(expires_at) FROM presenters WHERE show = ?1)
       WHERE code = ?1 AND ended_at IS NULL RETURNING closes_at`,
    )
    .bind(show);
}

function spentOf(...results: (D1Result | undefined)[]): MeterCounts {
  return d1Spent(...results.flatMap((result) => (result ? [result.meta] : [])));
}

/** A row of {@link SHOW_COLUMNS}. */
export function parseShow(row: unknown): Show {
  const { code, closes_at, ended_at, joined, seated, skus } = v.parse(showRow, row);
  return { code, closesAt: closes_at, endedAt: ended_at, joined, seated, skus };
}
