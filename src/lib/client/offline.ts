/**
 * Asks the service worker to keep what this page is made of, so that a reload works without a network. Only where there is
 * one.
 */

/** Pause after which a page that nothing keeps busy may fetch ahead, milliseconds. */
const IDLE_WITHIN_MS = 5_000;

/** Runs something when the page is idle. Returns a function that cancels it. */
export function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback !== 'function') {
    const timer = setTimeout(run, IDLE_WITHIN_MS);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: IDLE_WITHIN_MS });
  return () => cancelIdleCallback(handle);
}

/** Keeps these pages, by their paths. A page on plain http has no service worker, and nothing happens. */
export async function keepForOffline(paths: readonly string[]): Promise<void> {
  // Not in every browser, and not on plain http, whatever the type says.
  const container = (navigator as Partial<Navigator>).serviceWorker;
  const registration = await container?.ready;
  registration?.active?.postMessage({ keep: paths });
}

/** Every screen of a show: whoever is in its rehearsal may open the others without a network. */
export function screensOf(show: string): string[] {
  return [`/stage/${show}`, `/control/${show}`, `/control/${show}/notes`, `/j/${show}`];
}
