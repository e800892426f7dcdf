/** Somebody in front of a window: reads what is drawn, presses, types. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import type { Browser, BrowserWindow, InputSource } from './browser.ts';

/** How long anything on a page may take, milliseconds. */
const WITHIN_MS = 20_000;
const PICTURES = join(ROOT, 'artifacts', 'browsers');
/** Keys that are no letters, by the WebDriver standard. */
const KEYS = { Enter: '\uE007', PageDown: '\uE00F' };

/** One window, and the site that is open in it. */
export class Screen {
  readonly #window: BrowserWindow;
  readonly #pointer: InputSource;
  readonly #site: string;

  private constructor(window: BrowserWindow, site: string, pointerType: 'mouse' | 'touch') {
    this.#window = window;
    this.#site = site;
    this.#pointer = { type: 'pointer', id: pointerType, parameters: { pointerType } };
  }

  /** Opens a window on a site; it is pressed with a mouse or with a finger. */
  static async open(
    browser: Browser,
    site: string,
    size: { width: number; height: number },
    pointer: 'mouse' | 'touch' = 'mouse',
  ): Promise<Screen> {
    return new Screen(await browser.open(size), site, pointer);
  }

  goto(path: string): Promise<void> {
    return this.#window.goto(`${this.#site}${path}`);
  }

  reload(): Promise<void> {
    return this.#window.reload();
  }

  /** Leaves the site, for an empty page. */
  leaves(): Promise<void> {
    return this.#window.goto('about:blank');
  }

  /** Back to the page before. */
  back(): Promise<void> {
    return this.#window.back();
  }

  /** Runs a function in the page, which knows only its arguments. */
  async asks<A extends readonly unknown[], T>(what: (...args: A) => T, ...args: A): Promise<Awaited<T>> {
    const list = args.map((arg) => JSON.stringify(arg)).join();
    return (await this.#window.evaluate(`(${String(what)})(${list})`)) as Awaited<T>;
  }

  /** All words that can be seen, or those of the first element of a selector; empty while there is none. */
  async words(selector = 'body'): Promise<string> {
    const text = await this.asks(
      (css) => document.querySelector<HTMLElement>(css)?.innerText ?? '',
      selector,
    );
    return text.replace(/\s+/g, ' ').trim();
  }

  /** Waits until words can be seen. */
  async sees(words: string | RegExp, selector?: string): Promise<void> {
    let seen = '';
    await this.until(
      async () => {
        seen = await this.words(selector);
        return typeof words === 'string' ? seen.includes(words) : words.test(seen);
      },
      () => `${String(words)} cannot be seen, but: ${seen}`,
    );
  }

  /** Waits until something holds; a page that is on its way to another one answers nothing. */
  async until(holds: () => Promise<boolean>, otherwise: () => string): Promise<void> {
    const options = { timeout: WITHIN_MS, interval: 50 };
    try {
      await vi.waitUntil(() => holds().catch(() => false), options);
    } catch {
      await this.shoot('failed');
      throw new Error(`${otherwise()}\nOn the page: ${await this.words()}`);
    }
  }

  /** Waits until an element of a selector is there, or until none is. */
  has(selector: string, isThere = true): Promise<void> {
    const is = async () => (await this.#place(selector, '')) !== null;
    return this.until(
      async () => (await is()) === isThere,
      () => `${selector} is ${isThere ? 'not ' : ''}there.`,
    );
  }

  /** Presses a button or a link, by the beginning of its words. */
  presses(words: string): Promise<void> {
    return this.taps('button, a[href]', 1, words);
  }

  /** Taps the middle of an element, as fast as the browser's driver is. */
  async taps(selector: string, times = 1, words = ''): Promise<void> {
    let at: { x: number; y: number } | null = null;
    // What is still moving would be missed: it has to be found twice in the same place.
    const stands = async () => {
      const before = at;
      at = await this.#place(selector, words);
      return at !== null && at.x === before?.x && at.y === before.y;
    };
    await this.until(stands, () => `There is no ${selector} ${words}`);
    const tap = [
      { type: 'pointerMove', duration: 0, ...at! },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ];
    const actions = Array.from({ length: times }, () => tap).flat();
    await this.#window.perform([{ ...this.#pointer, actions }]);
  }

  /** Types into the field with a label, in place of what stands there. */
  async types(label: string, text: string): Promise<void> {
    const take = (begins: string) => {
      const labels = [...document.querySelectorAll('label')];
      const field = labels.find(({ innerText }) => innerText.trim().startsWith(begins))?.control;
      if (!(field instanceof HTMLInputElement)) return false;
      field.focus();
      field.select();
      return true;
    };
    await this.until(
      () => this.asks(take, label),
      () => `There is no field ${label}`,
    );
    await this.#strikes([...text]);
  }

  strikes(key: keyof typeof KEYS): Promise<void> {
    return this.#strikes([KEYS[key]]);
  }

  /** Keeps a picture of it, for people to look at. */
  async shoot(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(join(PICTURES, `${name}.png`), Buffer.from(await this.#window.picture(), 'base64'));
  }

  #strikes(keys: readonly string[]): Promise<void> {
    const actions = keys.flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    return this.#window.perform([{ type: 'key', id: 'keyboard', actions }]);
  }

  /** The middle of the first element that can be seen, is not disabled and begins with words, scrolled to where it can be pressed. */
  #place(selector: string, words: string): Promise<{ x: number; y: number } | null> {
    const find = (css: string, begins: string) => {
      const found = [...document.querySelectorAll<HTMLElement>(css)].find((each) => {
        const name = (each.getAttribute('aria-label') ?? each.innerText).replace(/\s+/g, ' ').trim();
        return each.checkVisibility() && !each.matches(':disabled') && name.startsWith(begins);
      });
      if (!found) return null;
      found.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { left, top, width, height } = found.getBoundingClientRect();
      return { x: Math.round(left + width / 2), y: Math.round(top + height / 2) };
    };
    return this.asks(find, selector, words);
  }
}
