/** The time for clocks on screen, moved once a second while somebody looks. Monotonic: a device whose clock is set counts on. */
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
