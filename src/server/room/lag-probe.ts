/**
 * How late a room is. Messages that wait for it wait where it cannot see them; but a timer that it set waits behind them
 * too, so the time by which it comes late is the time that a message waits. Runs only while something comes in.
 */

/** Between two looks, milliseconds. */
const LOOK_EVERY_MS = 100;

/** What a look finds. */
export interface Lag {
  /** By how much it came late, milliseconds. */
  lateMs: number;
  /** What came in since the look before, a second. */
  perSecond: number;
}

/** See the module's comment. */
export class LagProbe {
  readonly #now: () => number;
  readonly #looked: (lag: Lag) => void;
  readonly #silent: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #handled = 0;

  /**
   * @param looked told what every look finds
   * @param silent told once nothing came in between two looks
   */
  constructor(now: () => number, looked: (lag: Lag) => void, silent: () => void) {
    this.#now = now;
    this.#looked = looked;
    this.#silent = silent;
  }

  /** Something came in. */
  handled(): void {
    if (this.#timer === null) this.#look();
    this.#handled += 1;
  }

  #look(): void {
    const beganMs = this.#now();
    this.#handled = 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#handled === 0) return this.#silent();
      const tookMs = Math.max(1, this.#now() - beganMs);
      this.#looked({ lateMs: tookMs - LOOK_EVERY_MS, perSecond: (1_000 * this.#handled) / tookMs });
      this.#look();
    }, LOOK_EVERY_MS);
  }
}
