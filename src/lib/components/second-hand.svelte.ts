/** The time of day for clocks on screen, moved once a second while somebody looks. */
export class SecondHand {
  #now = $state(Date.now());

  /** Unix milliseconds of this device. */
  get now(): number {
    return this.#now;
  }

  /** Runs until the returned function is called. */
  run(): () => void {
    const id = setInterval(() => (this.#now = Date.now()), 1_000);
    return () => {
      clearInterval(id);
    };
  }
}
