/** Long work in short slices: a room has one thread, and taps wait for whoever holds it. */

/** Events of one slice: some ten milliseconds of hashing and counting. */
export const EVENTS_AT_ONCE = 250;
/** Between two slices, milliseconds: the room has the thread for twice as long as the audit. */
const REST_MS = 20;

/** What walking through a log needs. */
export interface Walk {
  /** Reached before, and where to. */
  from: number;
  to: number;
  /** Takes the events after `from`, up to and with `to`. */
  take: (from: number, to: number) => void;
  /** False once nobody needs the rest any more. */
  wanted: () => boolean;
  /** Lets others have the thread. */
  rest?: () => Promise<void>;
}

/** Walks from one event to another in slices, with a rest between two of them. Returns how far it came. */
export async function walk({ from, to, take, wanted, rest = restAWhile }: Walk): Promise<number> {
  let reached = from;
  while (reached < to) {
    if (reached > from) {
      await rest();
      if (!wanted()) break;
    }
    const next = Math.min(reached + EVENTS_AT_ONCE, to);
    take(reached, next);
    reached = next;
  }
  return reached;
}

function restAWhile(): Promise<void> {
  return scheduler.wait(REST_MS);
}
