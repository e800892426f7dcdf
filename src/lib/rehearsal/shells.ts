/** What the service worker may keep: built files, and pages that are the same for everybody. */

/** Beginning of the names of its caches; the build's version follows. */
export const CACHE_PREFIX = 'revenue-guard-';
/** The page that stands in, without a network, for one that was not kept: from there a rehearsal can be opened. */
export const OFFLINE_PAGE = '/rehearsal';

const CODE = '[A-Za-z0-9]{6}';
/** The door, the rehearsal's door, and the screens of a show. */
const SHELLS = new RegExp(`^/(?:rehearsal|(?:j|stage|control)/${CODE}|control/${CODE}/notes)?$`);

/** True for a page that holds nothing of a session: its state comes over the API, which is never kept. */
export function isShell(path: string): boolean {
  return SHELLS.test(path);
}

/** True for a file whose name changes with its content. */
export function isBuilt(path: string): boolean {
  return path.startsWith('/_app/immutable/');
}

/** True for a cache of this site's service worker, of any build. */
export function isOwnCache(name: string): boolean {
  return name.startsWith(CACHE_PREFIX);
}
