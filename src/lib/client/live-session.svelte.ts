/** A session as a page's live state: a thin shell of runes around {@link SessionKeeper}. */
import type { Api, ApiFailure } from './api.ts';
import type { Identity } from './identity.ts';
import { SessionKeeper } from './session-keeper.ts';
import type { SessionView } from './session-keeper.ts';
import { browserClock, browserLater } from './surroundings.ts';
import { browserPage } from './wake-up.ts';

/** Make one in the browser only, and {@link LiveSession.close} it when its page goes. */
export class LiveSession {
  #view = $state.raw<SessionView | null>(null);
  readonly #keeper: SessionKeeper;

  /** `roomOffset` is what the room said of its clock, see {@link Identity.clockOffsetMs}; null while it said nothing. */
  constructor(
    api: Api,
    { expiresAt, clockOffsetMs, role }: Identity,
    roomOffset: () => number | null | undefined,
  ) {
    this.#keeper = new SessionKeeper({
      expiresAt,
      clockOffsetMs: () => roomOffset() ?? clockOffsetMs,
      isAutomatic: role === 'participant',
      renew: () => api.renew(),
      clock: browserClock,
      later: browserLater,
      ...browserPage,
      onChange: (view) => {
        this.#view = view;
      },
    });
  }

  /** Unix milliseconds on the server's clock; moves on every second. */
  get nowMs(): number {
    return this.#current.nowMs;
  }
  get expiresAt(): number {
    return this.#current.expiresAt;
  }
  /** Never below 0. */
  get remainingMs(): number {
    return this.#current.remainingMs;
  }
  get isRenewing(): boolean {
    return this.#current.isRenewing;
  }
  /** Why the last renewal failed. */
  get problem(): ApiFailure | null {
    return this.#current.problem;
  }

  renew(): Promise<void> {
    return this.#keeper.renew();
  }
  close(): void {
    this.#keeper.close();
  }

  get #current(): SessionView {
    return this.#view ?? this.#keeper.view;
  }
}
