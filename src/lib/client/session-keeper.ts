/**
 * Keeps a session alive. A participant's is renewed while its page is visible, when three quarters of its remaining time are
 * over: each renewal is billed as a write, and the last quarter (five of 20 minutes) is enough to try again. A presenter's is
 * renewed only on request, because it keeps the whole show open.
 */
import type { Api, ApiFailure, ApiResult } from './api.ts';
import { Changes } from './changes.ts';
import type { Identity } from './identity.ts';
import type { Cancel, Clock, Later, Page } from './surroundings.ts';
import { browserPage, browserTime } from './surroundings.ts';

/** Shortest pause between two renewals, milliseconds: after one that failed, or that the show's end cut short. */
const RETRY_MS = 15_000;
/** Share of what is left after which it is renewed. */
const RENEWED_AFTER = 0.75;
const TICK_MS = 1_000;

/** What a screen shows of a session. Times are milliseconds. */
export interface SessionView {
  /** Unix milliseconds on the server's clock, moved on every second. */
  nowMs: number;
  /** Unix milliseconds on the server's clock. */
  expiresAt: number;
  /** Never below 0. */
  remainingMs: number;
  isRenewing: boolean;
  /** Why the last renewal failed; null once one worked. */
  problem: ApiFailure | null;
}

/** What a keeper needs. */
export interface KeeperNeeds extends Page {
  /** Unix milliseconds on the server's clock. */
  expiresAt: number;
  /** What to add to the monotonic clock to get the server's Unix milliseconds, as it is known by now. */
  clockOffsetMs: () => number;
  /** True: renews by itself while the page is seen. */
  isAutomatic: boolean;
  renew: () => Promise<ApiResult<{ expiresAt: number }>>;
  clock: Pick<Clock, 'monotonic'>;
  later: Later;
}

/**
 * Keeps the session of this page. `roomOffset` is what the room said of its clock, see {@link Identity.clockOffsetMs}; null
 * while it said nothing. Make one in the browser only, and {@link SessionKeeper.close} it when its page goes.
 */
export function keepSession(
  api: Api,
  { expiresAt, clockOffsetMs, role }: Identity,
  roomOffset: () => number | null | undefined,
): SessionKeeper {
  return new SessionKeeper({
    expiresAt,
    clockOffsetMs: () => roomOffset() ?? clockOffsetMs,
    isAutomatic: role === 'participant',
    renew: () => api.renew(),
    ...browserTime,
    ...browserPage,
  });
}

/** Follows a session's remaining time, and renews a participant's session. */
export class SessionKeeper {
  #view: SessionView;
  #renewAtMs: number;
  #cancelTick: Cancel | null = null;
  readonly #changes = new Changes();
  readonly #needs: KeeperNeeds;
  readonly #forgetPage: () => void;

  constructor(needs: KeeperNeeds) {
    this.#needs = needs;
    this.#view = {
      nowMs: this.#now(),
      expiresAt: needs.expiresAt,
      remainingMs: Math.max(0, needs.expiresAt - this.#now()),
      isRenewing: false,
      problem: null,
    };
    this.#renewAtMs = this.#nextRenewal();
    this.#forgetPage = needs.onWake(() => {
      this.#tick();
    });
    this.#tick();
  }

  /** The session's state now. */
  get view(): SessionView {
    this.#changes.read();
    return this.#view;
  }

  /** Renews now. A failure is kept in the view; the session lives on until it expires. */
  async renew(): Promise<void> {
    if (this.#view.isRenewing) return;
    this.#show({ isRenewing: true });
    const answer = await this.#needs.renew();
    if (answer.ok) {
      this.#show({ isRenewing: false, problem: null, expiresAt: answer.data.expiresAt });
      this.#renewAtMs = this.#nextRenewal();
    } else {
      this.#renewAtMs = this.#now() + RETRY_MS;
      this.#show({ isRenewing: false, problem: answer });
    }
  }

  /** Stops its timer and listeners. */
  close(): void {
    this.#cancelTick?.();
    this.#forgetPage();
  }

  #tick(): void {
    this.#cancelTick?.();
    this.#cancelTick = this.#needs.later(() => {
      this.#tick();
    }, TICK_MS);
    this.#show({});
    const { isAutomatic, isVisible } = this.#needs;
    const isDue = this.#view.nowMs >= this.#renewAtMs && this.#view.remainingMs > 0;
    if (isAutomatic && isDue && isVisible()) void this.renew();
  }

  #nextRenewal(): number {
    return this.#now() + Math.max(RETRY_MS, RENEWED_AFTER * (this.#view.expiresAt - this.#now()));
  }

  #now(): number {
    return this.#needs.clock.monotonic() + this.#needs.clockOffsetMs();
  }

  #show(change: Partial<SessionView>): void {
    const nowMs = this.#now();
    const next = { ...this.#view, ...change, nowMs };
    this.#view = { ...next, remainingMs: Math.max(0, next.expiresAt - nowMs) };
    this.#changes.tell();
  }
}
