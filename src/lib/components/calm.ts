/** Limits how often a screen reader is told a changing text. */
import { createSubscriber } from 'svelte/reactivity';

/** Announces at most one text per `everyMs`; the last one announced is always the newest. */
export class Calm {
  #current = '';
  #next: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #update: () => void = () => {};
  readonly #everyMs: number;
  readonly #subscribe = createSubscriber((update) => {
    this.#update = update;
  });

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** What is to be announced now. */
  get current(): string {
    this.#subscribe();
    return this.#current;
  }

  /** The newest wording; the same again is no news. */
  say(text: string): void {
    if (this.#timer !== null) {
      this.#next = text;
      return;
    }
    if (text === this.#current) return;
    this.#current = text;
    this.#update();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const next = this.#next;
      this.#next = null;
      if (next !== null) this.say(next);
    }, this.#everyMs);
  }

  /** Stops waiting. Call it when the screen goes. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
