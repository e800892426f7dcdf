/** Which charts an epoch has. */
import { LANE_IDS, MODES } from '#lib/domain/lane.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { EpochTotals } from '#lib/verify/replay.ts';

/** The modes whose chart has something to draw, `both` last; `safe` where nothing was sold. */
export function modesOf({ lanes }: EpochTotals): Mode[] {
  const sold = LANE_IDS.filter((lane) => lanes[lane].ops > 0);
  if (sold.length === MODES.length - 1) return [...MODES];
  return sold.length === 0 ? ['safe'] : sold;
}
