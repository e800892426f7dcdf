/** What a page costs while something happens: its main thread, its frames and its socket, measured from outside. */
import type { CDPSession, Page } from 'playwright-core';

/** Result of {@link usePage}. */
export interface PageUse {
  /** Processor time of the page's main thread, as a share of a core; and the parts that scripts, style and layout took. */
  main: number;
  script: number;
  layout: number;
  /** Payload of WebSocket messages that came in, bytes a second. */
  bytesPerSecond: number;
  /** How many of them, a second. */
  messagesPerSecond: number;
  /** Milliseconds between animation frames; empty unless `frames` was asked for. */
  frameMs: number[];
  /** Tasks of more than 50 ms; 0 unless `frames` was asked for. */
  longTasks: number;
}

interface Noted {
  isOver: boolean;
  frameMs: number[];
  longTasks: number;
}

/**
 * Measures a page while `during` runs.
 * @param frames records animation frames and long tasks, which costs the main thread a few percent
 */
export async function usePage(
  page: Page,
  { frames }: { frames: boolean },
  during: () => Promise<unknown>,
): Promise<PageUse> {
  const session = await page.context().newCDPSession(page);
  // Processor time and not wall time, because the load shares the machine with the page.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await session.send('Network.enable');
  let bytes = 0;
  let messages = 0;
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    bytes += Buffer.byteLength(response.payloadData);
    messages += 1;
  });
  if (frames) await page.evaluate(noteFrames);
  const before = await metricsOf(session);
  const startMs = performance.now();
  bytes = 0;
  messages = 0;
  await during();
  const [received, heard] = [bytes, messages];
  const after = await metricsOf(session);
  const seconds = (performance.now() - startMs) / 1_000;
  const { frameMs, longTasks } = frames ? await page.evaluate(notedFrames) : { frameMs: [], longTasks: 0 };
  await session.detach();
  const share = (...names: string[]) =>
    names.reduce((sum, name) => sum + (after.get(name) ?? NaN) - (before.get(name) ?? NaN), 0) / seconds;
  return {
    main: share('TaskDuration'),
    script: share('ScriptDuration'),
    layout: share('LayoutDuration', 'RecalcStyleDuration'),
    bytesPerSecond: received / seconds,
    messagesPerSecond: heard / seconds,
    frameMs,
    longTasks,
  };
}

/** Seconds of processor time since the page began, by activity. */
async function metricsOf(session: CDPSession): Promise<Map<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return new Map(metrics.map(({ name, value }) => [name, value]));
}

/** Runs in the page: records animation frames and long tasks until {@link notedFrames}. */
function noteFrames(): void {
  const noted: Noted = { isOver: false, frameMs: [], longTasks: 0 };
  Object.assign(window, { noted });
  let lastMs: number | null = null;
  const onFrame = (nowMs: number) => {
    if (noted.isOver) return;
    if (lastMs !== null) noted.frameMs.push(nowMs - lastMs);
    lastMs = nowMs;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  new PerformanceObserver((list) => {
    noted.longTasks += list.getEntries().length;
  }).observe({ type: 'longtask' });
}

/** Runs in the page: returns what was recorded. */
function notedFrames(): Noted {
  const { noted } = window as unknown as { noted: Noted };
  noted.isOver = true;
  return noted;
}
