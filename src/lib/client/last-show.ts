/** Which show this browser opened last: so that the door can offer the way back, and asks the server only when there may be one. */
import { isShowCode } from '#lib/domain/show-code.ts';
import type { Store } from './surroundings.ts';
import { safeStorage } from './surroundings.ts';

const PLACE = 'rgl.presenting';
const localStore = safeStorage(() => localStorage);

/** Remembers the code of a show that was opened here. */
export function rememberShow(code: string, store: Store = localStore): void {
  store.setItem(PLACE, code);
}

/** Forgets it: the show was ended here. */
export function forgetLastShow(store: Store = localStore): void {
  store.removeItem(PLACE);
}

/** The code, or null. It says nothing of whether the show still runs. */
export function lastShow(store: Store = localStore): string | null {
  const code = store.getItem(PLACE);
  return code !== null && isShowCode(code) ? code : null;
}
