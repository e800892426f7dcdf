/**
 * Witnesses of lost updates: the smallest proof that a person can read. A witness combines a `lost` event with the write
 * that was erased, and names a shared reading only where both writes have the same parent version.
 */
import type { EventOf } from './events.ts';
import type { LaneId } from './lane.ts';
import type { LaneFacts } from './facts.ts';
import type { Write } from './write.ts';

/** One lost op and the write that erased it. Numbers are units of the stored counter. */
export interface Witness {
  /** Of the `lost` event. */
  seq: number;
  lane: LaneId;
  op: string;
  lostWho: string;
  lostUnits: number;
  /** True when a simulated shopper did it. */
  lostSim: boolean;
  byWho: string;
  bySim: boolean;
  /** What both read; null unless both read the same version. */
  bothRead: number | null;
  lostWrote: number;
  byWrote: number;
  /** Version on which the erasing write was built. */
  byReadVersion: number;
  storedBefore: number;
  storedAfter: number;
  /** True once a later write brought the op back. */
  restored: boolean;
}

/** The witness of a `lost` event; `erased` is the write of the op that was lost. */
export function witnessOf(event: EventOf<'lost'>, erased: Write, lane: LaneFacts): Witness {
  const { body } = event;
  const sharesReading = erased.parentVersion === body.parentVersion;
  return {
    seq: event.seq,
    lane: body.lane,
    op: body.op,
    lostWho: body.who,
    lostUnits: body.units,
    lostSim: lane.byOp.get(body.op)?.sim ?? false,
    byWho: body.byWho,
    bySim: lane.byOp.get(body.by)?.sim ?? false,
    bothRead: sharesReading ? erased.readAllocated : null,
    lostWrote: erased.wroteAllocated,
    // The counter after a blind write is what it wrote.
    byWrote: body.storedAfter,
    byReadVersion: body.parentVersion,
    storedBefore: body.storedBefore,
    storedAfter: body.storedAfter,
    restored: false,
  };
}
