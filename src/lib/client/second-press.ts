/**
 * An act of a key that takes two presses: the first one only says what a second one will do, so that a slip does nothing and
 * nobody has to answer a dialog in front of a room.
 */
import { Changes } from './changes.ts';
import type { Cancel, Time } from './surroundings.ts';
import { browserTime } from './surroundings.ts';

/** How long the second press is waited for, milliseconds: long enough to read what it will do. */
export const SECOND_WITHIN_MS = 6_000;
/** A press so soon after the first is that press again, bounced by the key or repeated by a clicker's radio, milliseconds. */
export const BOUNCE_MS = 150;

/** Make one for a key, and {@link SecondPress.drop} it when its page goes. `Act` names what would be done. */
export class SecondPress<Act extends string> {
  #armed: Act | null = null;
  #atMs = 0;
  #cancel: Cancel | null = null;
  readonly #time: Time;
  readonly #changes = new Changes();

  constructor(time: Time = browserTime) {
    this.#time = time;
  }

  /** What a second press will do; null when there was no first one, or it is too long ago. */
  get armed(): Act | null {
    this.#changes.read();
    return this.#armed;
  }

  /** The key was pressed, and this is what it would do now: true when it is to be done. */
  press(act: Act): boolean {
    const isSecond = this.#armed === act;
    if (isSecond && this.#now() - this.#atMs < BOUNCE_MS) return false;
    this.drop();
    if (isSecond) return true;
    this.#armed = act;
    this.#atMs = this.#now();
    this.#cancel = this.#time.later(() => this.drop(), SECOND_WITHIN_MS);
    this.#changes.tell();
    return false;
  }

  /** Forgets the first press. */
  drop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#armed = null;
    this.#changes.tell();
  }

  #now(): number {
    return this.#time.clock.monotonic();
  }
}
