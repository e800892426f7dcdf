/**
 * What the events of an epoch add up to on each lane. The reducer, a show's summary and its tables for spreadsheets count by
 * this code; the audit counts for itself.
 */
import { ofLane } from './lane.ts';
import type { ByLane } from './lane.ts';
import type { ErrorCode } from './codes.ts';
import type { RoomEvent } from './events.ts';
import { isConflict } from './lineage.ts';
import { addWork, workOf } from './work.ts';
import type { WorkTotals } from './work.ts';
import { writeOf } from './write.ts';

/** Totals of one lane in one epoch; in units unless said otherwise. */
export interface LaneTotals {
  acknowledged: number;
  /** What the lane's own counter says. */
  stored: number;
  /** Ops that were allocated. */
  ops: number;
  /** Writes that found the version moved since they read it. */
  conflicts: number;
  /** Ops that were refused, by code. */
  refused: Partial<Record<ErrorCode, number>>;
  /** Units that simulated shoppers were given. */
  simUnits: number;
  /** Number of `lost` and of `restored` events: ops. */
  losses: number;
  returns: number;
  /** What ops took on the lane's engine; null as long as none has told. */
  work: WorkTotals | null;
}

/** The totals of a lane at the start of an epoch. */
export function emptyTotals(): LaneTotals {
  return {
    acknowledged: 0,
    stored: 0,
    ops: 0,
    conflicts: 0,
    refused: {},
    simUnits: 0,
    losses: 0,
    returns: 0,
    work: null,
  };
}

/** Counts an event, in place; most kinds change nothing. Throws on a lane that the show does not have, or half a write. */
export function countEvent(lanes: Readonly<ByLane<LaneTotals>>, { kind, body }: RoomEvent): void {
  if (kind === 'allocated') {
    const totals = ofLane(lanes, body.lane);
    const write = writeOf(body);
    totals.ops += 1;
    totals.acknowledged += body.units;
    totals.stored = write ? write.wroteAllocated : totals.stored + body.units;
    if (write && isConflict(write)) totals.conflicts += 1;
    if (body.sim) totals.simUnits += body.units;
    const work = workOf(body);
    if (work) totals.work = addWork(totals.work, work);
  } else if (kind === 'refused') {
    const { refused } = ofLane(lanes, body.lane);
    for (const [code, times] of Object.entries(body.counts) as [ErrorCode, number][]) {
      refused[code] = (refused[code] ?? 0) + times;
    }
  } else if (kind === 'lost') ofLane(lanes, body.lane).losses += 1;
  else if (kind === 'restored') ofLane(lanes, body.lane).returns += 1;
}
