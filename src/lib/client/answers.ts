/** What calls answer, by their name: pages need no word of the protocol for it. */
import type { PresenterApi } from './presenter-api.ts';

/** Data of a call's good answer. */
export type AnswerOf<K extends Exclude<keyof PresenterApi, 'way' | 'hasToken'>> = Extract<
  Awaited<ReturnType<PresenterApi[K]>>,
  { ok: true }
>['data'];
