/**
 * Round trips, as a room takes and tells them. A phone measures from the tap to each lane's answer on its own clock, and may
 * say anything; the room knows when it admitted the op, when each lane decided it, and since when it has known who reports.
 * Only what was allocated counts, each op once; what the room's own times contradict is left out, and counted as such.
 */
import type { LatencyBody } from './events.ts';
import type { RoomFacts } from './facts.ts';
import { emptyHistogram, leaveOut, record, toldHistogram } from './histogram.ts';
import type { Histogram } from './histogram.ts';
import { byLane, lanesIn } from './by-lane.ts';
import { ofLane } from './lane.ts';
import type { ByLane, LaneId } from './lane.ts';
import type { KnownOp } from './op.ts';

/** Clocks are read in whole milliseconds, and a room's stands still while it works: it may say so much too much. */
const CLOCK_SLACK_MS = 20;
/**
 * How long a tap may have been under way before the room first heard of it: an op whose link died is asked about again
 * within this time (see the client's outbox).
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

/** What the room knows of an op on a lane, milliseconds. */
export interface KnownTimes {
  /** From its admission to the lane's decision. */
  tookMs: number;
  /** From its admission to the report. */
  sinceAdmittedMs: number;
  /** Since when the reporting client can have tapped at all. */
  sinceMetMs: number;
}

/** True unless the room's own times contradict a round trip: shorter than the room's part of it, or begun too early. */
export function isPossible(reportedMs: number, { tookMs, sinceAdmittedMs, sinceMetMs }: KnownTimes): boolean {
  if (reportedMs < tookMs - CLOCK_SLACK_MS) return false;
  return reportedMs <= Math.min(sinceAdmittedMs + UNDER_WAY_MS, sinceMetMs) + CLOCK_SLACK_MS;
}

/**
 * Takes what a client reports of an op of its own, in place: into the histograms, and once. Returns the lanes of which
 * something counts.
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
  return lanesIn(latency).flatMap(([lane, histogram]) => {
    const ms = reported[lane];
    if (ms === undefined || known.lanes[lane]?.status !== 'allocated') return [];
    // Of an older epoch it is not known any more when the lane decided.
    const decidedAtMs = ofLane(facts.lanes, lane).byOp.get(known.op)?.atMs ?? known.admittedAtMs;
    const tookMs = decidedAtMs - known.admittedAtMs;
    const possible = isPossible(ms, { tookMs, sinceAdmittedMs: nowMs - known.admittedAtMs, sinceMetMs });
    if (possible) record(histogram, ms);
    else leaveOut(histogram);
    return possible ? [lane] : [];
  });
}

/** What there is to tell of round trips and phones; null when it was told already. */
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

/** True when a minute has passed since they were last told. */
export function isLatencyDue({ latency }: RoomFacts, nowMs: number): boolean {
  const sinceMs = nowMs - (latency?.atMs ?? -Infinity);
  // A clock that was set back makes it look as if they were told in the future: then now.
  return sinceMs < 0 || sinceMs >= TOLD_EVERY_MS;
}
