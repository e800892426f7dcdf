/** Which charts an epoch has. */
import { idsIn, modesOf } from '#lib/domain/by-lane.ts';
import { lanesOf, ofLane } from '#lib/domain/lane.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { EpochTotals } from '#lib/verify/replay.ts';

/** The modes whose chart has something to draw, the widest last; the first lane's where nothing was sold. */
export function chartsOf({ lanes }: EpochTotals): readonly Mode[] {
  const modes = modesOf(idsIn(lanes));
  const sold = modes.filter((mode) => lanesOf(mode).every((lane) => ofLane(lanes, lane).ops > 0));
  return sold.length === 0 ? modes.slice(0, 1) : sold;
}
