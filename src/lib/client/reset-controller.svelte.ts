/**
 * Asks for resets, honestly: a reset is asked for with one key until it is answered, so that a repeated press is the same
 * reset; a refusal counts down until another try may succeed.
 */
import { notReachedWords } from './presenter-acts.ts';
import type { ApiFailure } from './api.ts';
import type { PresenterApi } from './presenter-api.ts';
import { makeUuid } from './surroundings.ts';

/** What came of the newest reset. */
export type ResetOutcome =
  { kind: 'done'; epochs: Record<string, number> } | { kind: 'failed'; message: string };

/** The question, its answer, and the wait before the next. */
export class ResetController {
  readonly #api: PresenterApi;
  readonly #reach: () => Promise<boolean>;
  #open = $state(false);
  #busy = $state(false);
  #outcome: ResetOutcome | null = $state.raw(null);
  #now = $state(performance.now());
  #allowedAtMs = $state(0);
  #ticking: ReturnType<typeof setInterval> | null = null;
  /** The key of a reset that was asked for and not answered. */
  #key: string | null = null;

  /** `reach` says whether the show can be reached this very moment. */
  constructor(api: PresenterApi, reach: () => Promise<boolean>) {
    this.#api = api;
    this.#reach = reach;
  }

  /** True while the question stands on screen. */
  get open(): boolean {
    return this.#open;
  }
  /** True while a reset is under way. */
  get busy(): boolean {
    return this.#busy;
  }
  /** Result of the last reset; null before the first. */
  get outcome(): ResetOutcome | null {
    return this.#outcome;
  }
  /** Whole seconds until a reset may be asked for again; 0 when it may. */
  get waitSeconds(): number {
    return Math.max(0, Math.ceil((this.#allowedAtMs - this.#now) / 1_000));
  }

  /** Opens the dialog. */
  ask(): void {
    this.#outcome = null;
    this.#open = true;
  }
  /** Closes the dialog without a reset. */
  cancel(): void {
    this.#open = false;
  }
  /** Stops the timer with the page. */
  close(): void {
    if (this.#ticking) clearInterval(this.#ticking);
    this.#ticking = null;
  }

  /** Resets one product, or all of the show. */
  async reset(skuId: string | null): Promise<void> {
    this.#busy = true;
    // A call over a connection that died unnoticed would reset the show when the network is back.
    if (!(await this.#reach())) {
      this.#busy = false;
      this.#outcome = { kind: 'failed', message: notReachedWords() };
      return;
    }
    this.#key ??= makeUuid();
    const answer = await this.#api.reset(skuId, this.#key);
    this.#busy = false;
    // Without an answer it may have happened: the same key must ask again.
    if (answer.ok || answer.code !== 'OFFLINE') this.#key = null;
    if (answer.ok) {
      this.#open = false;
      this.#outcome = { kind: 'done', epochs: answer.data.epochs };
    } else {
      this.#refused(answer);
    }
  }

  #refused(answer: ApiFailure): void {
    this.#outcome = { kind: 'failed', message: answer.message };
    if (answer.retryAfterMs === null) return;
    this.#now = performance.now();
    this.#allowedAtMs = this.#now + answer.retryAfterMs;
    this.#ticking ??= setInterval(() => {
      this.#now = performance.now();
      if (this.waitSeconds > 0) return;
      this.#outcome = null;
      this.close();
    }, 250);
  }
}
