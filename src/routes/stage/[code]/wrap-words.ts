/** What a show came to on its lanes, over all its rounds: the reset ones as the log tells them, and the one that is on. */
import type { Round } from '#lib/client/history.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';

/** One lane's result, in units. */
export interface LaneResult {
  /** Rounds in which anything was sold on it. */
  rounds: number;
  acknowledged: number;
  /** What was sold beyond what existed in each round. */
  oversold: number;
  /** Acknowledged and not in the lane's counter at the end of its round. */
  lost: number;
  /** Units of them that SIMULATED shoppers were given. */
  simUnits: number;
  /** Orders without an answer yet, which may still change the figures. */
  inFlight: number;
}

/** Adds up a lane over its rounds; `simUnits` are those of the round that is on. */
export function resultOf(
  lane: LaneId,
  { sku, lanes }: RoomState,
  past: readonly Round[],
  simUnits: Record<LaneId, number>,
): LaneResult {
  const ended = past.map((round) => round.lanes[lane]);
  const rounds = [...ended, lanes[lane]].filter(({ acknowledged }) => acknowledged > 0);
  const sum = (of: (round: { acknowledged: number; stored: number }) => number) =>
    rounds.reduce((total, round) => total + of(round), 0);
  return {
    rounds: rounds.length,
    acknowledged: sum(({ acknowledged }) => acknowledged),
    oversold: sum(({ acknowledged }) => Math.max(0, acknowledged - sku.capacity)),
    lost: sum(({ acknowledged, stored }) => acknowledged - stored),
    simUnits: simUnits[lane] + ended.reduce((total, round) => total + round.simUnits, 0),
    inFlight: lanes[lane].inFlight,
  };
}
