/**
 * A browser as it is in a pocket: its tab goes out of sight, is frozen, and is kept when somebody goes back. The browser of a
 * {@link Venue} is told to do none of that, so that all of its pages run at once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findBrowser, QUIET } from '../../../scripts/lib/browser.mjs';
import { startProgram } from '../../browsers/support/program.ts';
import type { Program } from '../../browsers/support/program.ts';
import { Phone } from './phone.ts';
import { SCREENS, WITHIN_MS } from './venue.ts';

/** One device with one tab of the show; see the module's header. */
export class Handset {
  readonly phone: Phone;
  readonly #program: Program;
  readonly #profile: string;
  readonly #browser: Browser;
  readonly #tab: CDPSession;
  /** What is looked at meanwhile. */
  #other: Page | null = null;

  private constructor(program: Program, profile: string, browser: Browser, page: Page, tab: CDPSession) {
    this.phone = new Phone(page);
    this.#program = program;
    this.#profile = profile;
    this.#browser = browser;
    this.#tab = tab;
  }

  /** Switches a device on. */
  static async on(): Promise<Handset> {
    const profile = await mkdtemp(join(tmpdir(), 'rgl-handset-'));
    const { width, height } = SCREENS.phone;
    const own = [
      '--headless=new',
      '--lang=en-US',
      `--window-size=${width},${height}`,
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ];
    const program = await startProgram((await findBrowser())!, [...QUIET, ...own], /(ws:\S+)/);
    // `noDefaults`: Playwright would let every page believe that it is in front.
    const browser = await chromium.connectOverCDP(program.said[1]!, { noDefaults: true });
    const context = browser.contexts()[0]!;
    context.setDefaultTimeout(WITHIN_MS);
    const page = context.pages()[0]!;
    return new Handset(program, profile, browser, page, await context.newCDPSession(page));
  }

  get page(): Page {
    return this.phone.page;
  }

  /** Something else is looked at: the tab is out of sight. */
  async goesAway(): Promise<void> {
    // Opened by nobody: a page that has opened another one is not kept when its tab goes on.
    this.#other = await this.page.context().newPage();
    await this.#other.bringToFront();
    const isHidden = () => document.visibilityState === 'hidden';
    await this.page.waitForFunction(isHidden, undefined, { polling: 100 });
  }

  /** The system lets nothing of the tab run any more, as it does to tabs that nobody looks at. */
  async freezes(): Promise<void> {
    await this.#tab.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  /** The tab is looked at again. */
  async comesBack(): Promise<void> {
    await this.#tab.send('Page.setWebLifecycleState', { state: 'active' });
    await this.page.bringToFront();
    await this.#other?.close();
    await this.page.waitForFunction(() => document.visibilityState === 'visible', undefined, {
      polling: 100,
    });
  }

  /** Another page in the same tab, and back; true when the page of before was kept as it was, and not loaded anew. */
  async goesOnAndBack(meanwhile: () => Promise<void>): Promise<boolean> {
    await this.page.evaluate(() =>
      addEventListener('pageshow', ({ persisted }) => Object.assign(window, { wasKept: persisted })),
    );
    const before = this.page.url();
    await this.page.goto('about:blank');
    await meanwhile();
    // The answer would have to come from a page that is left.
    await this.page.evaluate(() => history.back()).catch(() => undefined);
    await this.page.waitForURL(before, { waitUntil: 'commit' });
    return this.page.evaluate(() => (window as unknown as { wasKept?: boolean }).wasKept === true);
  }

  /** Switches it off. */
  async off(): Promise<void> {
    await this.#browser.close();
    await this.#program.end();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 3 });
  }
}
