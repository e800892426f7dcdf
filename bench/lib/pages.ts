/**
 * The pages in a real browser, opened as their users open them: how soon they are there, and what they cost while something
 * happens, measured from outside. On every machine it paints in software.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { sum } from '../../scripts/crowd/hammering.ts';
import type { Session, Site } from '../../scripts/crowd/site.ts';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const STAGE = { viewport: { width: 1_920, height: 1_080 } };
/** Longest time that a page may take to load, milliseconds. */
const THERE_WITHIN_MS = 30_000;

/** The phone's one button while it takes taps. */
export const READY = 'button.tap[aria-disabled="false"]';

/** A phone's browser context with nothing stored. */
function newPhone(browser: Browser): Promise<BrowserContext> {
  return newDevice(browser, PHONE);
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
  const context = await newDevice(browser, STAGE);
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

async function newDevice(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme: 'dark', ...options });
  context.setDefaultTimeout(THERE_WITHIN_MS);
  return context;
}

/** Lighthouse's slow 4G (round trip in milliseconds, bits a second) and its slowdown of the processor. */
const SLOW_4G = { rttMs: 150, downBits: 1_600_000, upBits: 750_000, cpuSlowdown: 4 };

/**
 * Loads the phone's page with an empty cache over slow 4G. `usableMs`: from the start of the navigation until the button takes
 * taps; `gzipBytes`: of all scripts that were loaded until then, each gzipped by itself.
 */
export async function loadPhonePage(browser: Browser, site: Site, show: string) {
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
  return { usableMs, scripts: sizes.length, gzipBytes: sum(sizes, (size) => size) };
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

/** What was painted; nothing unless it was asked for. */
interface Painted {
  /** Milliseconds between animation frames. */
  frameMs: number[];
  /** Tasks of more than 50 ms. */
  longTasks: number;
}

/** Result of {@link usePage}. */
export interface PageUse extends Painted {
  /** Processor time of the page's main thread, as a share of a core; and the parts that scripts, style and layout took. */
  main: number;
  script: number;
  layout: number;
  /** Payload of WebSocket messages that came in, bytes a second. */
  bytesPerSecond: number;
  /** How many of them, a second. */
  messagesPerSecond: number;
}

/**
 * Measures a page while `during` runs.
 * @param paints records animation frames and long tasks, which costs the main thread a few percent
 */
export async function usePage(
  page: Page,
  during: () => Promise<unknown>,
  { paints = false } = {},
): Promise<PageUse> {
  const session = await page.context().newCDPSession(page);
  // Processor time and not wall time, because the load shares the machine with the page.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await session.send('Network.enable');
  if (paints) await page.evaluate(notePainted);
  const before = await metricsOf(session);
  const startMs = performance.now();
  let bytes = 0;
  let messages = 0;
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    bytes += Buffer.byteLength(response.payloadData);
    messages += 1;
  });
  await during();
  const [received, heard] = [bytes, messages];
  const after = await metricsOf(session);
  const seconds = (performance.now() - startMs) / 1_000;
  const painted = paints
    ? await page.evaluate(() => (window as unknown as { painted: Painted }).painted)
    : { frameMs: [], longTasks: 0 };
  await session.detach();
  const share = (...names: string[]) =>
    names.reduce((sum, name) => sum + (after.get(name) ?? NaN) - (before.get(name) ?? NaN), 0) / seconds;
  return {
    main: share('TaskDuration'),
    script: share('ScriptDuration'),
    layout: share('LayoutDuration', 'RecalcStyleDuration'),
    bytesPerSecond: received / seconds,
    messagesPerSecond: heard / seconds,
    ...painted,
  };
}

/** Seconds of processor time since the page began, by activity. */
async function metricsOf(session: CDPSession): Promise<Map<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return new Map(metrics.map(({ name, value }) => [name, value]));
}

/** Runs in the page: records animation frames and long tasks until the page is closed. */
function notePainted(): void {
  const painted: Painted = { frameMs: [], longTasks: 0 };
  Object.assign(window, { painted });
  let lastMs = NaN;
  const onFrame = (nowMs: number) => {
    if (!Number.isNaN(lastMs)) painted.frameMs.push(nowMs - lastMs);
    lastMs = nowMs;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  new PerformanceObserver((list) => {
    painted.longTasks += list.getEntries().length;
  }).observe({ type: 'longtask' });
}
