/**
 * Notices connections that broke silently, after a phone's sleep or a change of network. It pings every 5 s, which also shows
 * the room that the client is there. While the page is visible, a connection without a sign of life in time is given up; how
 * long that is depends on the connection's own round trips. A background page may be too slow to judge, and is checked when
 * it is visible again.
 */
import type { Cancel, Clock, Later } from './surroundings.ts';

/** Time between two pings, milliseconds. The platform answers them without waking the room. */
export const PING_EVERY_MS = 5_000;
/** How long an answer may take on a fast link, and on the slowest link, milliseconds. */
export const PONG_WITHIN_MS = 2_000;
const PONG_LONGEST_MS = 15_000;
/** An answer is late after this many of the link's own round trips, because the next one may take longer. */
const LATE = 2;

/** What a heartbeat needs. */
export interface HeartbeatNeeds {
  clock: Pick<Clock, 'monotonic'>;
  later: Later;
  isVisible: () => boolean;
  ping: () => unknown;
  /** Called when the link gave no sign of life in time. */
  onSilence: () => void;
}

/** Called with whether a ping was answered. */
type Answered = (isAlive: boolean) => void;

/** Pings a link and reports when it is silent. Anything heard is a sign of life; only a pong shows that a ping arrived. */
export class Heartbeat {
  #cancelNext: Cancel | null = null;
  #cancelVerdict: Cancel | null = null;
  /** Pings without an answer, oldest first; they are answered in order. */
  #asked: { atMs: number; then: Answered | undefined }[] = [];
  /** A smoothed round trip, milliseconds: longer ones count at once, shorter ones gradually. */
  #rttMs = 0;
  readonly #needs: HeartbeatNeeds;

  constructor(needs: HeartbeatNeeds) {
    this.#needs = needs;
  }

  /** The link is open. `openedInMs` is how long opening took, more than one round trip, milliseconds. */
  start(openedInMs: number): void {
    this.stop();
    this.#rttMs = openedInMs;
    // Pings at once, or a link that breaks before the first beat would never be noticed.
    this.#ask();
    this.#plan();
  }

  /** The link is closed: pending pings count as not answered. */
  stop(): void {
    this.#cancelNext?.();
    this.heard();
    this.#cancelNext = null;
    for (const { then } of this.#asked.splice(0)) then?.(false);
  }

  /** Pings now; `then` is called when this very ping is answered, or will not be. */
  probe(then?: Answered): void {
    if (this.#cancelVerdict && !then) return;
    this.#ask(then);
    this.#cancelVerdict ??= this.#needs.later(
      () => {
        this.#cancelVerdict = null;
        this.#needs.onSilence();
      },
      Math.min(Math.max(PONG_WITHIN_MS, LATE * this.#rttMs), PONG_LONGEST_MS),
    );
  }

  /** A message came in. */
  heard(): void {
    this.#cancelVerdict?.();
    this.#cancelVerdict = null;
  }

  /** An answer came in. */
  pong(): void {
    const answered = this.#asked.shift();
    if (!answered) return;
    const rttMs = this.#needs.clock.monotonic() - answered.atMs;
    this.#rttMs = Math.max(rttMs, (this.#rttMs + rttMs) / 2);
    // What was asked so long ago may not be wanted any more.
    answered.then?.(rttMs <= PONG_LONGEST_MS);
  }

  #ask(then?: Answered): void {
    this.#asked.push({ atMs: this.#needs.clock.monotonic(), then });
    this.#needs.ping();
  }

  #plan(): void {
    this.#cancelNext = this.#needs.later(() => {
      if (this.#needs.isVisible()) this.probe();
      else this.#ask();
      this.#plan();
    }, PING_EVERY_MS);
  }
}
