/**
 * Presence: which sockets are counted as people. A broken connection is noticed only when it times out, after a quarter of an
 * hour. But clients ping; the platform answers without waking the room, and keeps the time. A client that pinged and then
 * fell silent is not counted; one that said that its page is hidden has longer, because browsers hold such a page's timers back.
 * One that never pings is counted while it is sent nothing; once it was sent something, it must give a sign of life within a
 * minute, because what it has not read stays in memory.
 */
import { CLOSE } from '#lib/protocol/close-codes.ts';
import {
  MAX_HIDDEN_BYTES,
  MAX_PRESENTER_BYTES,
  MAX_SILENT_BYTES,
  MAX_SILENT_MS,
  MAX_UNSEEN_BYTES,
} from '#lib/protocol/limits.ts';
import { closeConnection, confirm, hear } from '#lib/room/connections.ts';
import type { Connection, Connections } from '#lib/room/connections.ts';
import { PingCount } from './pings.ts';
import type { Pings } from './pings.ts';

/** A client that has pinged is silent after this, milliseconds: our clients ping every 5 s, and a ping may be late. */
const SILENT_AFTER_MS = 8_000;
/**
 * The same for a client that said that its page is hidden, milliseconds: Chromium lets the timers of such a page run once a
 * minute (developer.chrome.com/blog/timer-throttling-in-chrome-88), and its ping may be late.
 */
const SILENT_WHEN_HIDDEN_AFTER_MS = 75_000;
/** A client that never pinged and was sent something is not counted after this, milliseconds. */
const MUTE_AFTER_MS = 30_000;
/**
 * A silent client that has pinged is closed after this, milliseconds: browsers may delay a background page's pings to one
 * a minute.
 */
const CLOSED_AFTER_MS = 300_000;
/** Time between looks in an awake room, milliseconds. */
const LOOK_EVERY_MS = 5_000;
/**
 * Time until the alarm of a silent room with phones looks, milliseconds: with {@link SILENT_AFTER_MS} less than the 30 s within
 * which the number of people is right again, and more than twice the 10 s after which a silent room hibernates.
 */
const ASLEEP_LOOK_MS = 21_000;

/** Who is counted as present, by pings and messages; closes sockets that have been silent for too long. */
export class Presence {
  readonly #connections: Connections;
  readonly #pings: Pings;
  readonly #count: PingCount;
  #lookedAtMs = -Infinity;
  /** The same in Unix milliseconds, for the alarm; after a wake it starts with the wake. */
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

  /**
   * When the room has to wake to look, Unix milliseconds; Infinity when there is no phone, by a socket or (`hasCallers`) by its
   * calls.
   */
  nextLook(hasCallers = false): number {
    if (!hasCallers && this.#connections.ofRole('participant').size === 0) return Infinity;
    return this.#lookedAtWallMs + ASLEEP_LOOK_MS;
  }

  /**
   * Updates who is present, and closes sockets that owe a sign of life. True when the number of people has changed.
   * @param nowMs steady milliseconds
   * @param feed has the `seq` up to which a socket was sent
   * @param isBehind the room reads its messages late
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
      const absent = silentMs > patienceWith(connection);
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

/** How long a socket has given no sign of life although it should, milliseconds. */
function silenceOf(connection: Connection, nowMs: number): number {
  if (connection.pingedAtMs !== null) return nowMs - connection.heard.atMs;
  if (connection.sent === connection.heard.sent) return 0;
  connection.owesSinceMs ??= nowMs;
  return nowMs - connection.owesSinceMs;
}

/** For how long a socket may be silent and still counts, milliseconds. */
function patienceWith({ pingedAtMs, caller }: Connection): number {
  if (pingedAtMs === null) return MUTE_AFTER_MS;
  return caller.isHidden ? SILENT_WHEN_HIDDEN_AFTER_MS : SILENT_AFTER_MS;
}

/** Why a socket is closed after so much silence, or so many bytes without `seen`; null when it is not. */
function whyClosed(connection: Connection, silentMs: number): string | null {
  const { sent, heard, confirmed, pingedAtMs, caller } = connection;
  const isPresenter = caller.role === 'presenter';
  const isMute = !isPresenter && pingedAtMs === null && silentMs > MAX_SILENT_MS;
  const ofPhones = caller.isHidden ? MAX_HIDDEN_BYTES : MAX_SILENT_BYTES;
  if (isMute || sent - heard.sent > (isPresenter ? MAX_PRESENTER_BYTES : ofPhones)) {
    return 'no message and no ping since long';
  }
  const isUnseen = sent - confirmed > (isPresenter ? MAX_PRESENTER_BYTES : MAX_UNSEEN_BYTES);
  return isUnseen ? 'much was sent and not said to be seen' : null;
}
