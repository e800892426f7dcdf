/** The show that the guide read last in this browser, which may have ended. */
import { isShowCode } from '#lib/domain/show-code.ts';
import type { Store } from '#lib/client/surroundings.ts';
import { safeStorage } from '#lib/client/surroundings.ts';

const PLACE = 'rgl.guide';
const localStore = safeStorage(() => localStorage);

/** Stores the code of a show that was read. */
export function rememberRead(code: string, store: Store = localStore): void {
  store.setItem(PLACE, code);
}

/** The stored code, or null; the show may no longer be readable. */
export function lastRead(store: Store = localStore): string | null {
  const code = store.getItem(PLACE);
  return code !== null && isShowCode(code) ? code : null;
}
