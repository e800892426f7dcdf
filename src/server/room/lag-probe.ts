/**
 * How late a room is. Messages that wait for it wait where it cannot see them; but a timer that it set waits behind them
 * too, so the time by which it comes late is the time that a message waits. While it is overdue the messages themselves
 * look, so that a burst is felt while it lasts. Runs only while something comes in.
 */

/** Between two looks, milliseconds. */
const LOOK_EVERY_MS = 100;
/** A look that is overdue is taken with the messages, so often, milliseconds. */
const OVERDUE_EVERY_MS = 50;

/** What a look finds. */
export interface Lag {
  /** By how much it came late, milliseconds. */
  lateMs: number;
  /** What came in since the look before, a second. */
  perSecond: number;
}

/** See the module's comment. */
export class LagProbe {
  readonly #looked: (lag: Lag) => void;
  readonly #silent: () => void;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #beganMs = 0;
  #toldAtMs = 0;
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
    const nowMs = this.#now();
    if (this.#timer === null) this.#look(nowMs);
    this.#handled += 1;
    const isOverdue = nowMs - this.#beganMs >= LOOK_EVERY_MS + OVERDUE_EVERY_MS;
    if (isOverdue && nowMs - this.#toldAtMs >= OVERDUE_EVERY_MS) this.#tell(nowMs);
  }

  #look(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#handled = 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#handled === 0) return this.#silent();
      const lookedMs = this.#now();
      this.#tell(lookedMs);
      this.#look(lookedMs);
    }, LOOK_EVERY_MS);
  }

  #tell(nowMs: number): void {
    this.#toldAtMs = nowMs;
    const tookMs = Math.max(1, nowMs - this.#beganMs);
    this.#looked({ lateMs: tookMs - LOOK_EVERY_MS, perSecond: (1_000 * this.#handled) / tookMs });
  }
}
