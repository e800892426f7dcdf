/** What a room measures over its whole life, resets included: its answer times, its phones, its own lives. None of it falls. */
import type { EventBodies, ToldHistogram } from './events.ts';
import type { LaneId } from './lane.ts';

/** Holds `latency` and `drill` events to those before them. */
export class MeasuresAuditor {
  #latency: EventBodies['latency'] = { lanes: {}, phones: 0 };
  #wakes = 1;

  /** What is wrong with the next `latency` event; null when nothing is. */
  latency(told: EventBodies['latency']): string | null {
    const before = this.#latency;
    this.#latency = told;
    if (told.phones < before.phones) return `${told.phones} phones at most, after ${before.phones}`;
    for (const [lane, histogram] of Object.entries(before.lanes) as [LaneId, ToldHistogram][]) {
      const problem = fallen(histogram, told.lanes[lane]);
      if (problem) return `${lane} lane: ${problem}`;
    }
    return null;
  }

  /** What is wrong with the next `drill` event; null when nothing is. Older rooms did not tell their lives. */
  drill({ wakes }: Partial<EventBodies['drill']>): string | null {
    if (wakes === undefined) return null;
    const before = this.#wakes;
    this.#wakes = wakes;
    return wakes < before ? `life ${wakes} of the room, after ${before}` : null;
  }
}

/** What a histogram has less of than the one before; null when nothing. */
function fallen(before: ToldHistogram, now: ToldHistogram | undefined): string | null {
  if (!now || now.n < before.n) return `${now?.n ?? 0} answers after ${before.n}`;
  if ((now.left ?? 0) < (before.left ?? 0)) return `${now.left ?? 0} left out after ${before.left}`;
  const counts = new Map(now.buckets);
  const less = before.buckets.find(([index, count]) => (counts.get(index) ?? 0) < count);
  return less ? `${counts.get(less[0]) ?? 0} answers in bucket ${less[0]}, after ${less[1]}` : null;
}
