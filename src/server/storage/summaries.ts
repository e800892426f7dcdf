/** D1: the last state of each room of a show that has ended, and what its log came to. Kept for a day. */
import * as v from 'valibot';
import type { RoomState } from '#lib/domain/room-state.ts';
import { parseRoomSummary } from '#lib/summary/show-summary.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import { query } from './d1.ts';
import { onStorage } from './unavailable.ts';

const summaryRow = v.object({ sku: v.string(), summary: v.nullable(v.string()) });

/** Stores a room's last state and its summary, once. */
export async function storeSummary(
  db: D1Database,
  state: RoomState,
  summary: RoomSummary,
  endedAt: number,
): Promise<void> {
  const { show, sku } = state;
  const insert =
    'INSERT OR IGNORE INTO summaries (show, sku, ended_at, state, summary) VALUES (?, ?, ?, ?, ?)';
  await query(db, insert, show, sku.id, endedAt, JSON.stringify(state), JSON.stringify(summary));
}

/** The summaries of an ended show by SKU, as far as its rooms have stored them. */
export function findSummaries(db: D1Database, show: string): Promise<Map<string, RoomSummary>> {
  return onStorage('find summaries', async () => {
    const found = await query(db, 'SELECT sku, summary FROM summaries WHERE show = ?', show);
    const rows = found.value.map((row) => v.parse(summaryRow, row));
    return new Map(
      rows.flatMap(({ sku, summary }) =>
        summary === null ? [] : [[sku, parseRoomSummary(summary)] as const],
      ),
    );
  });
}
