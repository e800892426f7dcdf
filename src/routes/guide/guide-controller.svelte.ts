/** State of the guide's page: the show that its figures are read from. */
import { createContext } from 'svelte';
import { readShow } from '#lib/client/last-show.ts';
import type { FetchedShow } from './fetch-show.ts';
import { fetchShow } from './fetch-show.ts';
import type { GuideShow } from './figures.ts';

/** Phases of reading a show. */
export type Reading =
  /** No show is named and this browser knows none, or reading has not begun. */
  | { kind: 'none' }
  | { kind: 'asking'; code: string }
  | { kind: 'read'; code: string; show: GuideShow }
  | { kind: 'refused'; code: string; sentence: string };

/** Reads one show at a time; the answer for a show that is no longer wanted is dropped. */
export class GuideController {
  #reading = $state.raw<Reading>({ kind: 'none' });
  readonly #fetch: (code: string) => Promise<FetchedShow>;

  constructor(fetch: (code: string) => Promise<FetchedShow> = fetchShow) {
    this.#fetch = fetch;
  }

  /** The phase of reading. */
  get reading(): Reading {
    return this.#reading;
  }

  /** The show, once it was read. */
  get show(): GuideShow | null {
    return this.#reading.kind === 'read' ? this.#reading.show : null;
  }

  /** Reads a show, also when it was read before; null closes the one that is open. */
  async open(code: string | null): Promise<void> {
    if (code === null) {
      this.#reading = { kind: 'none' };
      return;
    }
    const asking: Reading = { kind: 'asking', code };
    this.#reading = asking;
    const fetched = await this.#fetch(code);
    if (this.#reading !== asking) return;
    if (fetched.ok) readShow.remember(code);
    this.#reading = fetched.ok
      ? { kind: 'read', code, show: fetched.show }
      : { kind: 'refused', code, sentence: fetched.sentence };
  }
}

/** The page's controller, for its components. */
export const [getGuideController, setGuideController] = createContext<GuideController>();
