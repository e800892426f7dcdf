/** D1: the shows, and who presents them (seats.ts: who has joined). A show's rooms keep everything else themselves. */
import * as v from 'valibot';
import type { Sku } from '#lib/domain/events.ts';
import { batch, query } from './d1.ts';
import type { Metered, Statement } from './d1.ts';
import { onStorage } from './unavailable.ts';

/** A presenter's session in a show. */
export interface PresenterSeat {
  show: string;
  sessionId: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

const showRow = v.object({
  code: v.string(),
  closesAt: v.number(),
  endedAt: v.nullable(v.number()),
  /** Participants that have joined so far. */
  joined: v.number(),
  /** Those of them that have not logged out. */
  seated: v.number(),
  /** Keyed hash of the code of its embeds; '' while it has none. */
  embedHash: v.string(),
  skus: v.pipe(
    v.string(),
    v.parseJson(),
    v.array(v.object({ id: v.string(), name: v.string(), capacity: v.number(), unitPrice: v.number() })),
  ),
});
/** A show as D1 knows it. Times are Unix milliseconds. */
export type Show = v.InferOutput<typeof showRow>;
/** What {@link firstShow} reads. */
export const SHOW_COLUMNS =
  'code, closes_at AS closesAt, ended_at AS endedAt, joined, joined - freed AS seated, embed_hash AS embedHash, skus';
const countRow = v.object({ number: v.number() });
const closesRow = v.object({ closesAt: v.number() });

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
    const insert = 'INSERT INTO shows (code, opened_at, closes_at, skus) VALUES (?, ?, ?, ?)';
    try {
      const show: Statement = [insert, seat.show, now, seat.expiresAt, JSON.stringify(skus)];
      const { spent } = await batch(db, [show, insertSeat(seat)]);
      return { value: true, spent };
    } catch (error) {
      // The batch is a transaction: with the code taken, neither row was written.
      if (String(error).includes('UNIQUE constraint failed: shows.code')) return { value: false, spent: {} };
      throw error;
    }
  });
}

/** The show with this code, or null. */
export function findShow(db: D1Database, code: string): Promise<Metered<Show | null>> {
  return onStorage('find a show', async () =>
    firstShow(await query(db, `SELECT ${SHOW_COLUMNS} FROM shows WHERE code = ?`, code)),
  );
}

/** Puts another code's hash in the place of `before`; false when the show has ended, or another one stands there by now. */
export function changeEmbed(
  db: D1Database,
  code: string,
  before: string,
  hash: string,
): Promise<Metered<boolean>> {
  return onStorage('change the code of embeds', async () => {
    const change = `UPDATE shows SET embed_hash = ?3
                    WHERE code = ?1 AND embed_hash = ?2 AND ended_at IS NULL RETURNING code`;
    const { value, spent } = await query(db, change, code, before, hash);
    return { value: value.length === 1, spent };
  });
}

/** Adds a presenter's session: which one it is in its show (the first is 1), and until when the show lives now. */
export function addPresenter(
  db: D1Database,
  seat: PresenterSeat,
): Promise<Metered<{ number: number; closesAt: number }>> {
  return onStorage('add a presenter', async () => {
    const count: Statement = ['SELECT COUNT(*) AS number FROM presenters WHERE show = ?', seat.show];
    const { value, spent } = await batch(db, [insertSeat(seat), extendShow(seat.show), count]);
    const [, extended, counted] = value;
    return { value: { ...v.parse(closesRow, extended?.[0]), ...v.parse(countRow, counted?.[0]) }, spent };
  });
}

/** A presenter's session lives longer, and the show with it: until when the show lives now. Null when the show is over. */
export function renewPresenter(db: D1Database, seat: PresenterSeat): Promise<Metered<number | null>> {
  return onStorage('renew a presenter', async () => {
    const { show, sessionId, expiresAt } = seat;
    const renew = 'UPDATE presenters SET expires_at = ?3 WHERE show = ?1 AND session_id = ?2';
    const { value, spent } = await batch(db, [[renew, show, sessionId, expiresAt], extendShow(show)]);
    const row = v.parse(v.optional(closesRow), value[1]?.[0]);
    return { value: row?.closesAt ?? null, spent };
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
    const remove =
      'UPDATE presenters SET expires_at = MIN(expires_at, ?3) WHERE show = ?1 AND session_id = ?2';
    const end = `UPDATE shows SET ended_at = ?2 WHERE code = ?1 AND ended_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM presenters WHERE show = ?1 AND expires_at > ?2) RETURNING code`;
    const { value, spent } = await batch(db, [
      [remove, show, sessionId, now],
      [end, show, now],
      extendShow(show),
    ]);
    const row = v.parse(v.optional(closesRow), value[2]?.[0]);
    return { value: { ended: value[1]?.length === 1, closesAt: row?.closesAt ?? null }, spent };
  });
}

function insertSeat({ show, sessionId, expiresAt }: PresenterSeat): Statement {
  return [
    'INSERT INTO presenters (show, session_id, expires_at) VALUES (?, ?, ?)',
    show,
    sessionId,
    expiresAt,
  ];
}

/** A show that is not over lives until its last presenter's session ends. */
function extendShow(show: string): Statement {
  const extend = `UPDATE shows SET closes_at = (SELECT MAX(expires_at) FROM presenters WHERE show = ?1)
                  WHERE code = ?1 AND ended_at IS NULL RETURNING closes_at AS closesAt`;
  return [extend, show];
}

/** The show of rows of {@link SHOW_COLUMNS}; null when there is none. */
export function firstShow({ value: [row], spent }: Metered<unknown[]>): Metered<Show | null> {
  return { value: row === undefined ? null : v.parse(showRow, row), spent };
}
