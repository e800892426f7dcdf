/**
 * Round trips that were measured here and not reported yet. Each op carries one, the oldest first, so that none is
 * reported twice and quick tappers are not heard more than their taps.
 */

/** Beyond this the room would refuse the op for its report alone, milliseconds (see the schema of `allocate`). */
const LONGEST_MS = 600_000;
/** Reports kept: more than this many answers between two taps say nothing new. */
const MOST = 32;

/** A queue of measurements. */
export class RoundTrips {
  #waiting: number[] = [];

  measured(rttMs: number): void {
    if (rttMs > LONGEST_MS) return;
    this.#waiting.push(rttMs);
    if (this.#waiting.length > MOST) this.#waiting.shift();
  }

  /** The next to report; null when there is none. */
  take(): number | null {
    return this.#waiting.shift() ?? null;
  }
}
