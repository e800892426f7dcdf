/** From a lane's outcome to the events that tell it. Pure: drafts only; the room numbers, chains and stores them. */
import type { AllocatedBody, EventDraft } from './events.ts';
import { oversellDelta } from './facts.ts';
import type { RoomFacts } from './facts.ts';
import type { LaneId } from './lane.ts';
import { divergence, storedBy } from './lineage.ts';
import type { Write } from './lineage.ts';

/** Whose op it is. */
export interface Buyer {
  op: string;
  who: string;
  units: number;
  sim: boolean;
}

/** When a blind write read and wrote, by the clock of the shopper that did it, Unix milliseconds. */
export interface WriteTimes {
  readAtMs: number;
  wroteAtMs: number;
}

/** The event of an allocation that was made here and now. */
export function draftsOfGrant(lane: LaneId, buyer: Buyer): EventDraft[] {
  return [{ kind: 'allocated', body: allocatedBody(lane, buyer) }];
}

/**
 * The events of a blind write that became the newest version: allocated, who was lost, who came back, and how far
 * acknowledged units now stand beyond capacity.
 */
export function draftsOfWrite(
  facts: RoomFacts,
  lane: LaneId,
  buyer: Buyer,
  write: Write,
  times: WriteTimes,
): EventDraft[] {
  const laneFacts = facts.lanes[lane];
  const { lost, restored } = divergence(laneFacts.lineage, write);
  const fate = (of: Write) => ({
    lane,
    op: of.op,
    who: of.who,
    units: of.units,
    by: write.op,
    byWho: write.who,
    parentVersion: write.parentVersion,
    version: write.version,
    storedBefore: storedBy(laneFacts.lineage),
    storedAfter: write.wroteAllocated,
  });
  const { parentVersion, version, readAllocated, wroteAllocated } = write;
  const drafts: EventDraft[] = [
    {
      kind: 'allocated',
      body: {
        ...allocatedBody(lane, buyer),
        parentVersion,
        version,
        readAllocated,
        wroteAllocated,
        ...times,
      },
    },
    ...lost.map((of): EventDraft => ({ kind: 'lost', body: fate(of) })),
    ...restored.map((of): EventDraft => ({ kind: 'restored', body: fate(of) })),
  ];
  const capacity = facts.opened?.sku.capacity ?? 0;
  const before = oversellDelta(laneFacts, capacity);
  const after = Math.max(0, laneFacts.acknowledged + buyer.units - capacity);
  if (after > before) drafts.push({ kind: 'oversold', body: { lane, delta: after, by: buyer.op } });
  return drafts;
}

function allocatedBody(lane: LaneId, buyer: Buyer): AllocatedBody {
  const { op, who, units, sim } = buyer;
  return { lane, op, who, units, ...(sim ? { sim: true as const } : {}) };
}
