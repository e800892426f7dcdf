/** A show's results by lane over all its epochs: earlier ones from the log, and the current one. */
import type { Round } from '#lib/client/history.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import type { RoomState } from '#lib/domain/room-state.ts';

/** One lane's result, in units. */
export interface LaneResult {
  /** Epochs in which anything was sold on the lane. */
  rounds: number;
  acknowledged: number;
  /** Units sold beyond capacity, summed over the epochs. */
  oversold: number;
  /** Acknowledged units that were not in the lane's counter at the end of their epoch. */
  lost: number;
  /** Acknowledged units of SIMULATED shoppers. */
  simUnits: number;
  /** Ops in flight, which may still change the figures. */
  inFlight: number;
}

/** Adds up a lane over its epochs; `simUnits` are its own in the current epoch. */
export function resultOf(
  lane: LaneId,
  { sku, lanes }: RoomState,
  past: readonly Round[],
  simUnits: number,
): LaneResult {
  const now = ofLane(lanes, lane);
  const ended = past.map((round) => ofLane(round.lanes, lane));
  const rounds = [...ended, now].filter(({ acknowledged }) => acknowledged > 0);
  const sum = (of: (round: { acknowledged: number; stored: number }) => number) =>
    rounds.reduce((total, round) => total + of(round), 0);
  return {
    rounds: rounds.length,
    acknowledged: sum(({ acknowledged }) => acknowledged),
    oversold: sum(({ acknowledged }) => Math.max(0, acknowledged - sku.capacity)),
    lost: sum(({ acknowledged, stored }) => acknowledged - stored),
    simUnits: simUnits + ended.reduce((total, round) => total + round.simUnits, 0),
    inFlight: now.inFlight,
  };
}
