/**
 * Lets a page load again without a network, so that a rehearsal outlives the venue's Wi-Fi. It keeps built files, whose names
 * change with their contents, and the shells of a few pages, which contain nothing of a session; no answer of the API. Pages
 * come from the network whenever there is one, so a kept page is never shown while a newer server can be reached.
 */
import { build, version } from '$service-worker';
import { isBuilt, isShell, isOwnCache, OFFLINE_PAGE, CACHE_PREFIX } from '#lib/rehearsal/shells.ts';

/** The part of `ServiceWorkerGlobalScope` that is used; the project's types are those of pages. */
interface Scope {
  addEventListener(type: 'install' | 'activate', listen: (event: Extendable) => void): void;
  addEventListener(type: 'message', listen: (event: Extendable & { data: unknown }) => void): void;
  addEventListener(type: 'fetch', listen: (event: Fetching) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
/** Font format that only browsers without service workers need. */
const UNUSED = /\.woff$/;
const CACHE = `${CACHE_PREFIX}${version}`;

// Nothing is fetched at install: a phone that never rehearses loads this one small file only.
scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('message', (event) => {
  const { data } = event;
  // A page of an older build sends a single path.
  const asked = typeof data === 'object' && data !== null && 'keep' in data ? [data.keep].flat() : [];
  const paths = asked.filter((path): path is string => typeof path === 'string' && isShell(path));
  if (paths.length > 0) event.waitUntil(keep(paths));
});
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
  if (isBuilt(url.pathname)) event.respondWith(builtFile(request));
  else if (request.mode === 'navigate' && isShell(url.pathname))
    event.respondWith(page(request, url.pathname));
});

/** Deletes the caches of older builds and takes control of open pages. */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) {
    if (isOwnCache(name) && name !== CACHE) await caches.delete(name);
  }
  await scope.clients.claim();
}

/**
 * Caches every built file, the fallback page and the pages, in this order: a page that is kept has all that it may load later. What
 * cannot be fetched is left out.
 */
async function keep(paths: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const wanted of [...build.filter((file) => !UNUSED.test(file)), OFFLINE_PAGE, ...paths]) {
    try {
      if (!(await cache.match(wanted))) await cache.add(wanted);
    } catch {
      // Not there any more, or no network: the next page asks again.
    }
  }
}

async function builtFile(request: Request): Promise<Response> {
  const kept = await caches.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  // Files below /_app/immutable are small, and their names change with their contents.
  if (answer.ok && answer.type === 'basic') {
    const cache = await caches.open(CACHE);
    await cache.put(request.url, answer.clone());
  }
  return answer;
}

async function page(request: Request, path: string): Promise<Response> {
  try {
    const answer = await fetch(request);
    const cache = await caches.open(CACHE);
    if (answer.ok && (await cache.match(path))) await cache.put(path, answer.clone());
    return answer;
  } catch (error) {
    const cache = await caches.open(CACHE);
    const kept = (await cache.match(path)) ?? (await cache.match(OFFLINE_PAGE));
    if (kept) return kept;
    throw error;
  }
}
