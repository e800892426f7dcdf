/**
 * Presence: who is there, and who has gone without a word. A link that died tells nobody until its connection times out,
 * which takes a quarter of an hour; but clients ping, the platform answers for the room without waking it, and remembers
 * when. A client that has pinged and then fell silent is not counted any more; one that never pings is believed.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { closeMember } from './members.ts';
import type { Member, Members } from './members.ts';

/** Our clients ping every 5 s: one and a half times that, and a while on the way, milliseconds. */
const SILENT_AFTER_MS = 8_000;
/** A page in the background may be held to one ping a minute; who is silent for longer comes back by itself, milliseconds. */
const CLOSED_AFTER_MS = 300_000;
/** Looks in an awake room, milliseconds. */
const LOOK_EVERY_MS = 5_000;
/**
 * Looks in a room that sleeps, milliseconds: with the silence before it less than the 30 s in which the number of people is
 * right again, and more than twice the 10 s after which a silent room falls asleep.
 */
const ASLEEP_LOOK_MS = 21_000;

/** When the platform last answered a socket's ping for the room, Unix milliseconds; null when it never has. */
export type LastPing = (socket: Member['socket']) => number | null;

/** See the module's comment. */
export class Presence {
  readonly #members: Members;
  readonly #lastPing: LastPing;
  /** A room that woke up does not know when it last looked: the next look from here is as good as any. */
  #madeAtMs: number;
  #lookedAtMs = 0;

  constructor(members: Members, lastPing: LastPing, nowMs: number) {
    this.#members = members;
    this.#lastPing = lastPing;
    this.#madeAtMs = nowMs;
  }

  /** True when an awake room should look again. */
  due(nowMs: number): boolean {
    // By the wall's clock, as pings are: one that was set back makes a look due, not late.
    return Math.abs(nowMs - this.#lookedAtMs) >= LOOK_EVERY_MS;
  }

  /** When a room has to wake to look, Unix milliseconds; Infinity when nobody is there who could go. */
  nextLook(): number {
    if (this.#members.ofRole('participant').size === 0) return Infinity;
    return Math.max(this.#madeAtMs, this.#lookedAtMs) + ASLEEP_LOOK_MS;
  }

  /** Looks who is there. True when the number of people has changed. */
  look(nowMs: number): boolean {
    this.#lookedAtMs = nowMs;
    this.#madeAtMs = Math.min(this.#madeAtMs, nowMs);
    let changed = false;
    for (const member of this.#members.all()) {
      const silentMs = nowMs - (this.#lastPing(member.socket) ?? nowMs);
      const absent = silentMs > SILENT_AFTER_MS;
      if (absent !== member.absent) {
        changed = true;
        this.#members.mark(member, absent);
      }
      if (silentMs > CLOSED_AFTER_MS) closeMember(member, CLOSE.tooFarBehind, 'silent; resume');
    }
    return changed;
  }
}
