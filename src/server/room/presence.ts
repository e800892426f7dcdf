/**
 * Presence: who is there, and who has gone without a word. A link that died tells nobody until its connection times out,
 * which takes a quarter of an hour; but clients ping, the platform answers for the room without waking it, and remembers
 * when. A client that has pinged and then fell silent is not counted any more. One that never pings is believed while it is
 * sent nothing; once it is, it owes a sign of life within a minute, because what it has not read stands in memory.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import {
  MAX_PRESENTER_BYTES,
  MAX_SILENT_BYTES,
  MAX_SILENT_MS,
  MAX_UNSEEN_BYTES,
} from '#lib/protocol/limits.ts';
import { closeMember, confirm, hear } from './members.ts';
import type { Member, Members } from './members.ts';
import { PingCount } from './pings.ts';
import type { Pings } from './pings.ts';

/** Our clients ping every 5 s: one and a half times that, and a while on the way, milliseconds. */
const SILENT_AFTER_MS = 8_000;
/** Who never pinged, and was sent something since, is not counted after this, milliseconds. */
const MUTE_AFTER_MS = 30_000;
/** A page in the background may be held to one ping a minute; who is silent for longer comes back by itself, milliseconds. */
const CLOSED_AFTER_MS = 300_000;
/** Looks in an awake room, milliseconds. */
const LOOK_EVERY_MS = 5_000;
/**
 * Looks in a room that sleeps, milliseconds: with the silence before it less than the 30 s in which the number of people is
 * right again, and more than twice the 10 s after which a silent room falls asleep.
 */
const ASLEEP_LOOK_MS = 21_000;

/** See the module's comment. */
export class Presence {
  readonly #members: Members;
  readonly #pings: Pings;
  readonly #count: PingCount;
  #lookedAtMs = -Infinity;
  /** The same by the clock of the wall. A room that woke up does not know it: the next look from here is as good as any. */
  #lookedAtWallMs: number;

  constructor(members: Members, pings: Pings, nowMs: number) {
    this.#members = members;
    this.#pings = pings;
    this.#count = new PingCount(members, pings);
    this.#lookedAtWallMs = nowMs;
  }

  /** True when an awake room should look again. */
  due(nowMs: number): boolean {
    return nowMs - this.#lookedAtMs >= LOOK_EVERY_MS;
  }

  /** When a room has to wake to look, Unix milliseconds; Infinity when nobody is there who could go. */
  nextLook(): number {
    if (this.#members.ofRole('participant').size === 0) return Infinity;
    return this.#lookedAtWallMs + ASLEEP_LOOK_MS;
  }

  /**
   * Looks who is there. True when the number of people has changed.
   * @param nowMs by the room's steady clock
   * @param feed knows up to which event a socket has been told
   * @param isBehind the room reads late what its clients say
   */
  look(nowMs: number, feed: { toldTo(member: Member): number }, isBehind: boolean): boolean {
    const sinceMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    this.#lookedAtWallMs = this.#pings.now();
    let changed = false;
    for (const member of this.#members.all()) {
      if (member.closing) continue;
      this.#hearPing(member, nowMs, sinceMs);
      // What came since without an event needs no word of its own.
      if (member.seenSeq !== null) confirm(member, member.seenSeq, feed.toldTo(member));
      const silentMs = silenceOf(member, nowMs);
      const absent = silentMs > (member.pingedAtMs === null ? MUTE_AFTER_MS : SILENT_AFTER_MS);
      if (absent !== member.absent && !(absent && isBehind)) {
        changed = true;
        this.#members.mark(member, absent);
      }
      const why = isBehind ? null : whyClosed(member, silentMs);
      if (why !== null || silentMs > CLOSED_AFTER_MS) {
        closeMember(member, CLOSE.tooFarBehind, `${why ?? 'silent'}; resume`);
      }
    }
    this.#count.look();
    return changed;
  }

  /** A ping since the last look came between the two, whatever the clock of the wall was set to meanwhile. */
  #hearPing(member: Member, nowMs: number, sinceMs: number): void {
    const pingedAtMs = this.#pings.lastAtMs(member.socket);
    if (pingedAtMs === null || pingedAtMs === member.pingedAtMs) return;
    member.pingedAtMs = pingedAtMs;
    const ageMs = Math.min(Math.max(0, this.#lookedAtWallMs - pingedAtMs), sinceMs);
    hear(member, Math.max(member.heard.atMs, nowMs - ageMs));
  }
}

/** For how long somebody has given no sign of life although they should, milliseconds. */
function silenceOf(member: Member, nowMs: number): number {
  if (member.pingedAtMs !== null) return nowMs - member.heard.atMs;
  if (member.sent === member.heard.sent) return 0;
  member.owesSinceMs ??= nowMs;
  return nowMs - member.owesSinceMs;
}

/** Why somebody who has given no sign of life for so long, or confirmed nothing of so much, is closed; null when not. */
function whyClosed(member: Member, silentMs: number): string | null {
  const { sent, heard, confirmed, pingedAtMs } = member;
  const isPresenter = member.caller.role === 'presenter';
  const isMute = !isPresenter && pingedAtMs === null && silentMs > MAX_SILENT_MS;
  if (isMute || sent - heard.sent > (isPresenter ? MAX_PRESENTER_BYTES : MAX_SILENT_BYTES)) {
    return 'no message and no ping since long';
  }
  const isUnseen = sent - confirmed > (isPresenter ? MAX_PRESENTER_BYTES : MAX_UNSEEN_BYTES);
  return isUnseen ? 'much was sent and not said to be seen' : null;
}
