/** The safe lane never sells what it does not have, after any event of any epoch. */
import type { Allocation, Log, Violation } from '../evidence.ts';
import { capacityOf } from '../read.ts';

export function checkCapacity(log: Log, allocations: readonly Allocation[]): Violation[] {
  const capacity = capacityOf(log);
  const sold = new Map<number, number>();
  const found: Violation[] = [];
  for (const { seq, epoch, lane, units } of allocations) {
    if (lane !== 'safe') continue;
    const now = (sold.get(epoch) ?? 0) + units;
    sold.set(epoch, now);
    if (now > capacity) {
      found.push({ rule: 'capacity', sentence: `event ${seq} sells unit ${now} of ${capacity}` });
    }
  }
  return found;
}
