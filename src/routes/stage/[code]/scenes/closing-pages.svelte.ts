/** Which page behind the verdict stands on the stage, and the show that all of them and the verdict read. */
import type { Identity } from '#lib/client/identity.ts';
import type { PresenterApi } from '#lib/client/presenter-api.ts';
import { turned } from './closing.ts';
import type { ClosingPage } from './closing.ts';
import { readerOf } from './read-show.ts';
import type { ShowReader } from './show-reader.ts';

/** One for each stage. {@link ClosingPages.close} it when its page goes. */
export class ClosingPages {
  readonly reader: ShowReader;
  #page = $state<ClosingPage | null>(null);

  constructor(api: PresenterApi, identity: Identity) {
    this.reader = readerOf(api, identity);
  }

  /** Null while the step's own scene stands. */
  get page(): ClosingPage | null {
    return this.#page;
  }

  /** On to the next page; behind the last one to none. */
  turn(): void {
    this.#page = turned(this.#page);
  }

  /** Back to the step's scene. */
  leave(): void {
    this.#page = null;
  }

  /** Ends reading. */
  close(): void {
    this.reader.close();
  }
}
