/**
 * Notices a link that died without a word: phones that slept, networks that changed. It asks every 5 s, which also tells
 * the room that somebody is still there. While the page is seen, no sign of life within 2 s of asking means that the link is
 * gone; a page in the background may be too slow to judge, and looks as soon as it is seen again.
 */
import type { Cancel, Later } from './surroundings.ts';

/** How often a quiet link is asked, milliseconds. The room's answer is automatic and wakes nothing. */
export const PING_EVERY_MS = 5_000;
/** How long an answer may take, milliseconds. */
export const PONG_WITHIN_MS = 2_000;

/** What a heartbeat needs. */
export interface HeartbeatNeeds {
  later: Later;
  isVisible: () => boolean;
  ping: () => unknown;
  /** The link gave no sign of life. */
  onSilence: () => void;
}

/** See the module's header. Anything heard counts as a sign of life. */
export class Heartbeat {
  #cancelNext: Cancel | null = null;
  #cancelVerdict: Cancel | null = null;
  readonly #needs: HeartbeatNeeds;

  constructor(needs: HeartbeatNeeds) {
    this.#needs = needs;
  }

  /** The link is open. */
  start(): void {
    this.stop();
    // Said at once: a link that dies before its first beat would be believed for good.
    this.#needs.ping();
    this.#plan();
  }

  /** The link is closed: nothing to ask. */
  stop(): void {
    this.#cancelNext?.();
    this.#cancelVerdict?.();
    this.#cancelNext = null;
    this.#cancelVerdict = null;
  }

  /** Asks now. */
  probe(): void {
    if (this.#cancelVerdict) return;
    this.#needs.ping();
    this.#cancelVerdict = this.#needs.later(() => {
      this.#cancelVerdict = null;
      this.#needs.onSilence();
    }, PONG_WITHIN_MS);
  }

  /** A message came in. */
  heard(): void {
    this.#cancelVerdict?.();
    this.#cancelVerdict = null;
  }

  #plan(): void {
    this.#cancelNext = this.#needs.later(() => {
      if (this.#needs.isVisible()) this.probe();
      else this.#needs.ping();
      this.#plan();
    }, PING_EVERY_MS);
  }
}
