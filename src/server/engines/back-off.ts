/** Leaves an engine that does not answer alone for a while: meanwhile its requests fail at once, and none is sent. */

const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/** Nothing was sent, because the engine has just failed. */
export class EngineDown extends Error {
  override readonly name = 'EngineDown';
}

/** How an engine's connections have fared of late. */
export class BackOff {
  #waitMs = FIRST_MS;
  #untilMs = 0;
  #reason: unknown = null;

  /** Throws {@link EngineDown} with the reason as its cause while the engine is left alone. */
  check(): void {
    if (Date.now() < this.#untilMs)
      throw new EngineDown('The engine is left alone.', { cause: this.#reason });
  }

  /** A connection failed: the engine is left alone, twice as long each time. Those that failed beside it count once. */
  failed(reason: unknown): void {
    const now = Date.now();
    this.#reason = reason;
    if (now < this.#untilMs) return;
    this.#untilMs = now + this.#waitMs;
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_MS);
  }

  /** It serves. */
  served(): void {
    this.#waitMs = FIRST_MS;
    this.#untilMs = 0;
  }
}
