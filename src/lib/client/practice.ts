/** Taps on a phone in a held room: gathered, and told at most once a second, because the room only counts them. */
import { MAX_PRACTICE } from '#lib/protocol/limits.ts';
import type { Later } from './surroundings.ts';

const TOLD_EVERY_MS = 1_000;

/** Gathers practice taps. */
export class Practice {
  #taps = 0;
  readonly #send: (taps: number) => void;
  readonly #later: Later;

  constructor(send: (taps: number) => void, later: Later) {
    this.#send = send;
    this.#later = later;
  }

  /** One more. */
  tap(): void {
    if (this.#taps === 0) this.#later(() => this.#tell(), TOLD_EVERY_MS);
    this.#taps = Math.min(this.#taps + 1, MAX_PRACTICE);
  }

  #tell(): void {
    this.#send(this.#taps);
    this.#taps = 0;
  }
}
