/** A presenter's way into a show: the session of this browser, or one clear sentence. */
import { isShowCode } from '#lib/domain/show-code.ts';
import { phrase } from '#lib/language/phrase.ts';
import { createPresenterApi } from './presenter-api.ts';
import type { ApiFailure } from './api.ts';
import type { PresenterApi } from './presenter-api.ts';
import { enterShow } from './identity.ts';
import type { Identity } from './identity.ts';
import { networkBy } from './network.ts';
import { networkWords } from './network-words.ts';

/** How the entering stands. */
export type PresenterEntry =
  | { kind: 'entering' }
  | { kind: 'in'; identity: Identity }
  | { kind: 'out'; sentence: string; offline: boolean };

/** Enters once, and again when asked. */
export class PresenterSession {
  readonly api: PresenterApi = createPresenterApi();
  readonly #code: string | null;
  #entry: PresenterEntry = $state.raw({ kind: 'entering' });

  constructor(code: string | null) {
    this.#code = code;
    void this.enter();
  }

  /** State of entering the show. */
  get entry(): PresenterEntry {
    return this.#entry;
  }

  /** Enters the show with this browser's session. */
  async enter(): Promise<void> {
    if (this.#code === null) {
      this.#entry = {
        kind: 'out',
        sentence: phrase('This address does not name a show: its code has six characters.'),
        offline: false,
      };
      return;
    }
    this.#entry = { kind: 'entering' };
    const entered = await enterShow({ api: this.api, role: 'presenter', show: this.#code });
    this.#entry = entered.ok
      ? { kind: 'in', identity: entered.identity }
      : { kind: 'out', sentence: sentenceOf(entered), offline: entered.code === 'OFFLINE' };
  }
}

function sentenceOf(failure: ApiFailure): string {
  switch (failure.code) {
    case 'UNAUTHORIZED':
      return navigator.cookieEnabled
        ? phrase('This browser is not signed in as the presenter of this show.')
        : phrase(
            'This browser refuses cookies, and a presenter is known by one. Allow them for this address, then sign in at the door.',
          );
    case 'NOT_UNDERSTOOD':
      return networkWords(networkBy(failure));
    case 'EXPIRED_SESSION':
      return phrase('The presenter’s session has run out.');
    case 'FORBIDDEN':
      return isShowCode(failure.message)
        ? phrase(`This browser is signed in as presenter of another show (${failure.message}).`)
        : failure.message;
    case 'SHOW_ENDED':
      return phrase('This show has ended.');
    default:
      return failure.message;
  }
}
