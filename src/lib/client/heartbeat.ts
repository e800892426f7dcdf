/**
 * Notices a link that died without a word: phones that slept, networks that changed. It asks every 5 s, which also tells
 * the room that somebody is still there. While the page is seen, no sign of life in time means that the link is gone; what
 * is in time follows the round trips of this very link. A page in the background may be too slow to judge, and looks as
 * soon as it is seen again.
 */
import type { Cancel, Clock, Later } from './surroundings.ts';

/** How often a quiet link is asked, milliseconds. The room's answer is automatic and wakes nothing. */
export const PING_EVERY_MS = 5_000;
/** How long an answer may take on a fast link, and on the slowest that is waited for, milliseconds. */
export const PONG_WITHIN_MS = 2_000;
const PONG_LONGEST_MS = 15_000;
/** Round trips after which an answer is late: the slow link's own next one may take longer. */
const LATE = 2;

/** What a heartbeat needs. */
export interface HeartbeatNeeds {
  clock: Pick<Clock, 'monotonic'>;
  later: Later;
  isVisible: () => boolean;
  ping: () => unknown;
  /** The link gave no sign of life. */
  onSilence: () => void;
}

/** Hears whether the link carried a question and its answer. */
type Answered = (isAlive: boolean) => void;

/** See the module's header. Anything heard counts as a sign of life; only an answer tells that a question arrived. */
export class Heartbeat {
  #cancelNext: Cancel | null = null;
  #cancelVerdict: Cancel | null = null;
  /** Questions without an answer, oldest first: the room answers each, in their order. */
  #asked: { atMs: number; then: Answered | undefined }[] = [];
  /** A recent round trip: a longer one counts at once, a shorter one by and by. Milliseconds. */
  #rttMs = 0;
  readonly #needs: HeartbeatNeeds;

  constructor(needs: HeartbeatNeeds) {
    this.#needs = needs;
  }

  /** The link is open; opening it took so long, milliseconds: more than one round trip. */
  start(openedInMs: number): void {
    this.stop();
    this.#rttMs = openedInMs;
    // Said at once: a link that dies before its first beat would be believed for good.
    this.#ask();
    this.#plan();
  }

  /** The link is closed: nothing to ask, and what was asked did not arrive. */
  stop(): void {
    this.#cancelNext?.();
    this.heard();
    this.#cancelNext = null;
    for (const { then } of this.#asked.splice(0)) then?.(false);
  }

  /** Asks now; `then` hears the answer to this very question, or that there will be none. */
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
