/** Makes the events of a lane's outcome. Pure: drafts, which the room numbers, chains and stores. */
import type { AllocatedBody, EventDraft } from './events.ts';
import { oversellDelta } from './facts.ts';
import type { RoomFacts } from './facts.ts';
import { ofLane } from './lane.ts';
import type { LaneId } from './lane.ts';
import { divergence, storedBy } from './lineage.ts';
import type { Work } from './work.ts';
import type { Write, WriteTimes } from './write.ts';

/** An op with its buyer. */
export interface Buyer extends Pick<Write, 'op' | 'who' | 'units'> {
  sim: boolean;
}

/** The events of an allocation: the one that tells it, and those that tell what it did. */
type Drafts = [allocated: EventDraft, ...rest: EventDraft[]];

/** The events of an allocation without a lineage: allocated, and how far the lane now stands beyond capacity. */
export function draftsOfGrant(facts: RoomFacts, lane: LaneId, buyer: Buyer, work?: Work): Drafts {
  return [
    { kind: 'allocated', body: { ...allocatedBody(lane, buyer), ...work } },
    ...growthBy(facts, lane, buyer),
  ];
}

/**
 * The events of a write that became the newest version: `allocated`, then `lost`, `restored` and `oversold` where they apply.
 */
export function draftsOfWrite(
  facts: RoomFacts,
  lane: LaneId,
  buyer: Buyer,
  write: Write,
  times: WriteTimes,
  work?: Work,
): Drafts {
  const laneFacts = ofLane(facts.lanes, lane);
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
  return [
    { kind: 'allocated', body: { ...write, ...times, ...work, ...allocatedBody(lane, buyer) } },
    ...lost.map((of): EventDraft => ({ kind: 'lost', body: fate(of) })),
    ...restored.map((of): EventDraft => ({ kind: 'restored', body: fate(of) })),
    ...growthBy(facts, lane, buyer),
  ];
}

/** What is told when an allocation sells more than exists; nothing while it does not. */
function growthBy(facts: RoomFacts, lane: LaneId, { op, units }: Buyer): EventDraft[] {
  const laneFacts = ofLane(facts.lanes, lane);
  const capacity = facts.opened?.sku.capacity ?? 0;
  const delta = Math.max(0, laneFacts.acknowledged + units - capacity);
  if (delta <= oversellDelta(laneFacts, capacity)) return [];
  return [{ kind: 'oversold', body: { lane, delta, by: op } }];
}

function allocatedBody(lane: LaneId, buyer: Buyer): AllocatedBody {
  const { op, who, units, sim } = buyer;
  return { lane, op, who, units, ...(sim ? { sim: true as const } : {}) };
}
