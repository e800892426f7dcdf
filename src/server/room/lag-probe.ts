/**
 * How late a room is. Messages that wait for it wait where it cannot see them; but a timer that it set waits behind them
 * too, so the time by which it comes late is the time that a message waits. Runs only while something comes in.
 */

/** Between two looks, milliseconds. */
const LOOK_EVERY_MS = 100;

/** See the module's comment. */
export class LagProbe {
  readonly #now: () => number;
  readonly #late: (lateMs: number) => void;
  readonly #silent: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #handled = false;

  /**
   * @param late told at every look how late it came, milliseconds
   * @param silent told once nothing came in between two looks
   */
  constructor(now: () => number, late: (lateMs: number) => void, silent: () => void) {
    this.#now = now;
    this.#late = late;
    this.#silent = silent;
  }

  /** Something came in. */
  handled(): void {
    this.#handled = true;
    if (this.#timer === null) this.#look();
  }

  #look(): void {
    const dueMs = this.#now() + LOOK_EVERY_MS;
    this.#handled = false;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#handled) return this.#silent();
      this.#late(this.#now() - dueMs);
      this.#look();
    }, LOOK_EVERY_MS);
  }
}
