/** Curves small enough to be stored with a show: a moment is kept as it was, or left out; none is made up. */
import { byLane } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { RaceSeries } from '#lib/domain/race-series.ts';
import type { Curve } from './show-summary.ts';

/** Moments of one epoch: as many as a printed page can tell apart. */
const MOST_OF_ONE = 600;
/** Moments of a whole room: five rooms with as many stay far below what a database row may hold. */
const MOST_OF_ALL = 6_000;

/** The curves of a room's epochs, in their order. Every first and last moment is kept. */
export function thinned(series: readonly RaceSeries[]): Curve[] {
  const most = Math.max(2, Math.min(MOST_OF_ONE, Math.floor(MOST_OF_ALL / Math.max(1, series.length))));
  return series.map(({ lanes, xs, curves, cuts }) => {
    const every = Math.max(1, Math.ceil((xs.length - 1) / (most - 1)));
    const kept = (values: readonly number[]) =>
      values.filter((_, at) => at % every === 0 || at === values.length - 1);
    return {
      xs: kept(xs),
      cuts: cuts.map((cut) => ({ ...cut })),
      curves: byLane(lanes, (lane) => {
        const { acknowledged, stored } = ofLane(curves, lane);
        return { acknowledged: kept(acknowledged), stored: kept(stored) };
      }),
      every,
    };
  });
}
