/**
 * A venue: one browser, and the people in it, each in a context of their own. They open the show by an address of a
 * local network, as a room does: it is no secure context, so what only those have (crypto.randomUUID, clipboard, wake
 * lock) is missing. No other host can be reached, and whatever a page complains of is kept.
 */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../../../scripts/lib/browser.mjs';

/** Address that every browser of the venue takes for the server's. */
const ADDRESS = '192.168.1.20';
/** The same server from its own computer: a secure context, where a page can be loaded again without a network. */
export const LOOPBACK = '127.0.0.1';
const ONLY_OURS = `--host-resolver-rules=MAP ${ADDRESS} 127.0.0.1, MAP ${LOOPBACK} 127.0.0.1, MAP * ~NOTFOUND`;
/** How long anything on a page may take, milliseconds. */
export const WITHIN_MS = 15_000;

/** Screens of the people in a venue. */
export const SCREENS = {
  stage: { width: 1920, height: 1080 },
  control: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  smallPhone: { width: 320, height: 568 },
} as const;

/** The browser and its people; `complaints` are what their pages said and no test expected. */
export class Venue {
  readonly url: string;
  readonly #browser: Browser;
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  private constructor(browser: Browser, address: string, port: number) {
    this.#browser = browser;
    this.url = `http://${address}:${port}`;
  }

  /** Opens a browser in front of a server of this machine, by the address of a venue unless another one is named. */
  static async open({ port }: { port: number }, address = ADDRESS): Promise<Venue> {
    return new Venue(await launchBrowser([ONLY_OURS]), address, port);
  }

  /** A device of its own: cookies and storage are nobody else's. */
  async device(options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await this.#browser.newContext({ colorScheme: 'dark', baseURL: this.url, ...options });
    context.setDefaultTimeout(WITHIN_MS);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    return context;
  }

  /** A phone of the audience. */
  phone(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.device({
      viewport: SCREENS.phone,
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
      ...options,
    });
  }

  /** A page whose complaints are heard; `who` names it in them. */
  async page(context: BrowserContext, who: string): Promise<Page> {
    return this.#hear(await context.newPage(), who);
  }

  /** A window of its own beside a page, as on a projector: the tabs of one window draw only while they are in front. */
  async window(beside: Page, who: string): Promise<Page> {
    const opened = beside.context().waitForEvent('page');
    await beside.evaluate(() => void window.open('about:blank', '', 'popup'));
    return this.#hear(await opened, who);
  }

  /** From now on a page may say this: the test brings it about. */
  expects(complaint: RegExp): void {
    this.#expected.push(complaint);
  }

  /** What pages complained of since the last time they were asked, and nobody expected. */
  complaints(): string[] {
    const heard = this.#complaints.splice(0);
    return heard.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)));
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  #hear(page: Page, who: string): Page {
    const complain = (what: string) => this.#complaints.push(`${who}: ${what}`);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
    });
    page.on('pageerror', (error) => complain(error.stack ?? error.message));
    const own = new URL(this.url).host;
    const seen = (url: string) => {
      const { protocol, host } = new URL(url);
      if (!['data:', 'blob:', 'about:'].includes(protocol) && host !== own) complain(`asked ${url}`);
    };
    page.on('request', (request) => seen(request.url()));
    page.on('websocket', (socket) => seen(socket.url()));
    return page;
  }
}
