/**
 * How late a room is. Messages that wait for it wait where it cannot see them; but a timer that it set comes only once they
 * have been read, so the time by which it comes late is the time for which the room has not come to rest. While it is
 * overdue the messages themselves look, so that a burst is felt while it lasts. That is no measure of how long a tap takes:
 * a room that is just busy enough never rests. What a tap takes is what the phones tell. Runs only while something comes in.
 */

import { steadyClock } from '../clock.ts';

/** Between two looks, milliseconds. */
const LOOK_EVERY_MS = 50;
/** What came in a shorter time than this says nothing: it is counted with the next look, milliseconds. */
const SHORTEST_LOOK_MS = 20;

/** What a look finds. */
export interface Lag {
  /** For how long the room has not come to rest, milliseconds. */
  lateMs: number;
  /** What a tap takes as the phones told since the look before the last one, median, milliseconds; 0 when none told. */
  toldTripMs: number;
  /** How many of those who came since then could tell, as a share. */
  toldShare: number;
}

/** See the module's comment. */
export class LagProbe {
  readonly #looked: (lag: Lag) => void;
  readonly #silent: () => void;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #restedAtMs = 0;
  #lookedAtMs = 0;
  #handledSinceRest = 0;
  #handled = 0;
  #tripsMs: number[] = [];
  /** Of the look before. */
  #before: { handled: number; tripsMs: number[] } = { handled: 0, tripsMs: [] };

  /**
   * @param looked told what every look finds
   * @param silent told once nothing came in between two rests
   */
  constructor(now: () => number, looked: (lag: Lag) => void, silent: () => void) {
    this.#now = steadyClock(now);
    this.#looked = looked;
    this.#silent = silent;
  }

  /** Something came in. */
  handled(): void {
    const nowMs = this.#now();
    if (this.#timer === null) {
      this.#lookedAtMs = nowMs;
      this.#rest(nowMs);
    }
    this.#handledSinceRest += 1;
    this.#handled += 1;
    if (nowMs - this.#lookedAtMs > LOOK_EVERY_MS) this.#look(nowMs);
  }

  /** A phone told how long its tap before took, milliseconds. */
  told(tripMs: number): void {
    this.#tripsMs.push(tripMs);
  }

  /** For how long the room has not come to rest, milliseconds; 0 when nothing comes in. */
  lateMs(): number {
    return this.#timer === null ? 0 : this.#overdueMs(this.#now());
  }

  #overdueMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#restedAtMs - LOOK_EVERY_MS);
  }

  #rest(nowMs: number): void {
    this.#restedAtMs = nowMs;
    this.#handledSinceRest = 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#handledSinceRest === 0) return this.#silent();
      const restedMs = this.#now();
      this.#look(restedMs);
      this.#rest(restedMs);
    }, LOOK_EVERY_MS);
  }

  #look(nowMs: number): void {
    if (nowMs - this.#lookedAtMs < SHORTEST_LOOK_MS) return;
    const trips = [...this.#before.tripsMs, ...this.#tripsMs];
    this.#looked({
      lateMs: this.#overdueMs(nowMs),
      toldTripMs: middleOf(trips),
      toldShare: trips.length / (this.#before.handled + this.#handled),
    });
    this.#before = { handled: this.#handled, tripsMs: this.#tripsMs };
    this.#lookedAtMs = nowMs;
    this.#handled = 0;
    this.#tripsMs = [];
  }
}

/** The median, 0 of none. Sorts in place. */
function middleOf(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
