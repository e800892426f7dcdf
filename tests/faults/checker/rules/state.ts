/** The counters that come with every welcome and frame are those of the log up to that event, added up again here. */
import type { Allocation, Evidence, LaneCounts, ShownState, Violation } from '../evidence.ts';
import { capacityOf } from '../read.ts';

type Counted = Pick<LaneCounts, 'acknowledged' | 'stored'>;

export function checkState({ log, histories }: Evidence, allocations: readonly Allocation[]): Violation[] {
  const found: Violation[] = [];
  const shown = new Set<ShownState>();
  for (const { entries } of histories) {
    for (const { note } of entries) {
      if (note.kind === 'welcome' || note.kind === 'frame') shown.add(note.state);
    }
  }
  const capacity = capacityOf(log);
  const counts = new Recount(allocations);
  for (const state of [...shown].sort((a, b) => a.seq - b.seq)) {
    for (const [lane, told] of Object.entries(state.lanes)) {
      const counted = counts.upTo(state.seq, state.epoch, lane);
      const wrong = compare(told, counted, capacity);
      if (wrong) found.push({ rule: 'state', sentence: `state ${state.seq} of ${lane}: ${wrong}` });
    }
  }
  return found;
}

function compare(told: LaneCounts, counted: Counted, capacity: number): string | null {
  const { acknowledged, stored } = counted;
  const exact: Partial<LaneCounts> = {
    acknowledged,
    oversellDelta: Math.max(0, acknowledged - capacity),
    // Writes that have not been reported yet are in the database's counter and not in the log.
    ...(told.inFlight === 0 && { stored, lostUnits: acknowledged - stored }),
  };
  const wrong = (Object.keys(exact) as (keyof LaneCounts)[]).find((name) => told[name] !== exact[name]);
  return wrong ? `${wrong} is ${told[wrong]}, and ${exact[wrong]} by the log` : null;
}

/** Adds up the log from its beginning; asked with growing `seq`. */
class Recount {
  readonly #allocations: readonly Allocation[];
  readonly #counted = new Map<string, Counted>();
  #next = 0;

  constructor(allocations: readonly Allocation[]) {
    this.#allocations = allocations;
  }

  upTo(seq: number, epoch: number, lane: string): Counted {
    for (;;) {
      const allocation = this.#allocations[this.#next];
      if (!allocation || allocation.seq > seq) break;
      this.#add(allocation);
      this.#next += 1;
    }
    return this.#counted.get(`${epoch} ${lane}`) ?? { acknowledged: 0, stored: 0 };
  }

  #add({ epoch, lane, units, wroteAllocated }: Allocation): void {
    const key = `${epoch} ${lane}`;
    const { acknowledged, stored } = this.#counted.get(key) ?? { acknowledged: 0, stored: 0 };
    this.#counted.set(key, {
      acknowledged: acknowledged + units,
      stored: wroteAllocated ?? stored + units,
    });
  }
}
