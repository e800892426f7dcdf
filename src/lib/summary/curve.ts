/** Thins curves so that they can be stored with a show. Moments are kept unchanged or left out; none is interpolated. */
import { byLane } from '#lib/domain/by-lane.ts';
import { ofLane } from '#lib/domain/lane.ts';
import type { RaceSeries } from '#lib/domain/race-series.ts';
import type { Curve } from './show-summary.ts';

/** Most moments of one epoch: as many as can be distinguished in print. */
const MOST_OF_ONE = 600;
/**
 * Most moments of a room with up to two lanes: five rooms with as many are far below the 2 MB of a D1 row
 * (developers.cloudflare.com/d1/platform/limits). Each further lane has two curves more, and all have fewer moments.
 */
const MOST_OF_ALL = 6_000;
const LANES_OF_ALL = 2;

/** The curves of a room's epochs, in their order. Every first and last moment is kept. */
export function thinned(series: readonly RaceSeries[]): Curve[] {
  const share = Math.max(LANES_OF_ALL, ...series.map(({ lanes }) => lanes.length)) / LANES_OF_ALL;
  const each = Math.floor(MOST_OF_ALL / share / Math.max(1, series.length));
  const most = Math.max(2, Math.min(MOST_OF_ONE, each));
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
