/** A sentence that disappears by itself after a while. */

/** Long enough to be read from a stage, milliseconds. */
const SHOWN_MS = 8_000;

/** Make one in the browser only, and {@link PassingNotice.stop} it when its page goes. */
export class PassingNotice {
  #words = $state('');
  #timer = 0;

  /** Empty when there is nothing to say. */
  get words(): string {
    return this.#words;
  }

  /** Says something instead of what is said; nothing, when it is empty. */
  say(words: string): void {
    this.#words = words;
    this.stop();
    if (words) this.#timer = window.setTimeout(() => (this.#words = ''), SHOWN_MS);
  }

  /** Stops the timer; what is shown stays. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
