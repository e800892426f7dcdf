/** The pages in a real browser, opened as their users open them. It paints without a graphics card, wherever it runs. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Session, Site } from '../../scripts/crowd/site.mjs';
import { findBrowser } from '../../scripts/lib/browser.mjs';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SCREENS = { phone: { width: 390, height: 844 }, stage: { width: 1_920, height: 1_080 } };
/** How long a page may take to be there, milliseconds. */
const THERE_WITHIN_MS = 30_000;

/** The phone's one button while it takes taps. */
export const READY = 'button.tap[aria-disabled="false"]';

/** Starts a browser. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  if (executablePath === undefined) {
    throw new Error('There is no browser: install Chromium, or set CHROMIUM_PATH to one.');
  }
  // Loaded here: only one of the measures needs it.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: ARGS });
}

/** A phone that was nowhere yet. */
export function newPhone(browser: Browser): Promise<BrowserContext> {
  return newDevice(browser, {
    viewport: SCREENS.phone,
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  });
}

/** A phone that came in by the code and can tap. */
export async function openPhonePage(browser: Browser, site: Site, show: string): Promise<Page> {
  const page = await (await newPhone(browser)).newPage();
  await page.goto(`${site.url}/j/${show}`);
  await page.locator(READY).waitFor();
  return page;
}

/** The projector's page of a show, live. */
export async function openStagePage(browser: Browser, site: Site, { token, show }: Session): Promise<Page> {
  const context = await newDevice(browser, { viewport: SCREENS.stage });
  const answer = await context.request.post(`${site.url}/api/auth/login`, {
    headers: { authorization: `Bearer ${token}` },
    data: { role: 'presenter', show },
  });
  if (!answer.ok()) throw new Error(`The stage could not sign in: ${await answer.text()}`);
  const page = await context.newPage();
  await page.goto(`${site.url}/stage/${show}`);
  await page.getByText('● live').waitFor();
  return page;
}

async function newDevice(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0],
): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme: 'dark', ...options });
  context.setDefaultTimeout(THERE_WITHIN_MS);
  return context;
}
