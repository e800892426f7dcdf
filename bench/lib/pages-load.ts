/** How long a phone's page takes on a slow network, from the address to a button that takes taps. */
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import type { Site } from '../../scripts/crowd/site.mjs';
import { newPhone, READY } from './pages.ts';

/** Lighthouse's slow 4G (round trip in milliseconds, bits a second) and its slowdown of the processor. */
const SLOW_4G = { rttMs: 150, downBits: 1_600_000, upBits: 750_000, cpuSlowdown: 4 };

/** Result of {@link loadPhonePage}. */
export interface PageLoad {
  /** From the start of the navigation until the button takes taps. */
  usableMs: number;
  scripts: number;
  /** Size of all scripts that were loaded until then, each gzipped by itself. */
  gzipBytes: number;
}

/** Loads the phone's page with an empty cache over slow 4G. */
export async function loadPhonePage(browser: Browser, site: Site, show: string): Promise<PageLoad> {
  const context = await newPhone(browser);
  const page = await context.newPage();
  await slowDown(page);
  const scripts: Promise<number>[] = [];
  page.on('response', (response) => {
    if (!(response.headers()['content-type'] ?? '').includes('javascript')) return;
    scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.addInitScript(noteWhenThere, READY);
  await page.goto(`${site.url}/j/${show}`, { waitUntil: 'commit' });
  await page.locator(READY).waitFor();
  const usableMs = await page.evaluate(() => (window as unknown as { thereMs: number }).thereMs);
  const sizes = await Promise.all(scripts);
  await context.close();
  return { usableMs, scripts: sizes.length, gzipBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: SLOW_4G.rttMs,
    downloadThroughput: SLOW_4G.downBits / 8,
    uploadThroughput: SLOW_4G.upBits / 8,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW_4G.cpuSlowdown });
}

/** Runs in the page before anything else: records when the first element of a selector exists. */
function noteWhenThere(selector: string): void {
  const watcher = new MutationObserver(() => {
    if (!document.querySelector(selector)) return;
    Object.assign(window, { thereMs: performance.now() });
    watcher.disconnect();
  });
  watcher.observe(document, { subtree: true, childList: true, attributes: true });
}
