/** How a page comes into a rehearsal: over the shared worker of this browser, or alone where there is none (some phones). */
import type { HostLine } from './host.ts';
import { browserPace } from './pace.ts';
import type { Keep, ScreenLine } from './screen.ts';
import { Screen } from './screen.ts';
import type { Beginning } from './show.ts';

/** A worker that was started ahead, with nobody in it yet. */
let spare: Promise<ScreenLine> | null = null;

/** Starts the worker ahead of time, while there is a network to fetch it with. */
export async function prepare(): Promise<void> {
  await (spare ??= line());
}

/** Comes in, or begins what nobody has begun. */
export async function enter(beginning: Beginning, keep: Keep): Promise<Screen> {
  const taken = spare ?? line();
  spare = null;
  const screen = new Screen({
    line: await taken,
    beginning,
    keep,
    pace: browserPace,
    random: Math.random,
  });
  // A page that goes says so: nothing else tells the worker.
  addEventListener('pagehide', () => screen.close(), { once: true });
  return screen;
}

async function line(): Promise<ScreenLine> {
  const shared = typeof SharedWorker === 'function' ? await sharedLine() : null;
  return shared ?? ownLine();
}

/** The worker's port once it has answered; null when its file could not be had. */
function sharedLine(): Promise<ScreenLine | null> {
  return new Promise((resolve) => {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'rehearsal',
    });
    const port = worker.port as ScreenLine;
    worker.onerror = () => resolve(null);
    port.onmessage = () => resolve(port);
    port.postMessage({ k: 'hello' });
  });
}

/** A room for this page alone. */
async function ownLine(): Promise<ScreenLine> {
  const { Host } = await import('./host.ts');
  const { port1, port2 } = new MessageChannel();
  new Host(browserPace, () => Date.now()).serve(port1 as HostLine);
  return port2 as ScreenLine;
}
