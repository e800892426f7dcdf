/**
 * Measures how late a room is. Messages that wait for the room are not visible to it, but a timer that is due runs only after
 * they were read: by how much it is late is for how long the room has been busy without a pause. While the timer is overdue,
 * messages take the look, so that a burst is noticed while it lasts. Lateness is not the time that a tap takes (a room that
 * is just busy never pauses); that is what phones report. It runs only while messages arrive.
 */

import { steadyClock } from '#lib/room/steady-clock.ts';

/** Between two looks, milliseconds. */
const LOOK_EVERY_MS = 50;
/** Shortest time between two looks, milliseconds: what arrived in less is counted with the next look. */
const SHORTEST_LOOK_MS = 20;
/** So many of the newest reports make the median of a look: those of a crowd would take longer to sort than to read. */
const MOST_TRIPS = 128;

/** What a look finds. */
export interface Lag {
  /** By how much the room is late, milliseconds. */
  lateMs: number;
  /** Median of the newest round trips reported since the look before the last one, milliseconds; 0 without reports. */
  toldTripMs: number;
  /** Share of the messages since then that came with a report. */
  toldShare: number;
}

/** Measures by how much the room is late: how long after its time a timer runs, milliseconds. */
export class LagProbe {
  readonly #looked: (lag: Lag) => void;
  readonly #silent: () => void;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #restedAtMs = 0;
  #lookedAtMs = 0;
  #handledSinceRest = 0;
  #handled = 0;
  #told = 0;
  #tripsMs: number[] = [];
  /** Of the look before. */
  #before: { handled: number; told: number; tripsMs: number[] } = { handled: 0, told: 0, tripsMs: [] };

  /**
   * @param looked called with the result of every look
   * @param silent called when nothing has arrived since the last look
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

  /** Takes a reported round trip, milliseconds. */
  told(tripMs: number): void {
    this.#tripsMs[this.#told % MOST_TRIPS] = tripMs;
    this.#told += 1;
  }

  /** By how much the room is late now, milliseconds; 0 when nothing arrives. */
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
      toldShare: (this.#before.told + this.#told) / (this.#before.handled + this.#handled),
    });
    this.#before = { handled: this.#handled, told: this.#told, tripsMs: this.#tripsMs };
    this.#lookedAtMs = nowMs;
    this.#handled = 0;
    this.#told = 0;
    this.#tripsMs = [];
  }
}

/** The median, 0 of none. Sorts in place. */
function middleOf(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
