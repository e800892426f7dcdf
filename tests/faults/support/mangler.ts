/**
 * What a bad network and a bad neighbour do to the messages of one client: send them again, in another order, and again
 * when everybody has forgotten them. Nothing is ever left out.
 */
import { TEXT } from './client-frames.ts';
import type { ClientFrame } from './client-frames.ts';

/** How much of it is done, over all connections. */
export class Mischief {
  frames = 0;
  duplicated = 0;
  reordered = 0;
  replayed = 0;

  /** Messages that the room got beside those that were sent. */
  get extra(): number {
    return this.duplicated + this.replayed;
  }
}

const HOLD = 0.35;
const DUPLICATE = 0.4;
const REPLAY = 0.25;
/** A frame that is held goes out after at most so many others, or when nothing else comes. */
const LATEST_AFTER = 3;
/** So that no socket is closed for flooding: what is repeated in a connection. */
const MOST_EXTRA = 8;

/** One connection's frames on their way to the room. `past` are the frames of earlier connections of this client. */
export class Mangler {
  readonly #random: () => number;
  readonly #past: Buffer[];
  readonly #mischief: Mischief;
  #held: { bytes: Buffer; after: number }[] = [];
  #messages = 0;
  #extra = 0;

  constructor(random: () => number, past: Buffer[], mischief: Mischief) {
    this.#random = random;
    this.#past = past;
    this.#mischief = mischief;
  }

  /** Messages that the room gets on this connection, those that are still held included: each has an answer. */
  get messages(): number {
    return this.#messages + this.#extra;
  }

  /** What goes out instead of this frame. */
  take({ opcode, bytes, payload }: ClientFrame): Buffer[] {
    // Only messages are mangled: a ping, a close is the connection's own affair.
    if (opcode !== TEXT || payload[0] !== '{'.charCodeAt(0)) return [...this.rest(), bytes];
    this.#mischief.frames += 1;
    this.#messages += 1;
    const out: Buffer[] = [];
    if (this.#random() < HOLD) {
      this.#held.push({ bytes, after: 1 + Math.floor(this.#random() * LATEST_AFTER) });
    } else out.push(bytes);
    if (this.#may(DUPLICATE)) {
      out.push(bytes);
      this.#mischief.duplicated += 1;
    }
    if (this.#past.length > 0 && this.#may(REPLAY)) {
      out.push(this.#past[Math.floor(this.#random() * this.#past.length)]!);
      this.#mischief.replayed += 1;
    }
    this.#past.push(bytes);
    return [...out, ...this.#due()];
  }

  /** What is still held, last first. */
  rest(): Buffer[] {
    const rest = this.#held.splice(0).reverse();
    if (rest.length > 1) this.#mischief.reordered += rest.length;
    return rest.map(({ bytes }) => bytes);
  }

  #due(): Buffer[] {
    for (const held of this.#held) held.after -= 1;
    const due = this.#held.filter(({ after }) => after < 0);
    this.#held = this.#held.filter(({ after }) => after >= 0);
    this.#mischief.reordered += due.length;
    return due.map(({ bytes }) => bytes);
  }

  #may(chance: number): boolean {
    if (this.#extra >= MOST_EXTRA || this.#random() >= chance) return false;
    this.#extra += 1;
    return true;
  }
}
