/** Shows the newest of many values, each for long enough to be read. */

/** The newest of many values, each shown for a minimum time. A value is made only when it is due to be shown. */
export class Steady<T> {
  #current = $state.raw<T | null>(null);
  #make: (() => T | null) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #everyMs: number;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** What is to be shown now. */
  get current(): T | null {
    return this.#current;
  }

  /** Something new is there: it is made and shown at once, or when the present one has stood long enough. */
  offer(make: () => T | null): void {
    this.#make = make;
    if (this.#timer === null) this.#show();
  }

  /** Stops waiting. Call it when the screen goes. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #show(): void {
    const make = this.#make;
    this.#make = null;
    if (!make) return;
    this.#current = make();
    // Nothing needs no time to be read: the first that comes is shown at once.
    if (this.#current === null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#show();
    }, this.#everyMs);
  }
}
