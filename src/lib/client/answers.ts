/** What calls answer, by their name: pages need no word of the protocol for it. */
import type { Api } from './api.ts';

/** Data of a call's good answer. */
export type AnswerOf<K extends Exclude<keyof Api, 'way' | 'hasToken'>> = Extract<
  Awaited<ReturnType<Api[K]>>,
  { ok: true }
>['data'];
