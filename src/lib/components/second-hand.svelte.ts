/**
 * Monotonic time for clocks on screen, updated once a second while they are visible; setting the device's clock does not
 * affect it.
 */
export class SecondHand {
  #now = $state(performance.now());

  /** Monotonic milliseconds of this page. */
  get now(): number {
    return this.#now;
  }

  /** Runs until the returned function is called. */
  run(): () => void {
    const id = setInterval(() => (this.#now = performance.now()), 1_000);
    return () => {
      clearInterval(id);
    };
  }
}
