/** Crowds of simulated shoppers: sent from the panel or by the act within the thumb's reach, and what became of them. */
import { MAX_UNITS } from '#lib/protocol/limits.ts';
import type { ApiFailure } from './api.ts';
import type { AnswerOf, PresenterApi } from './presenter-api.ts';

/** Shoppers at once: a queue, a room, a rush. */
export const CROWDS = [10, 50, 200] as const;
/** Most units that one shopper may ask for. */
export const MOST_UNITS = MAX_UNITS;

/** True for a number of units that a shopper may ask for. */
export function isUnits(units: unknown): units is number {
  return typeof units === 'number' && Number.isInteger(units) && units >= 1 && units <= MOST_UNITS;
}

/** Make one per room. */
export class CrowdController {
  readonly #api: PresenterApi;
  readonly #skuId: string;
  #under = $state<number | null>(null);
  #result = $state.raw<AnswerOf<'rush'> | null>(null);
  #failure = $state.raw<ApiFailure | null>(null);

  constructor(api: PresenterApi, skuId: string) {
    this.#api = api;
    this.#skuId = skuId;
  }

  /** How many are under way; null when none are. */
  get under(): number | null {
    return this.#under;
  }
  /** The answer to the last crowd; null without one. */
  get result(): AnswerOf<'rush'> | null {
    return this.#result;
  }
  /** Why the last crowd failed; null if it did not. */
  get failure(): ApiFailure | null {
    return this.#failure;
  }

  /** Sends them; a second crowd waits for the press after the first has settled. */
  async send(count: number, units = 1): Promise<void> {
    if (this.#under !== null) return;
    this.#under = count;
    this.#result = null;
    this.#failure = null;
    const answer = await this.#api.rush({ skuId: this.#skuId, count, units });
    this.#under = null;
    if (answer.ok) this.#result = answer.data;
    else this.#failure = answer;
  }
}
