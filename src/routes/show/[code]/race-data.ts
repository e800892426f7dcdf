/** The curves of an epoch that are drawn: those of lanes on which something was sold. */
import type { RaceData } from '#lib/components/race-paint.ts';
import { idsIn, lanesIn } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { EpochSummary } from '#lib/summary/show-summary.ts';

/** The chart's data of an epoch; empty where nothing was sold. */
export function raceOf({ curve, lanes }: EpochSummary): RaceData {
  const all = idsIn(lanes);
  const sold = all.filter((lane) => ofLane(lanes, lane).ops > 0);
  const { xs, curves, cuts } = curve;
  return { lanes: sold.length === 0 ? all.slice(0, 1) : sold, xs, curves, cuts };
}

/** Index of the epoch that is shown first: the newest with a sale, else the newest. */
export function firstShown(epochs: readonly EpochSummary[]): number {
  const sold = epochs.findLastIndex(({ lanes }) => lanesIn(lanes).some(([, { ops }]) => ops > 0));
  return sold === -1 ? Math.max(0, epochs.length - 1) : sold;
}
