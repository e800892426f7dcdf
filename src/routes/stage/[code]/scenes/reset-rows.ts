/** The reset scene's rows: what each lane had sold in the round before, and what it has sold now. */
import type { Round } from '#lib/client/history.ts';
import { idsIn } from '#lib/domain/by-lane.ts';
import { ofLane, tappedLanes } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';

/** One lane, in units. */
export interface ResetRow {
  lane: LaneId;
  /** Sold when the round before ended; null where no reset is to be told of. */
  before: number | null;
  /** Of these, sold beyond what exists. */
  tooMany: number;
  sold: number;
  /** Left to sell now. */
  left: number;
}

/** Lanes that sold something in either round; those that are tapped now where none did. `round` is the one that the reset ended. */
export function resetRows(view: Pick<RoomState, 'lanes' | 'mode' | 'sku'>, round: Round | null): ResetRow[] {
  const { capacity } = view.sku;
  const rows = idsIn(view.lanes).map((lane): ResetRow => {
    const sold = ofLane(view.lanes, lane).acknowledged;
    const before = round ? (round.lanes[lane]?.acknowledged ?? 0) : null;
    const tooMany = Math.max(0, (before ?? sold) - capacity);
    return { lane, before, tooMany, sold, left: Math.max(0, capacity - sold) };
  });
  const moved = rows.filter(({ before, sold }) => (before ?? 0) + sold > 0);
  if (moved.length > 0) return moved;
  const tapped = tappedLanes(view);
  return rows.filter(({ lane }) => tapped.includes(lane));
}
