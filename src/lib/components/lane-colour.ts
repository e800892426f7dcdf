/** The colours of lanes and modes, as values of CSS; the tokens behind them stand in styles/tokens.css. */
import { isLane } from '#lib/domain/by-lane.ts';
import type { LaneId, Mode } from '#lib/domain/lane.ts';
import { LANES } from '#lib/domain/lanes.ts';

/** The colour of a lane. */
export function laneColour(lane: LaneId): string {
  return `var(--${LANES[lane].colour})`;
}

/** The colour of a mode: that of its lane; several have none in common. */
export function modeColour(mode: Mode): string {
  return isLane(mode) ? laneColour(mode) : 'var(--ink)';
}
