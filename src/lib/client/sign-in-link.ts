/**
 * The presenter's sign-in link: a token behind `#`, which browsers never send. It leaves the address bar before anybody can
 * read it, and is remembered by this tab alone, so that the page may be loaded again, until it has been used.
 */
import type { Store } from './surroundings.ts';

const NAME = 'signin';
const PLACE = 'rgl.signin';

/** The token of an address's fragment; null when it has none. */
export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get(NAME);
  return token ? token.trim() : null;
}

/** Takes the token out of the address bar and of the history's present entry, or what this tab kept of it. Null when there is none. */
export function takeSignInToken(
  place: Pick<Location, 'hash' | 'pathname' | 'search'>,
  past: Pick<History, 'state' | 'replaceState'>,
  tab: Store,
): string | null {
  const token = tokenOf(place.hash);
  if (token === null) return tab.getItem(PLACE);
  past.replaceState(past.state, '', `${place.pathname}${place.search}`);
  tab.setItem(PLACE, token);
  return token;
}

/** It was used, or is of no use: nothing of it stays. */
export function forgetSignInToken(tab: Store): void {
  tab.removeItem(PLACE);
}
