/**
 * What a screen reader is told, at most every so often: a burst of answers is one sentence, the newest. Silence while
 * nothing changes.
 */
import type { Cancel, Later } from './surroundings.ts';

/** Pause between two sentences, milliseconds: long enough to be heard to the end. */
export const SAY_EVERY_MS = 2_500;

/** See the module's header. */
export class Announcer {
  #said = '';
  #next: string | null = null;
  #cancel: Cancel | null = null;
  readonly #later: Later;
  readonly #speak: (sentence: string) => void;

  constructor(later: Later, speak: (sentence: string) => void) {
    this.#later = later;
    this.#speak = speak;
  }

  say(sentence: string): void {
    this.#next = sentence;
    if (!this.#cancel) this.#flush();
  }

  close(): void {
    this.#cancel?.();
  }

  #flush(): void {
    this.#cancel = null;
    const sentence = this.#next;
    this.#next = null;
    if (sentence === null || sentence === this.#said) return;
    this.#said = sentence;
    this.#speak(sentence);
    this.#cancel = this.#later(() => {
      this.#flush();
    }, SAY_EVERY_MS);
  }
}
