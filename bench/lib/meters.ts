/** How many ops a room stores in one commit, told by its own public meters. */
import * as v from 'valibot';
import type { Session, Site } from '../../scripts/crowd/site.mjs';

const state = v.object({
  lanes: v.object({ safe: v.object({ ops: v.number() }) }),
  ledger: v.object({ lines: v.array(v.object({ meter: v.string(), quantity: v.number() })) }),
});

/** Safe ops of a room, and rows that it has written for everything. */
export interface RoomMeters {
  ops: number;
  rowsWritten: number;
}

/** A room's meters as they stand. */
export async function metersOf(site: Site, show: Session, skuId: string): Promise<RoomMeters> {
  const data: unknown = await site.call(`/demo/state?skuId=${skuId}`, { token: show.token });
  const { lanes, ledger } = v.parse(state, data);
  const rows = ledger.lines.find(({ meter }) => meter === 'do.rowWritten');
  return { ops: lanes.safe.ops, rowsWritten: rows?.quantity ?? 0 };
}

/**
 * Ops in a commit between two readings. An op writes one row, its commit two more (a run of the log, the gauges); the
 * rare commits that hold no op (a tick of the ledger) make the figure a little lower than it is.
 */
export function opsPerCommit(before: RoomMeters, after: RoomMeters): number {
  const ops = after.ops - before.ops;
  const commits = (after.rowsWritten - before.rowsWritten - ops) / 2;
  return ops / Math.max(1, commits);
}
