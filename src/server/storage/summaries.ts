/** D1: the last state of each room of a show that has ended, and what its log came to. Kept for a day. */
import * as v from 'valibot';
import type { RoomState } from '#lib/domain/room-state.ts';
import { parseRoomSummary } from '#lib/summary/show-summary.ts';
import type { RoomSummary } from '#lib/summary/show-summary.ts';
import { onStorage } from './unavailable.ts';

const summaryRow = v.object({ sku: v.string(), summary: v.nullable(v.string()) });

/** Stores a room's last state and its summary, once. */
export async function storeSummary(
  db: D1Database,
  state: RoomState,
  summary: RoomSummary,
  endedAt: number,
): Promise<void> {
  await db
    .prepare('INSERT OR IGNORE INTO summaries (show, sku, ended_at, state, summary) VALUES (?, ?, ?, ?, ?)')
    .bind(state.show, state.sku.id, endedAt, JSON.stringify(state), JSON.stringify(summary))
    .run();
}

/** The summaries of an ended show by SKU, as far as its rooms have stored them. */
export function findSummaries(db: D1Database, show: string): Promise<Map<string, RoomSummary>> {
  return onStorage('find summaries', async () => {
    const { results } = await db
      .prepare('SELECT sku, summary FROM summaries WHERE show = ?')
      .bind(show)
      .all();
    const rows = results.map((row) => v.parse(summaryRow, row));
    return new Map(
      rows.flatMap(({ sku, summary }) =>
        summary === null ? [] : [[sku, parseRoomSummary(summary)] as const],
      ),
    );
  });
}
