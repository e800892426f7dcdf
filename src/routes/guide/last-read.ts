/** Which show the guide read last in this browser: one that has ended is no longer the one that it presents. */
import { isShowCode } from '#lib/domain/show-code.ts';
import type { Store } from '#lib/client/surroundings.ts';
import { safeStorage } from '#lib/client/surroundings.ts';

const PLACE = 'rgl.guide';
const localStore = safeStorage(() => localStorage);

/** Remembers a show that could be read. */
export function rememberRead(code: string, store: Store = localStore): void {
  store.setItem(PLACE, code);
}

/** Its code, or null. It says nothing of whether it can still be read. */
export function lastRead(store: Store = localStore): string | null {
  const code = store.getItem(PLACE);
  return code !== null && isShowCode(code) ? code : null;
}
