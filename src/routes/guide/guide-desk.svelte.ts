/** The page's state: which show the figures are read from, and what came of reading it. */
import { createContext } from 'svelte';
import type { FetchedShow } from './fetch-show.ts';
import { fetchShow } from './fetch-show.ts';
import type { GuideShow } from './figures.ts';
import { rememberRead } from './last-read.ts';

/** Where the desk stands. */
export type Reading =
  /** No show was named, and this browser knows of none; or nobody has looked yet. */
  | { kind: 'none' }
  | { kind: 'asking'; code: string }
  | { kind: 'read'; code: string; show: GuideShow }
  | { kind: 'refused'; code: string; sentence: string };

/** Reads one show at a time; an answer that comes after another show was asked for is dropped. */
export class GuideDesk {
  #reading = $state.raw<Reading>({ kind: 'none' });
  readonly #fetch: (code: string) => Promise<FetchedShow>;

  constructor(fetch: (code: string) => Promise<FetchedShow> = fetchShow) {
    this.#fetch = fetch;
  }

  get reading(): Reading {
    return this.#reading;
  }

  /** The show, once it was read. */
  get show(): GuideShow | null {
    return this.#reading.kind === 'read' ? this.#reading.show : null;
  }

  /** Reads a show, again when it was read before; null closes it. */
  async open(code: string | null): Promise<void> {
    if (code === null) {
      this.#reading = { kind: 'none' };
      return;
    }
    const asking: Reading = { kind: 'asking', code };
    this.#reading = asking;
    const fetched = await this.#fetch(code);
    if (this.#reading !== asking) return;
    if (fetched.ok) rememberRead(code);
    this.#reading = fetched.ok
      ? { kind: 'read', code, show: fetched.show }
      : { kind: 'refused', code, sentence: fetched.sentence };
  }
}

/** The desk of the page that a part of it stands on. */
export const [getGuideDesk, setGuideDesk] = createContext<GuideDesk>();
