/** Allocations without a lineage, by lanes that decide at once and by those that answer later. */
import type { LaneId } from '#lib/domain/lane.ts';
import { draftsOfGrant } from '#lib/domain/settle.ts';
import type { Buyer } from '#lib/domain/settle.ts';
import type { Work } from '#lib/domain/work.ts';
import type { Transaction } from './transaction.ts';

/** Appends an allocation without a lineage. Returns the number of its event. */
export function appendGrant(tx: Transaction, lane: LaneId, buyer: Buyer, work?: Work): number {
  const [allocated, ...rest] = draftsOfGrant(tx.memory.facts, lane, buyer, work);
  const { seq } = tx.append(allocated);
  for (const draft of rest) tx.append(draft);
  return seq;
}
