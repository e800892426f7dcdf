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
import { closeConnection, confirm, hear } from './connections.ts';
import type { Connection, Connections } from './connections.ts';
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
  readonly #connections: Connections;
  readonly #pings: Pings;
  readonly #count: PingCount;
  #lookedAtMs = -Infinity;
  /** The same by the clock of the wall. A room that woke up does not know it: the next look from here is as good as any. */
  #lookedAtWallMs: number;

  constructor(connections: Connections, pings: Pings, nowMs: number) {
    this.#connections = connections;
    this.#pings = pings;
    this.#count = new PingCount(connections, pings);
    this.#lookedAtWallMs = nowMs;
  }

  /** True when an awake room should look again. */
  due(nowMs: number): boolean {
    return nowMs - this.#lookedAtMs >= LOOK_EVERY_MS;
  }

  /** When a room has to wake to look, Unix milliseconds; Infinity when nobody is there who could go. */
  nextLook(): number {
    if (this.#connections.ofRole('participant').size === 0) return Infinity;
    return this.#lookedAtWallMs + ASLEEP_LOOK_MS;
  }

  /**
   * Looks who is there. True when the number of people has changed.
   * @param nowMs by the room's steady clock
   * @param feed knows up to which event a socket has been told
   * @param isBehind the room reads late what its clients say
   */
  look(nowMs: number, feed: { toldTo(connection: Connection): number }, isBehind: boolean): boolean {
    const sinceMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    this.#lookedAtWallMs = this.#pings.now();
    let changed = false;
    for (const connection of this.#connections.all()) {
      if (connection.closing) continue;
      this.#hearPing(connection, nowMs, sinceMs);
      // What came since without an event needs no word of its own.
      if (connection.seenSeq !== null) confirm(connection, connection.seenSeq, feed.toldTo(connection));
      const silentMs = silenceOf(connection, nowMs);
      const absent = silentMs > (connection.pingedAtMs === null ? MUTE_AFTER_MS : SILENT_AFTER_MS);
      if (absent !== connection.absent && !(absent && isBehind)) {
        changed = true;
        this.#connections.mark(connection, absent);
      }
      const why = isBehind ? null : whyClosed(connection, silentMs);
      if (why !== null || silentMs > CLOSED_AFTER_MS) {
        closeConnection(connection, CLOSE.tooFarBehind, `${why ?? 'silent'}; resume`);
      }
    }
    this.#count.look();
    return changed;
  }

  /** A ping since the last look came between the two, whatever the clock of the wall was set to meanwhile. */
  #hearPing(connection: Connection, nowMs: number, sinceMs: number): void {
    const pingedAtMs = this.#pings.lastAtMs(connection.socket);
    if (pingedAtMs === null || pingedAtMs === connection.pingedAtMs) return;
    connection.pingedAtMs = pingedAtMs;
    const ageMs = Math.min(Math.max(0, this.#lookedAtWallMs - pingedAtMs), sinceMs);
    hear(connection, Math.max(connection.heard.atMs, nowMs - ageMs));
  }
}

/** For how long somebody has given no sign of life although they should, milliseconds. */
function silenceOf(connection: Connection, nowMs: number): number {
  if (connection.pingedAtMs !== null) return nowMs - connection.heard.atMs;
  if (connection.sent === connection.heard.sent) return 0;
  connection.owesSinceMs ??= nowMs;
  return nowMs - connection.owesSinceMs;
}

/** Why somebody who has given no sign of life for so long, or confirmed nothing of so much, is closed; null when not. */
function whyClosed(connection: Connection, silentMs: number): string | null {
  const { sent, heard, confirmed, pingedAtMs } = connection;
  const isPresenter = connection.caller.role === 'presenter';
  const isMute = !isPresenter && pingedAtMs === null && silentMs > MAX_SILENT_MS;
  if (isMute || sent - heard.sent > (isPresenter ? MAX_PRESENTER_BYTES : MAX_SILENT_BYTES)) {
    return 'no message and no ping since long';
  }
  const isUnseen = sent - confirmed > (isPresenter ? MAX_PRESENTER_BYTES : MAX_UNSEEN_BYTES);
  return isUnseen ? 'much was sent and not said to be seen' : null;
}
