/** Keeps a client below the room's flood limit: whoever sends more is cut off, and a tap that is cut off helps nobody. */

/** Taps a second: below the room's 20 messages, so that reports and repeats fit beside them. */
const TAPS_PER_SECOND = 14;
/** Distance between ops that are asked about again, milliseconds: a full outbox must not look like a flood. */
export const REPEAT_SPACING_MS = 120;

/** Counts what was sent within the last second. */
export class Pace {
  #sentAt: number[] = [];

  /** True, and counted, when one more may be sent now. */
  admit(nowMs: number): boolean {
    this.#sentAt = this.#sentAt.filter((at) => nowMs - at < 1_000);
    if (this.#sentAt.length >= TAPS_PER_SECOND) return false;
    this.#sentAt.push(nowMs);
    return true;
  }
}
