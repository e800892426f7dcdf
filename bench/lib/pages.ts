/** The pages in a real browser, opened as their users open them; on every machine it paints in software. */
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
/** Longest time that a page may take to load, milliseconds. */
const THERE_WITHIN_MS = 30_000;

/** The phone's one button while it takes taps. */
export const READY = 'button.tap[aria-disabled="false"]';

/** Starts a browser. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  if (executablePath === undefined) {
    throw new Error('There is no browser: install Chromium, or set CHROMIUM_PATH to one.');
  }
  // Imported here because only the measures with pages need it.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: ARGS });
}

/** A phone's browser context with nothing stored. */
export function newPhone(browser: Browser): Promise<BrowserContext> {
  return newDevice(browser, {
    viewport: SCREENS.phone,
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  });
}

/** A phone's page that joined by the code and can tap. */
export async function openPhonePage(browser: Browser, site: Site, show: string): Promise<Page> {
  const page = await (await newPhone(browser)).newPage();
  await page.goto(`${site.url}/j/${show}`);
  await page.locator(READY).waitFor();
  return page;
}

/** The stage's page of a show, connected. */
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
