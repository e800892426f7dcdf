/**
 * Round trips that phones report. A phone measures from the tap to each lane's answer on its own clock and may report anything;
 * the room knows when it admitted the op, when each lane decided, and since when it has known the client. Only allocated ops
 * count, each once. A report that the room's own times contradict is left out, and the number of those is kept.
 */
import type { LatencyBody } from './events.ts';
import type { RoomFacts } from './facts.ts';
import { emptyHistogram, leaveOut, record, toldHistogram } from './histogram.ts';
import type { Histogram } from './histogram.ts';
import { byLane, lanesIn } from './by-lane.ts';
import { ofLane } from './lane.ts';
import type { ByLane, LaneId } from './lane.ts';
import type { KnownOp } from './op.ts';

/**
 * Largest error of the room's own times, milliseconds: they are whole milliseconds, and its clock stands still while it
 * works.
 */
const CLOCK_SLACK_MS = 20;
/**
 * Longest time from a tap until the room first receives it, milliseconds: an op whose connection broke is sent again within
 * this time (see the client's outbox).
 */
const UNDER_WAY_MS = 30_000;
/** Shortest time between two `latency` events, milliseconds. */
const TOLD_EVERY_MS = 60_000;

/** Round trips of one op by lane, milliseconds. */
export type RoundTrips = { readonly [K in LaneId]?: number | undefined };

/** A room's latency before anything was measured. */
export function emptyLatency(lanes: readonly LaneId[]): ByLane<Histogram> {
  return byLane(lanes, emptyHistogram);
}

/** The room's own times of an op on a lane, milliseconds. */
export interface KnownTimes {
  /** From its admission to the lane's decision. */
  tookMs: number;
  /** From its admission to the report. */
  sinceAdmittedMs: number;
  /** How long the room has known the reporting client, which cannot have tapped before. */
  sinceMetMs: number;
}

/** False when the room's own times contradict a round trip: shorter than the room's part of it, or begun too early. */
export function isPossible(reportedMs: number, { tookMs, sinceAdmittedMs, sinceMetMs }: KnownTimes): boolean {
  if (reportedMs < tookMs - CLOCK_SLACK_MS) return false;
  return reportedMs <= Math.min(sinceAdmittedMs + UNDER_WAY_MS, sinceMetMs) + CLOCK_SLACK_MS;
}

/**
 * Adds a client's report of its own op to the histograms, in place and once. Returns the lanes whose round trip counts.
 * @param sinceMetMs see {@link KnownTimes}
 */
export function takeReport(
  latency: Readonly<ByLane<Histogram>>,
  facts: RoomFacts,
  known: KnownOp,
  reported: RoundTrips,
  nowMs: number,
  sinceMetMs: number,
): LaneId[] {
  if (known.reported) return [];
  known.reported = true;
  const counted: LaneId[] = [];
  for (const [lane, ms] of lanesIn<number | undefined>(reported)) {
    const histogram = latency[lane];
    if (!histogram || ms === undefined || known.lanes[lane]?.status !== 'allocated') continue;
    // When a lane decided an op of an older epoch is not known any more.
    const decidedAtMs = ofLane(facts.lanes, lane).byOp.get(known.op)?.atMs ?? known.admittedAtMs;
    const tookMs = decidedAtMs - known.admittedAtMs;
    if (isPossible(ms, { tookMs, sinceAdmittedMs: nowMs - known.admittedAtMs, sinceMetMs })) {
      record(histogram, ms);
      counted.push(lane);
    } else leaveOut(histogram);
  }
  return counted;
}

/** The `latency` event that is due; null when nothing has changed since the last one. */
export function untoldLatency(
  latency: Readonly<ByLane<Histogram>>,
  phones: number,
  { latency: newest }: RoomFacts,
): LatencyBody | null {
  const moved = lanesIn(latency).some(([lane, { n, left = 0 }]) => {
    const told = newest?.told.lanes[lane];
    return n !== (told?.n ?? 0) || left !== (told?.left ?? 0);
  });
  if (!moved && phones === (newest?.told.phones ?? 0)) return null;
  const measured = lanesIn(latency).filter(([, { n, left }]) => n > 0 || left);
  return {
    lanes: Object.fromEntries(measured.map(([lane, histogram]) => [lane, toldHistogram(histogram)])),
    phones,
  };
}

/** True when a minute has passed since the last `latency` event. */
export function isLatencyDue({ latency }: RoomFacts, nowMs: number): boolean {
  const sinceMs = nowMs - (latency?.atMs ?? -Infinity);
  // After the clock was set back the last event seems to be in the future: then one is due.
  return sinceMs < 0 || sinceMs >= TOLD_EVERY_MS;
}
