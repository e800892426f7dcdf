/** D1: the last state of each room of a show that has ended. */
import type { RoomState } from '#lib/domain/room-state.ts';

/** Stores a room's last state, once. */
export async function storeSummary(db: D1Database, state: RoomState, endedAt: number): Promise<void> {
  await db
    .prepare('INSERT OR IGNORE INTO summaries (show, sku, ended_at, state) VALUES (?, ?, ?, ?)')
    .bind(state.show, state.sku.id, endedAt, JSON.stringify(state))
    .run();
}
