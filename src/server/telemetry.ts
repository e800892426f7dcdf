/**
 * Telemetry: aggregates for Analytics Engine. This file names the columns; docs/telemetry.md explains how to query them. The
 * platform samples these points, and the local runtime drops them; exact figures are in the room's log.
 */
import type { EventBodies, RoomEvent } from '#lib/domain/events.ts';
import type { LaneId } from '#lib/domain/lane.ts';
import { LANE_IDS } from '#lib/domain/lane.ts';

/** What a point tells. */
export type PointKind =
  | 'session'
  | 'allocation'
  | 'refusal'
  | 'oversell'
  | 'lost'
  | 'guardrail'
  | 'lock'
  | 'reset'
  | 'reconnect'
  | 'incident';

/** A point before it is laid out in columns. */
export interface Point {
  kind: PointKind;
  show: string;
  sku?: string;
  lane?: LaneId;
  /** What happened, where the kind alone does not say it: a code, `tripped` or `cleared`, a role, a check that turned red. */
  detail?: string;
  /** How many: operations, refusals, sessions. */
  count?: number;
  units?: number;
  usd?: number;
}

/** Blobs in their order: blob1 … blob5. */
export const BLOBS = ['kind', 'show', 'sku', 'lane', 'detail'] as const;
/** Doubles in their order: double1 … double3. */
export const DOUBLES = ['count', 'units', 'usd'] as const;

/** Lays a point out in its columns; the show is the index. */
export function columnsOf(point: Point): AnalyticsEngineDataPoint {
  return {
    indexes: [point.show],
    blobs: BLOBS.map((name) => point[name] ?? ''),
    doubles: DOUBLES.map((name) => point[name] ?? 0),
  };
}

/** Points of some events: one for each lane and kind that they moved, however many they are. */
export function pointsOf(events: readonly RoomEvent[], where: { show: string; sku: string }): Point[] {
  const points: Point[] = [];
  for (const lane of LANE_IDS) {
    const allocated = bodiesOf(events, 'allocated', lane);
    const lost = bodiesOf(events, 'lost', lane);
    const oversold = bodiesOf(events, 'oversold', lane).at(-1);
    if (allocated.length) points.push({ ...where, kind: 'allocation', lane, ...sums(allocated) });
    if (lost.length) points.push({ ...where, kind: 'lost', lane, ...sums(lost) });
    if (oversold) points.push({ ...where, kind: 'oversell', lane, units: oversold.delta });
    for (const { counts } of bodiesOf(events, 'refused', lane)) {
      for (const [detail, count] of Object.entries(counts)) {
        points.push({ ...where, kind: 'refusal', lane, detail, count });
      }
    }
  }
  for (const event of events) {
    if (event.kind === 'guardrail') {
      points.push({ ...where, kind: 'guardrail', detail: event.body.state, usd: event.body.virtualUsd });
    } else if (event.kind === 'locked') {
      points.push({ ...where, kind: 'lock', usd: event.body.virtualUsd });
    } else if (event.kind === 'reset') {
      points.push({ ...where, kind: 'reset', count: event.body.toEpoch });
    } else if (event.kind === 'incident') {
      points.push({
        ...where,
        kind: 'incident',
        detail: `${event.body.state}: ${event.body.check}`,
        count: 1,
      });
    }
  }
  return points;
}

type OfLane = {
  [K in keyof EventBodies]: EventBodies[K] extends { lane: LaneId } ? K : never;
}[keyof EventBodies];

function bodiesOf<K extends OfLane>(events: readonly RoomEvent[], kind: K, lane: LaneId): EventBodies[K][] {
  const bodies = events.filter((event) => event.kind === kind).map(({ body }) => body as EventBodies[K]);
  return bodies.filter((body) => body.lane === lane);
}

function sums(bodies: { units: number }[]): { count: number; units: number } {
  return { count: bodies.length, units: bodies.reduce((sum, { units }) => sum + units, 0) };
}
